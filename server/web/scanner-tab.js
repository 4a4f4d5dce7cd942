/** The scanner's tab: scan, put in order, merge, send on. */
import { onLanguage, text } from './i18n.js';
import { MergeForm } from './merge.js';
import { scanner as notice } from './notice.js';
import { ImageOptions, SCANNER_CROP_TYPES } from './options.js';
import { ScannerPanel } from './scanner.js';
import { Tray } from './tray.js';
import { UploadForm } from './upload.js';

const CANCELLED = 1009;

const element = (id) => document.getElementById(id);
const cancel = element('scan-cancel');

export class ScannerTab {
  #gaopai;
  #scanner;
  #tray = new Tray();
  #merge;
  #upload;
  #options;
  /** The service works for one thing at a time: 'scan', 'merge', 'upload' or null. */
  #busy = null;
  /** Devices changed during a scan, behind which the question for them would wait. */
  #stale = false;

  constructor(gaopai) {
    this.#gaopai = gaopai;
    this.#scanner = new ScannerPanel(gaopai);
    this.#merge = new MergeForm(gaopai, this.#tray);
    this.#upload = new UploadForm(gaopai, this.#tray, this.#merge);
    const send = (values) => gaopai.call('SetScannerImageInfo', values);
    this.#options = new ImageOptions(element('scan-options'), SCANNER_CROP_TYPES, send);
    this.#hearService();
    this.#hearParts();
    this.#hearHands();
    this.#show();
  }

  #hearService() {
    this.#gaopai.addEventListener('open', () => {
      this.#options.apply();
      this.#scanner.refresh();
    });
    this.#gaopai.addEventListener('close', () => this.#show());
    this.#gaopai.addEventListener('device-change', ({ detail }) => detail.kind === 'scanner' && this.#devicesChanged());
    this.#gaopai.addEventListener('upload-finished', ({ detail }) => {
      if (detail.uploaded) notice.info(text('uploadedLater'));
      else notice.error({ message: text('uploadGivenUp') });
    });
  }

  #hearParts() {
    const failed = ({ detail }) => notice.error(detail);
    for (const part of [this.#scanner, this.#tray]) part.addEventListener('change', () => this.#show());
    for (const part of [this.#scanner, this.#options]) part.addEventListener('error', failed);
    this.#options.addEventListener('change', () => notice.hide());
    this.#tray.addEventListener('move', ({ detail }) => notice.info(text('sheetMoved', detail)));
    onLanguage(() => this.#show());
  }

  #hearHands() {
    const does = { scan: () => this.#scan(), merge: () => this.#mergePages(), upload: () => this.#upload.send() };
    for (const [name, action] of Object.entries(does)) {
      element(name).addEventListener('submit', (event) => {
        event.preventDefault();
        this.#work(name, action);
      });
    }
    element('upload-what').addEventListener('change', () => this.#show());
    cancel.addEventListener('click', () => this.#gaopai.call('CancelScan').catch((error) => notice.error(error)));
  }

  async #scan() {
    const before = this.#tray.size;
    this.#tray.expecting = true;
    try {
      const order = { ...this.#scanner.order, imagePath: element('scan-name').value.trim() };
      for await (const page of this.#gaopai.scan(order)) this.#tray.add(page);
      return text('scanned', { count: this.#tray.size - before });
    } finally {
      this.#tray.expecting = false;
    }
  }

  async #mergePages() {
    const done = await this.#merge.merge();
    this.#upload.offerMerged();
    return done;
  }

  async #work(name, action) {
    if (this.#busy) return;
    this.#begin(name);
    try {
      notice.info(await action());
    } catch (error) {
      if (error.code === CANCELLED) notice.info(text('cancelled'));
      else notice.error(error);
    } finally {
      this.#begin(null);
      if (this.#stale) this.#devicesChanged();
    }
  }

  #begin(name) {
    this.#busy = name;
    if (name) notice.hide();
    this.#show();
  }

  async #devicesChanged() {
    this.#stale = this.#busy !== null;
    if (this.#stale) return;
    await this.#scanner.refresh();
    notice.info(text('devicesChanged'));
  }

  /** Brings everything that depends on the state of things in line with it. */
  #show() {
    const idle = this.#gaopai.state === 'open' && this.#busy === null;
    this.#enable('scan', idle && this.#scanner.ready);
    this.#enable('merge', idle && this.#merge.possible);
    this.#enable('upload', idle && this.#upload.possible);
    cancel.disabled = this.#busy === null;
    this.#scanner.disabled = this.#busy !== null;
    this.#options.disabled = this.#busy !== null;
    this.#upload.show();
    this.#showPlaceholder();
  }

  #enable(name, enabled) {
    const button = element(`${name}-button`);
    button.disabled = !enabled;
    button.setAttribute('aria-busy', String(this.#busy === name));
  }

  #showPlaceholder() {
    element('tray-placeholder').hidden = this.#tray.size > 0 || this.#busy === 'scan';
    const [title, remedy] = this.#placeholder();
    element('tray-placeholder-text').textContent = title;
    element('tray-placeholder-remedy').textContent = remedy;
  }

  #placeholder() {
    if (this.#gaopai.state !== 'open') return [text('connecting'), ''];
    if (this.#scanner.searching) return [text('searching'), text('searchingHint')];
    if (!this.#scanner.hasDevices) return [text('noScanner'), text('noScannerHint')];
    return [text('noSheets'), text('noSheetsHint')];
  }
}
