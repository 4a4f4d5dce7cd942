/** The tab of faces: which face camera, and its live picture, of a pair both. Nothing is kept. */
import { onLanguage, text, word } from './i18n.js';
import { late } from './notice.js';

const FPS = 15;

/** Static, and too much for the page that holds all other panels. */
const PANEL = `
  <section class="desk" data-i18n-label="faces">
    <form id="face" class="card camera">
      <label class="grows"><span data-i18n="device"></span><select id="face-device"></select></label>
      <label><span data-i18n="media"></span><select id="face-media"></select></label>
      <label><span data-i18n="resolution"></span><select id="face-resolution"></select></label>
      <label class="check" data-i18n-title="infraredHint"><input id="face-infrared" type="checkbox"><span data-i18n="infrared"></span></label>
      <button id="face-open" class="primary" disabled></button>
    </form>
    <div class="stage">
      <div id="face-pictures" class="faces" hidden>
        <canvas id="face-preview" role="img" data-i18n-label="facePreview"></canvas>
        <canvas id="face-infrared-preview" role="img" data-i18n-label="infraredPreview" hidden></canvas>
      </div>
      <div id="face-placeholder" class="placeholder">
        <svg viewBox="0 0 64 64" aria-hidden="true"><circle cx="32" cy="24" r="12"/><path d="M10 56c2-24 42-24 44 0"/></svg>
        <p id="face-placeholder-text"></p>
        <p id="face-placeholder-remedy" class="quiet"></p>
      </div>
    </div>
    <div class="strip">
      <div id="face-notice" class="notice" role="status" aria-live="polite">
        <p></p>
        <button type="button" class="plain" data-i18n-label="dismiss" hidden>✕</button>
      </div>
    </div>
  </section>
  <aside>
    <section class="card sample" data-i18n-label="sample">
      <h2><span data-i18n="sample"></span> <a href="gaopai.js" download>gaopai.js</a></h2>
      <pre tabindex="0"><code>import { connect }
  from './gaopai.js';
const gaopai = connect();
await gaopai.call(
  'OpenFaceCamera', {
    faceCameraNum: 0,
    faceFps: 15 });
const preview =
  gaopai.previewFace(0, canvas);
const infrared =
  gaopai.previewFace(0, other, {
    infrared: true });</code></pre>
    </section>
  </aside>`;

const element = (id) => document.getElementById(id);

function offer(select, names) {
  select.replaceChildren(...names.map((name) => new Option(name)));
  select.disabled = names.length === 0;
}

export class FaceTab {
  #gaopai;
  #notice;
  #cameras = [];
  /** `{ number, colour, infrared }` while a camera is open; the latter two are previews, infrared only when shown. */
  #open = null;
  /** One thing after the other, however fast a person is. */
  #last = Promise.resolve();

  constructor(gaopai) {
    element('panel-face').innerHTML = PANEL;
    this.#gaopai = gaopai;
    this.#notice = late(element('face-notice'));
    gaopai.addEventListener('open', () => this.#then(() => this.#refresh()));
    gaopai.addEventListener('close', () => this.#lost());
    gaopai.addEventListener('device-change', ({ detail }) => detail.kind === 'camera' && this.#then(() => this.#refresh()));
    this.#hearHands();
    onLanguage(() => {
      this.#name();
      this.#show();
    });
  }

  /** Who goes elsewhere is not filmed any longer. */
  leave() {
    this.#then(() => this.#close());
  }

  #hearHands() {
    element('face').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#then(() => (this.#open === null ? this.#begin() : this.#close()));
    });
    element('face-infrared').addEventListener('change', () => this.#then(() => this.#showInfrared()));
    element('face-device').addEventListener('change', () => this.#offerModes());
    for (const id of ['face-device', 'face-media', 'face-resolution']) {
      element(id).addEventListener('change', () => this.#then(() => this.#again()));
    }
  }

  #then(work) {
    this.#last = this.#last.then(work).catch((error) => this.#notice.error(error)).then(() => this.#show());
  }

  get #chosen() {
    return this.#cameras[element('face-device').selectedIndex];
  }

  async #refresh() {
    const { faceCameraInfo } = await this.#gaopai.call('GetFaceCameraInfo');
    const unchanged = JSON.stringify(faceCameraInfo) === JSON.stringify(this.#cameras);
    this.#cameras = faceCameraInfo;
    if (unchanged) return;
    await this.#close();
    this.#name();
    this.#offerModes();
  }

  #name() {
    const device = element('face-device');
    const at = Math.max(0, device.selectedIndex);
    offer(device, this.#cameras.map(({ faceCameraName }) => word(faceCameraName)));
    device.selectedIndex = Math.min(at, this.#cameras.length - 1);
  }

  #offerModes() {
    offer(element('face-media'), this.#chosen?.faceCameraMedias ?? []);
    offer(element('face-resolution'), this.#chosen?.faceCameraResolutions.map((size) => size.replace('x', ' × ')) ?? []);
  }

  async #begin() {
    const number = element('face-device').selectedIndex;
    await this.#gaopai.call('OpenFaceCamera', {
      faceCameraNum: number,
      faceMediaNum: element('face-media').selectedIndex,
      faceResolutionNum: element('face-resolution').selectedIndex,
      faceFps: FPS,
    });
    this.#notice.hide();
    this.#open = { number, colour: this.#preview(number, 'face-preview', false), infrared: null };
    await this.#showInfrared();
  }

  #preview(number, canvas, infrared) {
    return this.#gaopai.previewFace(number, element(canvas), {
      infrared,
      onError: (error) => {
        this.#notice.error(error);
        this.#then(() => this.#close());
      },
    });
  }

  async #showInfrared() {
    if (this.#open === null) return;
    const wanted = element('face-infrared').checked && this.#cameras[this.#open.number]?.faceCameraType === 2;
    if (wanted && this.#open.infrared === null) {
      this.#open.infrared = this.#preview(this.#open.number, 'face-infrared-preview', true);
    } else if (!wanted && this.#open.infrared !== null) {
      const { infrared } = this.#open;
      this.#open.infrared = null;
      await infrared.stop();
    }
  }

  async #close() {
    if (this.#open === null) return;
    const { colour, infrared } = this.#open;
    this.#open = null;
    // Not by its number: that may be another's since devices came or went.
    await this.#gaopai.call('CloseFaceCamera');
    await Promise.allSettled([colour.stop(), infrared?.stop()]);
  }

  async #again() {
    if (this.#open === null) return;
    await this.#close();
    await this.#begin();
  }

  #lost() {
    this.#open = null;
    this.#show();
  }

  #show() {
    const open = this.#open !== null;
    const button = element('face-open');
    button.textContent = text(open ? 'close' : 'open');
    button.disabled = this.#gaopai.state !== 'open' || this.#chosen === undefined;
    element('face-infrared').disabled = this.#chosen?.faceCameraType !== 2;
    element('face-pictures').hidden = !open;
    element('face-infrared-preview').hidden = !open || this.#open.infrared === null;
    element('face-placeholder').hidden = open;
    const state = this.#chosen === undefined ? 'noFaceCamera' : 'faceClosed';
    element('face-placeholder-text').textContent = text(state);
    element('face-placeholder-remedy').textContent = text(`${state}Hint`);
  }
}
