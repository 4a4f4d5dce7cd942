/** Works a page again from its original: turned, cut by other corners, enhanced otherwise. */

const GONE = 3007;
const PLAIN = { imageType: 0, deskew: false, upright: false, fillBorderType: 0, removalForeign: 0, rotate: 0 };

/** Settings of a capture that its page is worked on with again. */
export function editOf(settings) {
  return Object.fromEntries(Object.keys(PLAIN).map((name) => [name, settings[name] ?? PLAIN[name]]));
}

export class Rework {
  #gaopai;

  constructor(gaopai) {
    this.#gaopai = gaopai;
  }

  /** Members of the page that change. `turn` is in degrees clockwise; what is not named stays. */
  async apply(page, { turn = 0, corners, imageType }) {
    const wanted = { ...PLAIN, ...page.edit, ...(imageType !== undefined && { imageType }) };
    const cut = corners ?? page.corners;
    // The order of corners holds the turns so far; without any the settings do.
    const edit = cut ? wanted : { ...wanted, rotate: (wanted.rotate + turn) % 360 };
    const settings = cut ? { ...edit, corners: cut, upright: false, rotate: turn } : edit;
    const source = page.handle === null ? { picture: page.original ?? page.blob } : { handle: page.handle };
    try {
      return await this.#ask(page, source, settings, edit);
    } catch (error) {
      if (error.code !== GONE) throw error;
      return this.#again(page, settings, edit, { turn, corners, imageType });
    }
  }

  /** The picture before anything was done to it, or as it is if nobody has that any more. */
  async original(page) {
    if (page.original) return page.original;
    if (page.handle === null) return page.blob;
    try {
      const [picture] = await this.#gaopai.processImage({ handle: page.handle });
      return picture.blob;
    } catch (error) {
      if (error.code === GONE) return page.blob;
      throw error;
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
    // A file of the page holds the picture as it was.
    return {
      blob, width, height, verdict, corners, edit, handle: handle ?? page.handle, path: null, codes: null,
      ...(page.original && { original: page.original }),
    };
  }
}
