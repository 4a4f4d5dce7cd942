/** Works a page again from its original: turned, cut by other corners, enhanced otherwise. */

import { text } from '../../texts/i18n.js';
import { toBase64 } from '../../client/gaopai-identity.js';
import { toBytes } from '../../client/gaopai-message.js';

const GONE = 3007;
/** Finding what has to be hidden reads the whole page. */
const COPY_MS = 120_000;
/** So does reading what it says. */
const READ_MS = 60_000;
const SINGLE = 1;
/** What a camera's page is made of unless somebody said otherwise. */
const AUTOMATIC = { imageType: 8 };
const PLAIN = { imageType: 0, deskew: false, upright: false, fillBorderType: 0, removalForeign: 0, rotate: 0 };

/** Settings of a capture that its page is worked on with again. */
export function editOf(settings) {
  return Object.fromEntries(Object.keys(PLAIN).map((name) => [name, settings[name] ?? PLAIN[name]]));
}

/** Corners of an outline that was found and not trusted, or null. */
export function unsureOf(crop) {
  return crop?.state === 'unsure' ? crop.corners : null;
}

export class Rework {
  #gaopai;

  constructor(gaopai) {
    this.#gaopai = gaopai;
  }

  /** Members of the page that change. `turn` is in degrees clockwise, `search` cuts out the page; what is not named stays. */
  async apply(page, { turn = 0, corners, imageType, search = false }) {
    const wanted = { ...PLAIN, ...page.edit, ...(imageType !== undefined && { imageType }) };
    if (search) return this.#ask(page, sourceOf(page), { ...wanted, cropType: SINGLE }, wanted).catch(unlessGone);
    const cut = corners ?? page.corners;
    // The order of corners holds the turns so far; without any the settings do.
    const edit = cut ? wanted : { ...wanted, rotate: (wanted.rotate + turn) % 360 };
    const settings = cut ? { ...edit, corners: cut, upright: false, rotate: turn } : edit;
    try {
      return await this.#ask(page, sourceOf(page), settings, edit);
    } catch (error) {
      if (error.code !== GONE) throw error;
      return this.#again(page, settings, edit, { turn, corners, imageType });
    }
  }

  /** Members of a page of a picture from elsewhere: its one document, or all of it where none was found. */
  async cutOut(page, settings) {
    const edit = { ...editOf({ ...AUTOMATIC, ...settings }), rotate: 0 };
    const made = await this.#ask(page, { picture: page.original }, { ...edit, cropType: SINGLE }, edit);
    if (made.corners !== null) return made;
    // A picture without a page in it is shown as it is.
    return { ...page, unsure: made.unsure };
  }

  /** The picture with numbers of cards and telephones covered: its blob, and how many were. */
  async privateCopy(page) {
    const order = { imageBase64: await toBase64(page.blob), base64: true };
    const { fileBase64, mime, hidden } = await this.#gaopai.call('PrivateCopy', order, { timeout: COPY_MS });
    const count = Object.values(hidden).reduce((sum, one) => sum + one, 0);
    return { blob: new Blob([toBytes(fileBase64)], { type: mime }), count };
  }

  /** Members of the page with areas of its picture black. */
  async covered(page, areas) {
    const order = { imageBase64: await toBase64(page.blob), hide: [], areas, base64: true };
    return finished(await this.#gaopai.call('PrivateCopy', order, { timeout: COPY_MS }));
  }

  /** The stamps there are, each with its look as a URL. */
  async stamps(clerk) {
    const { stamps } = await this.#gaopai.call('GetStamps', { clerk });
    return stamps.map(({ imageBase64, ...stamp }) => ({ ...stamp, url: `data:image/png;base64,${imageBase64}` }));
  }

  /** Members of the page with stamps on its picture; what is done to it later is done to the stamped picture. */
  async stamped(page, stamps, clerk) {
    const order = { imageBase64: await toBase64(page.blob), stamps, clerk, base64: true };
    return finished(await this.#gaopai.call('StampFile', order, { timeout: COPY_MS }));
  }

  /** Lines of text on a page, in pixels. */
  async lines(page) {
    const order = { imageBase64: await toBase64(page.blob) };
    const { textInfos } = await this.#gaopai.call('RecogText', order, { timeout: READ_MS });
    return textInfos.flatMap(({ lines }) => lines);
  }

  /** The documents on a page, and what they say: of one that was cut out before, without looking for another in it first. */
  async documents(page) {
    const imageBase64 = await toBase64(page.blob);
    const read = async (crop) => (await this.#gaopai.call('RecogDocument', { imageBase64, crop }, { timeout: READ_MS })).documents;
    const whole = page.corners === null;
    const found = await read(whole);
    return found.length > 0 ? found : read(!whole);
  }

  /** The picture before anything was done to it; an error that says so if the service has it no more. */
  async original(page) {
    if (page.original) return page.original;
    if (page.handle === null) return page.blob;
    try {
      const [picture] = await this.#gaopai.processImage({ handle: page.handle });
      return picture.blob;
    } catch (error) {
      return unlessGone(error);
    }
  }

  /** The service has let go of the original: this page may have kept it, and otherwise has the picture it shows. */
  async #again(page, settings, edit, { turn, corners, imageType = 0 }) {
    if (page.original) return this.#ask(page, { picture: page.original }, settings, edit);
    const shown = { rotate: turn, imageType, ...(corners && { corners }) };
    return this.#ask({ ...page, original: page.blob }, { picture: page.blob }, shown, { ...PLAIN, rotate: turn, imageType });
  }

  async #ask(page, source, settings, edit) {
    const [picture] = await this.#gaopai.processImage({ ...source, ...settings });
    const { blob, width, height, verdict, corners, handle } = picture;
    const unsure = settings.cropType === SINGLE ? unsureOf(picture.crop) : null;
    // A file of the page holds the picture as it was.
    return {
      blob, width, height, verdict, corners, edit, handle: handle ?? page.handle, path: null, codes: null, unsure,
      ...(page.original && { original: page.original }),
    };
  }
}

/** Members of a page that is finished: it has no other original, and no file, than its picture. */
function finished({ fileBase64, mime }) {
  return {
    blob: new Blob([toBytes(fileBase64)], { type: mime }),
    original: undefined, handle: null, path: null, corners: null, unsure: null, edit: {}, codes: null,
  };
}

/** What the service works on: the original that it has kept, else that of the page. */
function sourceOf(page) {
  return page.handle === null ? { picture: page.original ?? page.blob } : { handle: page.handle };
}

function unlessGone(error) {
  throw error.code === GONE ? Object.assign(new Error(error.message), { say: () => text('originalGone') }) : error;
}
