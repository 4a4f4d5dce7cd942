/** Which camera, opened how. */
import { onLanguage, text, word } from '../../texts/i18n.js';
import { keep, recall } from '../memory.js';

const FPS = 30;
/** Errors of a camera that may be over in a moment, as after the computer slept: taken out, not answering, in use. */
const PASSING = new Set([2002, 2003, 2004, 2006]);
/** What a camera takes for its first frame, at most. */
const SETTLES_MS = 4000;
const MEMORY = 'camera';
const DOCUMENT_PIXELS = 5e6;
const AGAIN_MS = [400, 800, 1500, 3000, 5000, 5000];

const element = (id) => document.getElementById(id);

/** Fires `change`, `choice` before it acts on another choice, `opened`, and `error`. */
export class CameraPanel extends EventTarget {
  /** 'closed', 'changing', 'opening' until the first frame, 'open', or 'lost' while it is tried again. */
  state = 'closed';

  #gaopai;
  #view;
  #devices = [];
  #opened = null;
  /** One thing after the other, however fast a person is. */
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  #working = 0;
  #retry = null;
  #attempts = 0;

  /** `view` shows its picture. */
  constructor(gaopai, view) {
    super();
    this.#gaopai = gaopai;
    this.#view = view;
    element('device').addEventListener('change', () => { this.#offerMedia(); this.#choose(); });
    element('media').addEventListener('change', () => { this.#offerResolutions(); this.#choose(); });
    element('resolution').addEventListener('change', () => this.#choose());
    element('camera').addEventListener('submit', (event) => {
      event.preventDefault();
      // The button of a camera that is being changed says neither.
      if (this.#working > 0) return;
      keep(MEMORY, { open: this.state === 'closed' });
      this.#then(() => (this.state === 'closed' ? this.#open() : this.#close()));
    });
    view.addEventListener('frame', () => this.#live());
    view.addEventListener('error', ({ detail }) => this.#lost(detail));
    onLanguage(() => this.#name());
  }

  get devNum() {
    return this.#devices[element('device').selectedIndex]?.id;
  }

  /** The camera that is open, which the chosen one is only when it was opened; null for none. */
  get opened() {
    return this.state === 'open' ? this.#opened : null;
  }

  get name() {
    return word(this.#devices[element('device').selectedIndex]?.devName ?? '');
  }

  /** The chosen resolution, as the camera delivers it: not turned. */
  get size() {
    const chosen = this.#media()[element('media').selectedIndex]?.resolutions[element('resolution').selectedIndex] ?? '0x0';
    const [width, height] = chosen.split('x').map(Number);
    return { width, height };
  }

  /** The cameras beside the chosen one. */
  get others() {
    return this.#devices.filter(({ id }) => id !== this.devNum);
  }

  get hasDevices() {
    return this.#devices.length > 0;
  }

  /** Asks what is plugged in, and keeps the choice where it is still there. */
  async refresh() {
    const { devInfo: found } = await this.#gaopai.call('GetCameraInfo');
    const devInfo = [...found.filter((one) => !isSmall(one)), ...found.filter(isSmall)];
    const unchanged = JSON.stringify(devInfo) === JSON.stringify(this.#devices);
    this.#devices = devInfo;
    if (!unchanged) {
      offer(element('device'), devInfo.map(({ devName }) => word(devName)));
      this.#setApart(devInfo.filter((one) => !isSmall(one)).length);
      element('device').selectedIndex = Math.max(0, devInfo.findIndex(({ devName }) => devName === recall(MEMORY).device));
      this.#offerMedia();
    }
    this.show();
  }

  /** Cameras of faces and the like stand behind those of documents, which are the first so many. */
  #setApart(documents) {
    const options = [...element('device').options].slice(documents);
    if (documents === 0 || options.length === 0) return;
    const group = Object.assign(document.createElement('optgroup'), { label: text('otherCameras') });
    group.append(...options);
    element('device').append(group);
  }

  /** Opens the camera that was open when this browser was last here. */
  openAgain() {
    if (this.state === 'closed' && recall(MEMORY).open === true) this.wanted = true;
  }

  /** Asks whoever has the camera for it. */
  askFor() {
    this.#then(() => this.#open({ takeOver: true }));
  }

  /** Opens the camera, or closes it, unless that is done already. */
  set wanted(wanted) {
    this.#then(() => {
      if (wanted === (this.state !== 'closed')) return undefined;
      return wanted ? this.#open() : this.#close();
    });
  }

  /** Brings the panel in line with the connection and the language. */
  show() {
    const button = element('open');
    button.dataset.state = this.state;
    button.textContent = text(this.state === 'closed' || this.state === 'changing' ? 'open' : 'close');
    button.disabled = this.#gaopai.state !== 'open' || !this.hasDevices || this.#working > 0;
    this.dispatchEvent(new Event('change'));
  }

  async #open(further = {}) {
    const devNum = this.devNum;
    this.#become('changing');
    try {
      await this.#gaopai.call('OpenCamera', { ...this.#order(devNum), ...further });
    } catch (error) {
      this.#become('closed');
      throw error;
    }
    this.#opened = devNum;
    this.#view.start(devNum);
    this.#become('opening');
    this.dispatchEvent(new Event('opened'));
  }

  async #close() {
    clearTimeout(this.#retry);
    this.#become('changing');
    try {
      await this.#view.stop();
      await this.#gaopai.call('CloseCamera', { devNum: this.#opened });
    } finally {
      this.#become('closed');
    }
  }

  #live() {
    this.#attempts = 0;
    if (this.state === 'opening' || this.state === 'lost') this.#become('open');
  }

  /** A camera that is gone is opened again as soon as it answers; nobody has to replug it after the computer slept. */
  #lost(error) {
    const wait = AGAIN_MS[this.#attempts];
    if (this.state === 'closed' || this.state === 'changing') return;
    if (!PASSING.has(error.code) || wait === undefined) {
      this.#attempts = 0;
      this.#become('closed');
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
      return;
    }
    this.#attempts += 1;
    this.#become('lost');
    this.#retry = setTimeout(() => this.#then(() => this.#reopen()), wait);
  }

  async #reopen() {
    if (this.state !== 'lost') return;
    try {
      await this.#gaopai.call('OpenCamera', this.#order(this.#opened));
      this.#view.start(this.#opened);
    } catch (error) {
      this.#lost(error);
    }
  }

  #order(devNum) {
    return { devNum, mediaNum: element('media').selectedIndex, resolutionNum: element('resolution').selectedIndex, fps: FPS };
  }

  #become(state) {
    this.state = state;
    this.show();
  }

  #choose() {
    const { mediaName = '', resolutions = [] } = this.#media()[element('media').selectedIndex] ?? {};
    const resolution = resolutions[element('resolution').selectedIndex];
    keep(MEMORY, { device: this.#devices[element('device').selectedIndex].devName, media: mediaName, resolution });
    this.dispatchEvent(new Event('choice'));
    this.#then(async () => {
      if (this.state === 'closed') return;
      await this.#close();
      await this.#open();
      // Until then the button would say Close to who is about to press Open.
      await this.#settled();
    });
  }

  /** Resolves with the first frame, or when none came for a while. */
  #settled() {
    return new Promise((/** @type {(value?: any) => void} */ resolve) => {
      const timer = setTimeout(resolve, SETTLES_MS);
      for (const name of ['frame', 'error']) {
        this.#view.addEventListener(name, () => {
          clearTimeout(timer);
          resolve();
        }, { once: true });
      }
    });
  }

  #offerMedia() {
    offer(element('media'), this.#media().map(({ mediaName }) => mediaName), recall(MEMORY).media);
    this.#offerResolutions();
  }

  #offerResolutions() {
    offer(element('resolution'), this.#media()[element('media').selectedIndex]?.resolutions ?? [], recall(MEMORY).resolution);
  }

  #media() {
    return this.#devices[element('device').selectedIndex]?.mediaTypes ?? [];
  }

  #name() {
    const group = element('device').querySelector('optgroup');
    if (group) group.label = text('otherCameras');
    [...element('device').options].forEach((option, at) => { option.textContent = word(this.#devices[at].devName); });
    this.show();
  }

  #then(action) {
    this.#working += 1;
    this.show();
    this.#last = this.#last.then(action).catch((error) => this.dispatchEvent(new CustomEvent('error', { detail: error })))
      .finally(() => {
        this.#working -= 1;
        this.show();
      });
  }
}

/** Whether a camera has fewer pixels than those of documents do. */
function isSmall({ mediaTypes }) {
  const sizes = mediaTypes.flatMap(({ resolutions }) => resolutions.map((size) => size.split('x')));
  return Math.max(0, ...sizes.map(([width, height]) => width * height)) < DOCUMENT_PIXELS;
}

/** What was chosen last is chosen again, where there is such a one. */
function offer(select, names, last) {
  select.replaceChildren(...names.map((name) => new Option(name.replace(/^(\d+)x(\d+)$/, '$1 × $2'))));
  select.disabled = names.length === 0;
  if (names.includes(last)) select.selectedIndex = names.indexOf(last);
}
