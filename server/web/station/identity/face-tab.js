/** The tab of faces: which face camera, its live picture, of a pair both, and who is alive. Nothing is kept. */
import { FaceMatch } from './face-match.js';
import { PANEL } from './face-panel.js';
import { onLanguage, text, word } from '../../texts/i18n.js';
import { inPlainWords, Notice } from '../notice.js';

const FPS = 15;
/** Functions that need models. */
const NEEDED = ['FaceMatch', 'SetFaceLivingBodyState'];

const element = (id) => document.getElementById(id);

function offer(select, names) {
  select.replaceChildren(...names.map((name) => new Option(name)));
  select.disabled = names.length === 0;
}

export class FaceTab {
  #gaopai;
  #notice;
  #match;
  #cameras = [];
  /** `{ number, colour, infrared }` while a camera is open; the latter two are previews, infrared only when shown. */
  #open = null;
  /** One thing after the other, however fast a person is. */
  #last = Promise.resolve();

  constructor(gaopai) {
    element('panel-face').innerHTML = PANEL;
    this.#gaopai = gaopai;
    this.#notice = new Notice(element('face-notice'));
    this.#match = new FaceMatch(gaopai, this.#notice);
    gaopai.addEventListener('open', () => this.#then(async () => {
      await this.#refresh();
      await this.#tellMissing();
    }));
    gaopai.addEventListener('close', () => this.#lost());
    gaopai.addEventListener('device-change', ({ detail }) => detail.kind === 'camera' && this.#then(() => this.#refresh()));
    this.#hearHands();
    onLanguage(() => {
      this.#name();
      this.#show();
    });
  }

  /** Takes a picture of a person to compare with, as of a card. */
  compareWith(picture) {
    this.#match.give(picture);
  }

  /** Who goes elsewhere is not filmed any longer. */
  leave() {
    this.#match.forget();
    this.#then(() => this.#close());
  }

  #hearHands() {
    element('face').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#then(() => (this.#open === null ? this.#begin() : this.#close()));
    });
    element('face-infrared').addEventListener('change', () => this.#then(() => this.#showInfrared()));
    for (const id of ['face-living', 'face-action']) {
      element(id).addEventListener('change', () => this.#then(() => this.#watchOver()));
    }
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

  /** Says what cannot be done here before somebody has tried it. */
  async #tellMissing() {
    const { functions } = await this.#gaopai.call('GetServiceInfo');
    const missing = functions.find(({ name, available }) => NEEDED.includes(name) && !available);
    if (missing) this.#notice.warn(() => inPlainWords(missing.reason, 'error_8001'));
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
    await this.#watchOver();
    await this.#showInfrared();
  }

  /** Whether the service tells who is alive; if it cannot, the box is cleared again. */
  async #watchOver() {
    if (this.#open === null) return;
    const box = element('face-living');
    try {
      await this.#gaopai.call('SetFaceLivingBodyState', {
        faceCameraNum: this.#open.number,
        faceLivingBody: box.checked ? 1 : 0,
        faceAction: element('face-action').value,
      });
    } catch (error) {
      box.checked = false;
      throw error;
    }
  }

  #preview(number, canvas, infrared) {
    return this.#gaopai.previewFace(number, element(canvas), {
      infrared,
      onFaces: infrared ? undefined : (faces) => this.#tell(faces),
      onError: (error) => {
        this.#notice.error(error);
        this.#then(() => this.#close());
      },
    });
  }

  /** Of the largest; the others are only boxed. */
  #tell(faces) {
    const line = element('face-life');
    const [largest] = faces ?? [];
    line.hidden = !element('face-living').checked || faces === null;
    line.dataset.verdict = largest?.verdict ?? '';
    line.textContent = largest === undefined
      ? text('nobody')
      : text('life', { verdict: text(largest.verdict), score: largest.score.toFixed(2), reason: largest.reason });
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
    this.#match.cancel();
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
    element('face-action').disabled = !element('face-living').checked;
    if (!open) element('face-life').hidden = true;
    this.#match.camera = this.#open?.number ?? null;
    const state = this.#chosen === undefined ? 'noFaceCamera' : 'faceClosed';
    element('face-placeholder-text').textContent = text(state);
    element('face-placeholder-remedy').textContent = text(`${state}Hint`);
  }
}
