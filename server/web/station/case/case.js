/** The case: the pages from camera, scanner and files, what is done to them, and the document they become. */
import { DOCUMENT, DocumentBar, PROPOSAL } from './document-bar.js';
import { onLanguage, text } from '../../texts/i18n.js';
import { icon } from '../icons.js';
import { named } from './document-bar.js';
import { recall } from '../memory.js';
import { Notice, strip } from '../notice.js';
import { Rework } from './rework.js';
import { inWords, pairs, verdictOf } from './seal.js';
import { SHOWN, Shown, TOLD } from './shown.js';
import { TRAY, Tray } from './tray.js';
import { UPLOAD, UploadForm } from './upload.js';
import { Viewer } from '../pictures/viewer.js';

const CASE = `
  <header>
    <h2 data-i18n="case"></h2>
    <p id="tray-count" class="quiet"></p>
    <input id="thumbnail-size" type="range" min="0" max="2" step="1" data-i18n-title="thumbnailSize" hidden>
    <label id="tray-add-label" class="button tool" data-i18n-title="addFiles">${icon('files')}<span data-i18n="addFilesShort"></span><input id="tray-add" type="file" accept="image/*,.tif,.tiff" multiple data-i18n-label="addFiles"></label>
    <button id="tray-undo" type="button" class="tool" data-i18n-title="undo" disabled>${icon('undo')}</button>
    <button id="tray-blanks" type="button" class="plain" data-i18n="removeBlank" hidden></button>
    <button id="tray-clear" type="button" class="plain" data-i18n="clear" hidden></button>
  </header>
  <p id="elsewhere" class="found" role="status" hidden><span data-i18n="otherWindow"></span> <button id="case-here" type="button" data-i18n="workHere"></button></p>
  <p id="found" class="found" hidden><span></span> <button id="found-add" type="button" data-i18n="foundAdd"></button> <button id="found-leave" type="button" class="plain" data-i18n="foundLeave"></button></p>
  <div class="laid">
    <div class="look">
      ${SHOWN}
      ${strip('case-notice', `${TOLD}<button id="case-undo" type="button" class="plain" data-i18n="undo" hidden></button>`)}
    </div>
    <div class="finish">
      <div class="tray">${TRAY}${PROPOSAL}${UPLOAD}</div>
      ${DOCUMENT}
    </div>
  </div>`;

const element = (id) => document.getElementById(id);
const CANCELLED = 1009;
/** Crops of the camera that a file is cut out by, too: what was drawn on another picture is none. */
const CROPPED = new Set([1, 2, 3]);
const USUAL_NAME = '{date}-{seq}.jpg';
/** Steps that are told, with the way back. */
const UNDOABLE = new Set(['removed', 'cleared', 'blanks', 'retaken']);
/** What a browser undoes itself. */
const WRITTEN = 'textarea, [contenteditable], input:not([type=checkbox], [type=radio], [type=range], [type=file])';

/** Fires `busy` when the service begins or ends to work for it, and `here` when the case shall be worked on in this window. */
export class Case extends EventTarget {
  #gaopai;
  #pages;
  #notice;
  #rework;
  #viewer;
  #tray;
  #document;
  #upload;
  #number;
  /** 'merge', 'upload', 'save', 'change' or null: the service works for one thing at a time. */
  #busy = null;

  /** `number` is that of the case, which names files. */
  constructor(gaopai, pages, number) {
    super();
    element('case').innerHTML = CASE;
    this.#gaopai = gaopai;
    this.#pages = pages;
    this.#notice = new Notice(element('case-notice'));
    this.#rework = new Rework(gaopai);
    this.#viewer = new Viewer(pages, this.#rework);
    this.#tray = new Tray(pages);
    this.#number = number;
    this.#document = new DocumentBar(gaopai, pages, number);
    this.#upload = new UploadForm(gaopai, this.#document, pages, number);
    this.#hearPages();
    this.#hearShown(new Shown(pages));
    this.#hearHands();
    this.#hearService();
    this.#show();
  }

  get notice() {
    return this.#notice;
  }

  /** Whether another window works on the case. */
  set elsewhere(elsewhere) {
    if (!elsewhere && !element('elsewhere').hidden) this.#notice.info(() => text('workedHere'));
    element('elsewhere').hidden = !elsewhere;
  }

  get tray() {
    return this.#tray;
  }

  #hearService() {
    for (const name of ['open', 'close']) this.#gaopai.addEventListener(name, () => this.#show());
    this.#gaopai.addEventListener('open', () => this.#document.offerKinds().catch((error) => this.#notice.error(error)));
    this.#gaopai.addEventListener('upload-finished', ({ detail }) => {
      if (detail.uploaded) this.#notice.info(() => text('uploadedLater'));
      else this.#notice.warn(() => text('uploadGivenUp'));
    });
    onLanguage(() => this.#show());
  }

  #hearPages() {
    this.#pages.addEventListener('change', () => this.#show());
    this.#pages.addEventListener('done', ({ detail }) => {
      if (detail.name === 'cleared') this.#number.clear();
      if (!UNDOABLE.has(detail.name)) return;
      this.#notice.info(() => text(`page_${detail.name}`, detail));
      element('case-undo').hidden = false;
    });
    this.#tray.addEventListener('move', ({ detail }) => this.#notice.info(() => text('sheetMoved', detail)));
    this.#tray.addEventListener('open', ({ detail }) => this.#viewer.open(detail));
    this.#tray.addEventListener('turn', ({ detail }) => this.#change([detail], { turn: 90 }));
    this.#document.addEventListener('error', ({ detail }) => this.#notice.error(detail));
    this.#document.addEventListener('change', () => this.#upload.show());
  }

  #hearShown(shown) {
    shown.addEventListener('change', ({ detail }) => this.#change(this.#pages.chosen, detail));
    shown.addEventListener('open', ({ detail }) => this.#viewer.open(detail));
    shown.addEventListener('move', ({ detail }) => this.#tray.moveChosen(detail));
    shown.addEventListener('recrop', ({ detail }) => {
      this.#viewer.open(detail);
      element('viewer-recrop').click();
    });
    shown.addEventListener('save', ({ detail }) => this.#work('save', () => this.#save(detail, element('merge-name').value.trim())));
  }

  #hearHands() {
    element('case-here').addEventListener('click', () => this.dispatchEvent(new Event('here')));
    element('tray-blanks').addEventListener('click', () => this.#pages.remove(this.#blanks, 'blanks'));
    element('tray-clear').addEventListener('click', () => this.#pages.clear());
    for (const id of ['tray-undo', 'case-undo']) element(id).addEventListener('click', () => this.#undo());
    element('tray-add').addEventListener('change', ({ target }) => this.#take([...target.files]).then(() => { target.value = ''; }));
    element('merge').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#work('merge', () => this.#document.merge());
    });
    element('upload').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#work('upload', () => this.#upload.send());
    });
    element('upload-what').addEventListener('change', () => this.#show());
    document.addEventListener('keydown', (event) => {
      const undo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'z';
      if (!undo || event.target.closest(WRITTEN)) return;
      event.preventDefault();
      this.#undo();
    });
    this.#hearDrops(element('case'));
  }

  #hearDrops(box) {
    const files = (event) => event.dataTransfer.types.includes('Files');
    box.addEventListener('dragover', (event) => files(event) && event.preventDefault());
    box.addEventListener('drop', (event) => {
      if (!files(event)) return;
      event.preventDefault();
      this.#take([...event.dataTransfer.files]);
    });
  }

  get #blanks() {
    return this.#pages.list.filter(({ blank }) => blank).map(({ id }) => id);
  }

  #undo() {
    const name = this.#pages.undo();
    if (name === 'cleared') this.#number.restore();
    if (name !== null) this.#notice.info(() => text('undone'));
  }

  /** Files of this computer: what is signed is verified, anything else becomes pages, some by the service. */
  async #take(files) {
    for (const { file, beside } of pairs(files)) {
      if (file === null) {
        this.#notice.error({ say: () => text('sealAlone', { name: beside.name }) });
        continue;
      }
      try {
        const verdict = await verdictOf(this.#gaopai, file, beside);
        if (verdict !== null) {
          this.#notice.ask(() => `${file.name}: ${inWords(verdict)}`);
          continue;
        }
        this.#pages.add({ ...(await this.#picture(file)), from: 'file', name: file.name });
      } catch (error) {
        this.#notice.error(error.code === undefined ? { say: () => text('notAPicture', { name: file.name }) } : error);
      }
    }
  }

  async #picture(file) {
    const bitmap = await createImageBitmap(file).catch(() => null);
    if (bitmap === null) return (await this.#gaopai.processImage({ picture: file }))[0];
    const { width, height } = bitmap;
    bitmap.close();
    return this.#cropped({ blob: file, width, height, original: file, handle: null, corners: null, edit: {} });
  }

  /** A photograph of a page is cut out as the camera's pages are; what is refused stays as it came, which undoing gives, too. */
  async #cropped(picture) {
    const { cropType = 1, ...settings } = recall('options');
    if (!CROPPED.has(cropType) || this.#gaopai.state !== 'open') return picture;
    try {
      return await this.#rework.cutOut(picture, settings);
    } catch {
      return picture;
    }
  }

  /** One step, however many pages: what failed at the third is done to two. */
  #change(pages, changes) {
    return this.#work('change', async () => {
      const made = new Map();
      try {
        for (const page of pages) {
          if (pages.length > 1) this.#notice.info(() => text('mergeProgress', { done: made.size + 1, total: pages.length }));
          made.set(page.id, await this.#rework.apply(page, changes));
        }
      } finally {
        this.#pages.updateAll(made, 'changed');
      }
      return pages.length > 1 ? () => text('changedAll', { count: made.size }) : null;
    });
  }

  /** Writes the picture that is shown, in the storage folder of the service. */
  async #save(page, name) {
    const [{ path }] = await this.#gaopai.processImage({ picture: page.blob, filePath: this.#number.named(name, '.jpg', USUAL_NAME) });
    this.#pages.update(page.id, { path });
    return () => text('saved', { paths: named(path) });
  }

  async #work(name, action) {
    if (this.#busy) return;
    this.#begin(name);
    try {
      const say = await action();
      if (say) this.#notice.info(say);
    } catch (error) {
      if (error.code === CANCELLED) this.#notice.info(() => text('nothingMade'));
      else this.#notice.error(error);
    } finally {
      this.#begin(null);
    }
  }

  #begin(name) {
    this.#busy = name;
    if (name) this.#notice.hide();
    this.#show();
    this.dispatchEvent(new Event('busy'));
  }

  /** Brings everything that depends on the state of things in line with it. */
  #show() {
    const { size, used, undoable } = this.#pages;
    const idle = this.#gaopai.state === 'open' && this.#busy === null;
    const enabled = { merge: this.#document.possible, upload: this.#upload.possible, save: true };
    for (const [name, possible] of Object.entries(enabled)) {
      element(`${name}-button`).disabled = !idle || !possible;
      element(`${name}-button`).setAttribute('aria-busy', String(this.#busy === name));
    }
    element('shown').setAttribute('aria-busy', String(this.#busy === 'change'));
    element('tray-count').textContent = size === 0 ? '' : text('ticked', { chosen: used.length, count: size });
    for (const id of ['tray-clear', 'thumbnail-size']) element(id).hidden = size === 0;
    element('tray-blanks').hidden = this.#blanks.length === 0;
    element('tray-undo').disabled = !undoable;
    element('case-undo').hidden ||= !undoable || element('case-notice').dataset.kind === '';
    this.#upload.show();
  }
}
