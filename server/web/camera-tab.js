/** The document camera's tab: what each control asks of the service. */
import { AutoCapture } from './auto-capture.js';
import { CameraControls } from './camera-controls.js';
import { CameraPanel } from './camera.js';
import { CodeOverlay } from './codes.js';
import { ComposePanel } from './compose.js';
import { CropArea } from './croparea.js';
import * as gallery from './gallery.js';
import { onLanguage, text, translate } from './i18n.js';
import { camera as notice } from './notice.js';
import { CROP_TYPES, ImageOptions, MANUAL } from './options.js';
import { OutputForm } from './output-form.js';
import { readCodes } from './picture-codes.js';
import { inWords } from './verdict.js';

const element = (id) => document.getElementById(id);
const panel = element('panel-camera');
const shutter = element('shutter');
const picture = element('picture');

/** Score of the worst fault of a picture. */
function worst({ verdict }) {
  return Math.max(0, ...Object.values(verdict ?? {}).filter((score) => typeof score === 'number'));
}

export class CameraTab {
  #gaopai;
  #connection;
  #camera;
  #area = new CropArea();
  #codes = new CodeOverlay(element('codes'));
  #options;
  #controls;
  #output = new OutputForm(element('output'));
  #compose;
  #auto;
  #fitted = '';

  /** `connection` knows why there is none. */
  constructor(gaopai, connection) {
    this.#gaopai = gaopai;
    this.#connection = connection;
    this.#camera = new CameraPanel(gaopai);
    this.#options = new ImageOptions(element('options'), CROP_TYPES, (values) => this.#sendOptions(values));
    this.#controls = new CameraControls(element('camera-controls'), (func, params) => gaopai.call(func, params));
    this.#compose = new ComposePanel(element('compose'), gaopai, this.#output);
    this.#auto = new AutoCapture(element('live'), gaopai, this.#output);
    this.#hearService();
    this.#hearParts();
    this.#hearHands();
  }

  #hearService() {
    this.#gaopai.addEventListener('open', () => {
      this.#refresh();
      this.#gaopai.call('ExternalButton').catch((error) => notice.error(error));
    });
    this.#gaopai.addEventListener('button-press', () => panel.hidden || this.#capture());
    this.#gaopai.addEventListener('close', () => this.#camera.show());
    this.#gaopai.addEventListener('device-change', async ({ detail }) => {
      if (detail.kind !== 'camera') return;
      await this.#refresh();
      notice.info(text('devicesChanged'));
    });
    this.#connection.addEventListener('change', () => this.#show());
  }

  #hearParts() {
    const failed = ({ detail }) => notice.error(detail);
    this.#camera.addEventListener('change', () => this.#show());
    this.#camera.addEventListener('choice', () => this.#options.apply());
    this.#camera.addEventListener('frame', () => {
      element('figures').textContent = text('figures', this.#camera.frame);
      this.#fit();
    });
    this.#camera.addEventListener('codes', ({ detail }) => this.#codes.show(detail.codes, detail.size));
    this.#codes.addEventListener('error', failed);
    this.#camera.addEventListener('error', failed);
    this.#options.addEventListener('change', () => {
      notice.hide();
      this.#show();
    });
    this.#options.addEventListener('error', failed);
    this.#compose.addEventListener('error', failed);
    this.#auto.addEventListener('error', failed);
    this.#auto.addEventListener('picture', ({ detail }) => {
      gallery.add([detail]);
      notice.info(`${text('captured', { count: detail.count })} ${inWords(detail.verdict)}`);
    });
    this.#area.addEventListener('change', () => this.#options.apply());
    this.#controls.addEventListener('error', failed);
    this.#controls.addEventListener('shown', translate);
    onLanguage(() => this.#camera.show());
    new ResizeObserver(() => this.#camera.frame && this.#fit()).observe(element('stage'));
  }

  #hearHands() {
    element('barcode').addEventListener('change', ({ target }) => { this.#camera.barcode = target.checked; });
    shutter.addEventListener('click', () => this.#capture());
    element('save').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#save();
    });
    document.addEventListener('keydown', (event) => {
      const free = event.target === document.body || event.target.id === 'crop';
      if (panel.hidden || !free || (event.key !== ' ' && event.key !== 'Enter')) return;
      event.preventDefault();
      this.#capture();
    });
  }

  async #sendOptions({ cropType, ...rest }) {
    this.#area.turnTo(rest.rotate);
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
      if (this.#camera.hasDevices) await this.#options.apply();
    } catch (error) {
      notice.error(error);
    }
  }

  async #capture() {
    if (shutter.disabled || shutter.getAttribute('aria-busy') === 'true') return;
    shutter.setAttribute('aria-busy', 'true');
    try {
      const pictures = await this.#gaopai.captureBase64(this.#camera.devNum, this.#output.params);
      gallery.add(pictures);
      const [judged] = pictures.toSorted((one, other) => worst(other) - worst(one));
      notice.info(`${text('captured', { count: pictures.length })} ${inWords(judged?.verdict)}`);
      if (this.#camera.barcode) this.#read(pictures);
    } catch (error) {
      notice.error(error);
    } finally {
      shutter.removeAttribute('aria-busy');
    }
  }

  async #read(pictures) {
    try {
      const found = await Promise.all(pictures.map(({ blob }) => readCodes(blob)));
      notice.info(text('codesRead', { count: found.flat().length }));
    } catch (error) {
      notice.error(error);
    }
  }

  async #save() {
    if (this.#camera.state !== 'open') return;
    try {
      const params = { devNum: this.#camera.devNum, imagePath: element('file-name').value.trim(), ...this.#output.params };
      const { imagePath, verdict } = await this.#gaopai.call('CameraCapture', params);
      notice.info(`${text('saved', { paths: imagePath.join(', ') })} ${inWords(verdict)}`);
    } catch (error) {
      notice.error(error);
    }
  }

  /** Brings everything that depends on the state of things in line with it. */
  #show() {
    const open = this.#camera.state === 'open' && this.#gaopai.state === 'open';
    const manual = this.#options.accepted.cropType === MANUAL;
    shutter.disabled = !open;
    element('save-button').disabled = !open;
    this.#output.cameras = this.#camera.others;
    this.#compose.camera = open ? this.#camera.devNum : null;
    this.#auto.camera = open ? this.#camera.devNum : null;
    picture.hidden = !open;
    element('figures').hidden = !open;
    this.#area.shown = open && manual;
    element('crop-hint').hidden = !manual;
    this.#showPlaceholder(open);
    this.#controls.show(open ? this.#camera.devNum : null);
    if (open) this.#fit();
  }

  #showPlaceholder(open) {
    const [title, remedy] = this.#placeholder();
    element('placeholder').hidden = open;
    element('placeholder-text').textContent = title;
    element('placeholder-remedy').textContent = remedy;
  }

  #placeholder() {
    const { diagnosis } = this.#connection;
    if (this.#gaopai.state !== 'open') return diagnosis ? [diagnosis.message, diagnosis.remedy] : [text('connecting'), ''];
    if (!this.#camera.hasDevices) return [text('noDevice'), text('noDeviceHint')];
    return this.#camera.state === 'opening' ? [text('waiting'), ''] : [text('closed'), text('closedHint')];
  }

  /** The largest box of the picture's shape inside the stage: the crop area lies exactly on it. */
  #fit() {
    const { width, height } = this.#camera.frame;
    const { clientWidth, clientHeight } = element('stage');
    const key = [width, height, clientWidth, clientHeight].join();
    if (key === this.#fitted) return;
    this.#fitted = key;
    const scale = Math.min(clientWidth / width, clientHeight / height);
    picture.style.width = `${width * scale}px`;
    picture.style.height = `${height * scale}px`;
  }
}
