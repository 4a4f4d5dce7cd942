/** The document camera's tab: what each control asks of the service. */
import { AutoCapture } from './auto-capture.js';
import { CameraControls } from './camera-controls.js';
import { CameraPanel } from './camera.js';
import { COMPOSE, ComposePanel } from './compose.js';
import { CropArea } from './croparea.js';
import { onLanguage, text, translate } from '../../texts/i18n.js';
import { LiveView, VIEW } from './live-view.js';
import { Notice, strip } from '../notice.js';
import { CROP_TYPES, ImageOptions, MANUAL } from '../pictures/options.js';
import { OUTPUT, OutputForm } from './output-form.js';
import { readCodes } from '../pictures/picture-codes.js';
import { editOf, unsureOf } from '../case/rework.js';
import { Shutter } from './shutter.js';
import { Sight, SIGHT_PANEL } from './sight.js';
import { inWords } from '../pictures/verdict.js';

const EXTRAS = `
  <p class="switches"><label><span data-i18n="barcode"></span><input id="barcode" type="checkbox" role="switch" autocomplete="off"></label></p>
  <p class="switches"><label><span data-i18n="sound"></span><input id="sound" type="checkbox" role="switch" autocomplete="off"></label></p>
  <div class="fields">
    <label><span data-i18n="resolution"></span><select id="resolution"></select></label>
    <label><span data-i18n="media"></span><select id="media"></select></label>
  </div>
  <section id="camera-controls" data-i18n-label="cameraControls" hidden></section>
  <section id="output" class="output" data-i18n-label="output">${OUTPUT}</section>`;

const PANEL = `
  <section class="desk" data-i18n-label="camera">
    <form id="options" class="options" data-i18n-label="options"></form>
    <div class="watched">${VIEW}${COMPOSE}${SIGHT_PANEL}</div>
    ${strip('notice', '<button id="hand-over" type="button" hidden></button><p id="live" class="switches live"></p><p id="figures" class="figures" hidden></p>', true)}
    <div class="action taking">
      <form id="camera" class="camera">
        <label class="grows"><span class="unseen" data-i18n="device"></span><select id="device"></select></label>
      </form>
      <button id="shutter" class="shutter" type="button" disabled data-i18n-label="shutter"></button>
      <div class="aside">
        <p class="quiet keys" data-i18n-keys="keys"></p>
        <button id="open" class="primary" form="camera" disabled></button>
      </div>
    </div>
  </section>`;

const BUSY = 2002;
/** Pictures that were taken fast wait for those before them. */
const CAPTURE_MS = 180_000;
/** Faster than that nobody reads, and each change is a layout of the page. */
const FIGURES_MS = 500;
/** Crops that tell the corners of the pages they find; a flattened page has none. */
const SEARCHED = new Set([1, 2]);
const CROP = 1;

const element = (id) => document.getElementById(id);

/** Score of the worst fault of a picture. */
function worst({ verdict }) {
  return Math.max(0, ...Object.values(verdict ?? {}).filter((score) => typeof score === 'number'));
}

function holder({ answer }) {
  return answer.holder.title ?? answer.holder.origin ?? '';
}

export class CameraTab {
  #gaopai;
  #connection;
  #pages;
  #view;
  #camera;
  #area;
  #options;
  #controls;
  #output = new OutputForm();
  #compose;
  #shutter;
  #notice;
  #offered = null;
  /** Somebody has opened the camera and goes on to take pictures. */
  #focusDue = false;
  #figured = 0;
  #begun = false;
  #auto;
  #sight;
  #tray;
  /** Presses of the shutter whose pictures are on their way. */
  #pressed = 0;

  /**
   * `connection` knows why there is none; pictures go to `pages`, and each has its place in `tray` as soon as it is taken.
   * `sideOf(blob)` resolves with the side of a card, or null.
   */
  constructor(gaopai, connection, { pages, tray, sideOf }) {
    element('panel-camera').innerHTML = PANEL;
    this.#gaopai = gaopai;
    this.#connection = connection;
    this.#pages = pages;
    this.#tray = tray;
    this.#notice = new Notice(element('notice'));
    this.#options = new ImageOptions(element('options'), CROP_TYPES, (values) => this.#sendOptions(values), EXTRAS);
    this.#view = new LiveView(gaopai);
    this.#camera = new CameraPanel(gaopai, this.#view);
    this.#area = new CropArea();
    this.#shutter = new Shutter(element('panel-camera'));
    this.#controls = new CameraControls(element('camera-controls'), (func, params) => gaopai.call(func, params));
    this.#compose = new ComposePanel(gaopai, this.#output, element('card-tile'), sideOf);
    this.#auto = new AutoCapture(element('live'), gaopai, this.#output);
    this.#sight = new Sight(element('live'), gaopai);
    this.#hearService();
    this.#hearParts();
    this.#hearHands();
  }

  #hearService() {
    this.#gaopai.addEventListener('open', () => {
      this.#refresh();
      this.#gaopai.call('ExternalButton').catch((error) => this.#notice.error(error));
    });
    this.#gaopai.addEventListener('button-press', () => element('panel-camera').hidden || this.#shutter.press());
    this.#gaopai.addEventListener('close', () => this.#camera.show());
    this.#gaopai.addEventListener('device-change', async ({ detail }) => {
      if (detail.kind !== 'camera') return;
      await this.#refresh();
      if (this.#camera.state === 'closed') this.#notice.info(() => text('devicesChanged'));
    });
    this.#gaopai.addEventListener('camera-wanted', ({ detail: { by } }) => {
      this.#offer('giveUp');
      this.#notice.warn(() => text('cameraWanted', { who: by.title ?? by.origin }));
    });
    this.#gaopai.addEventListener('camera-free', () => {
      this.#notice.hide();
      this.#camera.wanted = true;
    });
    this.#connection.addEventListener('change', () => this.#show());
  }

  #hearParts() {
    const failed = ({ detail }) => this.#notice.error(detail);
    this.#camera.addEventListener('change', () => this.#show());
    this.#camera.addEventListener('choice', () => this.#options.apply());
    this.#camera.addEventListener('opened', () => { this.#focusDue = true; });
    this.#camera.addEventListener('error', ({ detail }) => this.#refused(detail));
    this.#view.addEventListener('frame', () => this.#showFrame());
    this.#view.addEventListener('stale', () => this.#show());
    this.#options.addEventListener('change', () => {
      this.#notice.hide();
      this.#show();
    });
    for (const part of [this.#options, this.#controls, this.#auto, this.#sight]) part.addEventListener('error', failed);
    this.#view.addEventListener('refused', failed);
    this.#compose.addEventListener('change', () => this.#compose.active && this.#options.choose('cropType', CROP));
    this.#auto.addEventListener('picture', ({ detail }) => this.#take([detail]));
    this.#area.addEventListener('change', () => this.#options.apply());
    this.#controls.addEventListener('shown', translate);
    onLanguage(() => {
      this.#offer(this.#offered);
      this.#show();
    });
  }

  #hearHands() {
    element('barcode').addEventListener('change', ({ target }) => { this.#view.barcode = target.checked; });
    element('hand-over').addEventListener('click', () => {
      const offered = this.#offered;
      this.#offer(null);
      this.#notice.hide();
      if (offered === 'giveUp') this.#camera.wanted = false;
      else this.#camera.askFor();
    });
    this.#shutter.addEventListener('press', () => this.#capture());
  }

  /** Another site's page that has the camera may be asked for it. */
  #refused(error) {
    const asked = error.answer?.asked === true;
    this.#offer(error.code === BUSY && error.answer?.holder && !asked ? 'takeOver' : null);
    if (asked) this.#notice.warn(() => text('askedForCamera', { who: holder(error) }));
    else this.#notice.error(error);
  }

  /** What the button beside the notice does with a camera: 'takeOver', 'giveUp' or nothing. */
  #offer(offered) {
    this.#offered = offered;
    element('hand-over').hidden = offered === null;
    if (offered) element('hand-over').textContent = text(offered);
  }

  async #sendOptions({ cropType, ...rest }) {
    this.#area.turnTo(rest.rotate);
    const begins = cropType === MANUAL && this.#options.accepted.cropType !== MANUAL;
    // What was found until now is what the hand would draw first.
    if (begins && this.#view.frame) this.#area.lieAround(this.#view.frame.crop?.corners, this.#view.frame);
    const manual = cropType === MANUAL ? { cropRect: this.#area.rectIn(this.#turnedSize(rest.rotate)) } : {};
    try {
      await this.#gaopai.call('SetCameraImageInfo', { devNum: this.#camera.devNum, cropType, ...manual, ...rest });
    } catch (error) {
      this.#area.turnTo(this.#options.accepted.rotate);
      throw error;
    }
  }

  #turnedSize(rotate) {
    const { width, height } = this.#camera.size;
    return rotate % 180 === 0 ? { width, height } : { width: height, height: width };
  }

  async #refresh() {
    try {
      await this.#camera.refresh();
      if (!this.#camera.hasDevices) return;
      await this.#options.apply();
      if (!this.#begun) this.#camera.openAgain();
      this.#begun = true;
    } catch (error) {
      this.#notice.error(error);
    }
  }

  /** Each press is a picture, of what lies there then, however long those before it are worked on. */
  async #capture() {
    const { active } = this.#compose;
    if (active && this.#pressed > 0) return this.#notice.info(() => text('composeBusy'));
    const arrived = active ? () => {} : this.#tray.expect('processingPage');
    this.#become(this.#pressed + 1);
    this.#shutter.confirm();
    try {
      const pictures = await this.#gaopai.captureBase64(this.#camera.devNum, { ...this.#output.params, timeout: CAPTURE_MS });
      if (active) return await this.#takeSide(pictures[0]);
      arrived();
      const taken = this.#take(pictures);
      if (this.#view.barcode) await this.#read(taken);
    } catch (error) {
      this.#notice.error(error);
    } finally {
      arrived();
      this.#become(this.#pressed - 1);
    }
    return undefined;
  }

  #become(pressed) {
    this.#pressed = pressed;
    this.#shutter.busy = pressed > 0;
  }

  /** A side of a card: its page is there once both are. */
  async #takeSide(side) {
    const page = await this.#compose.take(side);
    if (page === null) return;
    this.#pages.put({ blob: page.blob, width: page.width, height: page.height, from: 'camera', name: text('idCard') });
    this.#notice.info(() => text('composeDone'));
  }

  /** Pictures that the shutter or the camera itself took, as pages. */
  #take(pictures) {
    const edit = editOf(this.#options.accepted);
    const whole = SEARCHED.has(this.#options.accepted.cropType) && pictures.length === 1 && pictures[0].corners === null;
    // A desk is nothing that somebody reads, however sharp it is.
    const judged = whole && pictures[0].verdict?.ok ? pictures.map((picture) => ({ ...picture, verdict: null })) : pictures;
    const taken = judged.map(({ blob, width, height, verdict, handle = null, corners = null, crop = null }) => (
      this.#pages.put({ blob, width, height, verdict, handle, corners, unsure: unsureOf(crop), from: 'camera', edit })));
    if (!element('panel-camera').hidden) for (const { id } of taken) this.#tray.arrive(id, element('picture').getBoundingClientRect());
    this.#tell(judged, whole);
    return taken;
  }

  #tell(pictures, whole) {
    const [judged] = pictures.toSorted((one, other) => worst(other) - worst(one));
    const say = () => [
      text('captured', { count: pictures.length }), whole ? text('noPageTaken') : '', inWords(judged?.verdict),
    ].filter(Boolean).join(' ');
    if (whole || judged?.verdict?.ok === false) this.#notice.warn(say);
    else this.#notice.info(say);
  }

  async #read(pages) {
    const found = await Promise.all(pages.map(({ blob }) => readCodes(blob)));
    this.#notice.info(() => text('codesRead', { count: found.flat().length }));
  }

  #showFrame() {
    const now = performance.now();
    if (now - this.#figured >= FIGURES_MS) {
      this.#figured = now;
      element('figures').textContent = text('figures', this.#view.frame);
    }
    this.#view.count(SEARCHED.has(this.#options.accepted.cropType), this.#sight.found);
  }

  /** Brings everything that depends on the state of things in line with it. */
  #show() {
    const connected = this.#gaopai.state === 'open';
    const opened = connected ? this.#camera.opened : null;
    const open = opened !== null;
    const shown = open || this.#camera.state === 'lost';
    const manual = this.#options.accepted.cropType === MANUAL;
    this.#shutter.disabled = !open || this.#view.stale;
    this.#output.cameras = this.#camera.others;
    this.#view.shown = shown;
    for (const part of [this.#auto, this.#sight]) part.camera = opened;
    element('figures').hidden = !open;
    this.#area.shown = open && manual;
    element('crop-hint').hidden = !manual;
    this.#showPlaceholder();
    this.#showStanding(shown);
    this.#controls.show(opened);
    if (open && this.#view.frame) this.#showFrame();
    // A shutter that waits for the next frame takes no focus yet.
    if (open && !this.#view.stale && this.#focusDue) this.#leadOn();
  }

  #leadOn() {
    this.#focusDue = false;
    if ([document.body, element('open')].includes(document.activeElement)) this.#shutter.focus();
  }

  #showStanding(shown) {
    const lost = this.#camera.state === 'lost';
    const standing = shown && (lost || this.#view.stale);
    element('picture').classList.toggle('is-stale', standing);
    element('stale').hidden = !standing;
    element('stale').textContent = standing ? text(lost ? 'cameraLost' : 'pictureStands') : '';
  }

  #showPlaceholder() {
    const [title, remedy] = this.#placeholder();
    element('placeholder-text').textContent = title;
    element('placeholder-remedy').textContent = remedy;
  }

  #placeholder() {
    const { diagnosis } = this.#connection;
    if (this.#gaopai.state !== 'open') return diagnosis ? [diagnosis.message, diagnosis.remedy] : [text('connecting'), ''];
    if (!this.#camera.hasDevices) return [text('noDevice'), text('noDeviceHint')];
    return this.#camera.state === 'closed' ? [text('closed'), text('closedHint')] : [text('waiting'), ''];
  }
}
