/** The live picture of a camera: the one module that draws on its canvas, fits it, and says what is in it. */
import { icon } from '../icons.js';
import { CodeOverlay } from '../pictures/codes.js';
import { text } from '../../texts/i18n.js';

export const VIEW = `
  <div id="stage" class="stage">
    <div id="picture" class="picture" hidden>
      <canvas id="preview" role="img" data-i18n-label="preview"></canvas>
      <div id="crop" class="crop" role="group" tabindex="0" data-i18n-label="cropHelp" hidden></div>
      <div id="codes" class="codes" role="group" data-i18n-label="codes" hidden></div>
    </div>
    <p id="in-sight" class="in-sight" hidden></p>
    <p id="stale" class="stale" role="alert" hidden></p>
    <div id="placeholder" class="placeholder">
      ${icon('camera', 'large-icon')}
      <p id="placeholder-text"></p>
      <p id="placeholder-remedy" class="quiet"></p>
    </div>
  </div>`;

/** An outline that is away for a moment is no page that is gone. */
const PATIENCE_MS = 1000;

const element = (id) => document.getElementById(id);

/** Fires `frame`, `stale` when the picture has stood still or moves again, and `error` when it has ended. */
export class LiveView extends EventTarget {
  /** `{width, height, fps, outlines, crop}` of the frames as they arrive: turned, when the camera is. */
  frame = null;
  stale = false;

  #gaopai;
  #preview = null;
  #barcode = false;
  #codes;
  #times = [];
  #fitted = '';
  #counted = '';
  #patientUntil = 0;

  constructor(gaopai) {
    super();
    this.#gaopai = gaopai;
    this.#codes = new CodeOverlay(element('codes'));
    this.#codes.addEventListener('error', ({ detail }) => this.dispatchEvent(new CustomEvent('refused', { detail })));
    new ResizeObserver(() => this.frame && this.#fit()).observe(element('stage'));
  }

  get barcode() {
    return this.#barcode;
  }

  /** Whether barcodes are read while previewing. */
  set barcode(barcode) {
    this.#barcode = barcode;
    if (this.#preview !== null) this.#preview.barcode = barcode;
  }

  start(devNum) {
    this.#forget();
    const preview = this.#gaopai.preview(devNum, element('preview'), {
      resume: true,
      barcode: this.#barcode,
      onCodes: (codes, size) => this.#codes.show(codes, size),
      onCodesMove: (codes, size) => this.#codes.show(codes, size),
      onFrame: (frame) => this.#preview === preview && this.#take(frame),
      onStale: (stale) => this.#preview === preview && this.#grey(stale),
      onError: (error) => this.#preview === preview && this.#fail(error),
    });
    this.#preview = preview;
  }

  async stop() {
    const preview = this.#preview;
    this.#preview = null;
    this.#forget();
    await preview?.stop();
  }

  #forget() {
    this.frame = null;
    this.#times = [];
    this.#sayCount('', false);
    this.#grey(false);
  }

  #take({ width, height, outlines, crop }) {
    const now = performance.now();
    this.#times = [...this.#times.filter((time) => now - time < 1000), now];
    this.frame = { width, height, outlines, crop, fps: this.#times.length };
    this.#fit();
    this.dispatchEvent(new Event('frame'));
  }

  #grey(stale) {
    if (stale === this.stale) return;
    this.stale = stale;
    this.dispatchEvent(new Event('stale'));
  }

  #fail(error) {
    this.#preview = null;
    this.#forget();
    this.dispatchEvent(new CustomEvent('error', { detail: error }));
  }

  /**
   * Says how many pages are in sight, none only after a while; `searched` is false where nobody looks for any. What
   * was `read` is there, whether it is outlined or not.
   */
  count(searched, read) {
    const now = performance.now();
    const outlines = searched && this.frame ? Math.max(this.frame.outlines, read) : undefined;
    if (outlines !== 0) this.#patientUntil = now + PATIENCE_MS;
    if (outlines === undefined) this.#sayCount('', false);
    else if (outlines > 0) this.#sayCount(text('pagesInSight', { count: outlines }), true);
    else if (now >= this.#patientUntil) this.#sayCount(text('noPage'), false);
  }

  #sayCount(sentence, found) {
    if (sentence === this.#counted) return;
    this.#counted = sentence;
    element('in-sight').textContent = sentence;
    element('in-sight').hidden = sentence === '';
    element('in-sight').dataset.found = String(found);
  }

  /** Shows or hides the picture. */
  set shown(shown) {
    element('picture').hidden = !shown;
    element('placeholder').hidden = shown;
    if (!shown) this.#sayCount('', false);
    if (shown && this.frame) this.#fit();
  }

  /** The largest box of the picture's shape inside the stage: the crop area lies exactly on it. */
  #fit() {
    const { width, height } = this.frame;
    const { clientWidth, clientHeight } = element('stage');
    const key = [width, height, clientWidth, clientHeight].join();
    if (key === this.#fitted) return;
    this.#fitted = key;
    const scale = Math.min(clientWidth / width, clientHeight / height);
    const { style } = element('picture');
    // Whole pixels: a picture of as many is shown as it is, without another interpolation.
    const across = Math.floor(width * scale);
    style.width = `${across}px`;
    style.height = `${Math.round((across * height) / width)}px`;
  }
}
