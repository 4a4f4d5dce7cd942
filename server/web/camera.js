/** Which camera, opened how, and its live picture. */
import { text, word } from './i18n.js';

const FPS = 30;

const element = (id) => document.getElementById(id);
const device = element('device');
const media = element('media');
const resolution = element('resolution');
const button = element('open');
const canvas = element('preview');

export class CameraPanel extends EventTarget {
  /** Of the frames as they arrive: turned, when the camera is. */
  frame = null;
  state = 'closed';

  #gaopai;
  #devices = [];
  #opened = null;
  #preview = null;
  #barcode = false;
  #shown = [];

  constructor(gaopai) {
    super();
    this.#gaopai = gaopai;
    device.addEventListener('change', () => this.#choose(this.#offerMedia()));
    media.addEventListener('change', () => this.#choose(this.#offerResolutions()));
    resolution.addEventListener('change', () => this.#choose());
    element('camera').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#attempt(() => (this.state === 'closed' ? this.open() : this.close()));
    });
  }

  get devNum() {
    return this.#devices[device.selectedIndex]?.id;
  }

  /** The chosen resolution, as the camera delivers it: not turned. */
  get size() {
    const [width, height] = this.#media()[media.selectedIndex].resolutions[resolution.selectedIndex].split('x').map(Number);
    return { width, height };
  }

  /** The cameras beside the chosen one. */
  get others() {
    return this.#devices.filter(({ id }) => id !== this.devNum);
  }

  get hasDevices() {
    return this.#devices.length > 0;
  }

  get barcode() {
    return this.#barcode;
  }

  /** Whether barcodes are read while previewing; `codes` tells of them. */
  set barcode(barcode) {
    this.#barcode = barcode;
    if (this.#preview !== null) this.#preview.barcode = barcode;
  }

  /** Asks what is plugged in, and keeps the choice where it is still there. */
  async refresh() {
    const { devInfo } = await this.#gaopai.call('GetCameraInfo');
    const unchanged = JSON.stringify(devInfo) === JSON.stringify(this.#devices);
    this.#devices = devInfo;
    if (!unchanged) {
      offer(device, devInfo.map(({ devName }) => word(devName)));
      this.#offerMedia();
    }
    this.show();
  }

  async open() {
    const devNum = this.devNum;
    const [mediaNum, resolutionNum] = [media.selectedIndex, resolution.selectedIndex];
    await this.#gaopai.call('OpenCamera', { devNum, mediaNum, resolutionNum, fps: FPS });
    this.#opened = devNum;
    this.#preview = this.#gaopai.preview(devNum, canvas, {
      resume: true,
      barcode: this.#barcode,
      onCodes: (codes, size) => this.dispatchEvent(new CustomEvent('codes', { detail: { codes, size } })),
      onFrame: (frame) => this.#count(frame),
      onError: (error) => this.#failed(error),
    });
    this.#become('opening');
  }

  async close() {
    const preview = this.#preview;
    this.#preview = null;
    this.#become('closed');
    await preview.stop();
    await this.#gaopai.call('CloseCamera', { devNum: this.#opened });
  }

  /** Brings the panel in line with the connection and the language. */
  show() {
    button.textContent = text(this.state === 'closed' ? 'open' : 'close');
    button.disabled = this.#gaopai.state !== 'open' || !this.hasDevices;
    this.dispatchEvent(new Event('change'));
  }

  #become(state) {
    this.state = state;
    if (state !== 'open') {
      this.frame = null;
      this.#shown = [];
    }
    this.show();
  }

  #choose() {
    this.dispatchEvent(new Event('choice'));
    if (this.state === 'closed') return;
    this.#attempt(async () => {
      await this.close();
      await this.open();
    });
  }

  #offerMedia() {
    offer(media, this.#media().map(({ mediaName }) => mediaName));
    this.#offerResolutions();
  }

  #offerResolutions() {
    offer(resolution, this.#media()[media.selectedIndex]?.resolutions ?? []);
  }

  #media() {
    return this.#devices[device.selectedIndex]?.mediaTypes ?? [];
  }

  #count({ width, height }) {
    if (this.#preview === null) return;
    const now = performance.now();
    this.#shown = [...this.#shown.filter((time) => now - time < 1000), now];
    this.frame = { width, height, fps: this.#shown.length };
    if (this.state === 'open') this.dispatchEvent(new Event('frame'));
    else this.#become('open');
  }

  #failed(error) {
    this.#preview = null;
    this.#become('closed');
    this.dispatchEvent(new CustomEvent('error', { detail: error }));
  }

  async #attempt(action) {
    try {
      await action();
    } catch (error) {
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    }
  }
}

function offer(select, names) {
  select.replaceChildren(...names.map((name) => new Option(name.replace(/^(\d+)x(\d+)$/, '$1 × $2'))));
  select.disabled = names.length === 0;
}
