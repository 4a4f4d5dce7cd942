/** A page enlarged: zoomed, compared with its original, cut anew, turned; and from page to page with the arrow keys. */
import { CodeOverlay } from './codes.js';
import { Corners } from './corners.js';
import { Covers } from './covers.js';
import { onLanguage, text, translate } from '../../texts/i18n.js';
import { icon } from '../icons.js';
import { documentSheet } from '../identity/document-sheet.js';
import { errorInWords } from '../notice.js';
import { IMAGE_TYPES } from './options.js';
import { readCodes } from './picture-codes.js';
import { Stamps } from './stamps.js';
import { Zoom } from './zoom.js';

const button = (id, picture, key) => `
  <button id="viewer-${id}" type="button" class="tool" data-i18n-title="${key}">${icon(picture)}</button>`;

const VIEWER = `
  <header>
    <p id="viewer-title"></p>
    <p id="viewer-status" class="quiet" role="status"></p>
    <div class="tools" id="viewer-tools" role="group" data-i18n-label="pageTools">
      ${button('left', 'left', 'turnPageLeft')}
      ${button('right', 'right', 'turnPageRight')}
      ${button('recrop', 'recrop', 'recrop')}
      ${button('retake', 'retake', 'retake')}
      <select id="viewer-filter" data-i18n-label="imageType">
        ${IMAGE_TYPES.map((type) => `<option value="${type}" data-i18n="imageType${type}"></option>`).join('')}
      </select>
      <button id="viewer-compare" type="button" class="tool" aria-pressed="false" data-i18n-title="compareOriginal">${icon('compare')}</button>
      <button id="viewer-read" type="button" class="tool" data-i18n-title="readCodes">${icon('barcode')}</button>
      <a id="viewer-download" class="button tool" data-i18n-title="download">${icon('download')}</a>
      <button id="viewer-fields" type="button" class="tool" data-i18n-hint="readFieldsHint">${icon('readFields')}<span data-i18n="readFields"></span></button>
      <button id="viewer-private" type="button" class="tool" data-i18n-title="privateCopyHint">${icon('hide')}<span data-i18n="privateCopy"></span></button>
      <button id="viewer-cover" type="button" class="tool" data-i18n-title="coverHint">${icon('cover')}<span data-i18n="cover"></span></button>
      <button id="viewer-stamp" type="button" class="tool" data-i18n-title="stampHint">${icon('stamp')}<span data-i18n="stamp"></span></button>
      ${button('remove', 'remove', 'removePage')}
      ${button('undo', 'undo', 'undo')}
    </div>
    <div class="tools" id="viewer-cutting" hidden>
      <button id="viewer-cut" type="button" class="primary" data-i18n="applyCut"></button>
      <button id="viewer-whole" type="button" data-i18n="cutWhole"></button>
      <button id="viewer-uncut" type="button" data-i18n="cancel"></button>
    </div>
    <div class="tools" id="viewer-covering" role="group" data-i18n-label="cover" hidden>
      <button id="viewer-covered" type="button" class="primary" data-i18n="applyCover"></button>
      <button id="viewer-bar" type="button" data-i18n="newBar"></button>
      <button id="viewer-lines" type="button" data-i18n="findLines" data-i18n-title="findLinesHint"></button>
      ${button('uncover', 'undo', 'undo')}
      <button id="viewer-leave" type="button" data-i18n="cancel"></button>
    </div>
    <div class="tools" id="viewer-stamping" role="group" data-i18n-label="stamp" hidden>
      <button id="viewer-stamped" type="button" class="primary" data-i18n="applyStamps"></button>
      <span id="viewer-designs" class="designs" data-i18n-title="stampKeys"></span>
      <input id="viewer-clerk" type="text" maxlength="40" autocomplete="off" data-i18n-label="clerk" data-i18n-placeholder="clerk">
      ${button('stampleft', 'left', 'turnStampLeft')}
      ${button('stampright', 'right', 'turnStampRight')}
      ${button('unstamp', 'undo', 'undo')}
      <button id="viewer-nostamp" type="button" data-i18n="cancel"></button>
    </div>
    <div class="tools" id="viewer-keeping" hidden>
      <button id="viewer-keep" type="button" class="primary" data-i18n="keepCopy"></button>
      <button id="viewer-unkeep" type="button" data-i18n="cancel"></button>
    </div>
    <button id="viewer-close" type="button" data-i18n="close"></button>
  </header>
  <div class="viewed">
  <figure id="viewer-beside" class="beside" hidden><img id="viewer-original" data-i18n-label="original" alt=""><figcaption data-i18n="original"></figcaption></figure>
  <div class="viewport" id="viewport" tabindex="0" role="group" data-i18n-label="viewport">
    <div class="enlarged" id="enlarged">
      <img id="viewer-image" alt="">
      <div id="viewer-codes" class="codes" role="group" data-i18n-label="codes" hidden></div>
      <div id="viewer-corners" class="corners" role="group" data-i18n-label="corners" hidden></div>
      <div id="viewer-covers" class="covers" role="group" data-i18n-label="cover" hidden></div>
      <div id="viewer-stamps" class="stamps" role="group" data-i18n-label="stamp" hidden></div>
    </div>
  </div>
  <aside id="viewer-read-fields" class="read-fields" data-i18n-label="fieldsOfPage" hidden>
    <button id="viewer-reveal" type="button"></button>
    <div id="viewer-documents"></div>
  </aside>
  </div>`;

const element = (id) => document.getElementById(id);

export class Viewer {
  #pages;
  #rework;
  #dialog = element('viewer');
  #image;
  #zoom;
  #corners;
  #covers;
  #stamps;
  #codes;
  #page = null;
  /** The original, while it is looked at or cut. */
  #original = null;
  /** Whether the original stands beside the page. */
  #compared = false;
  /** A copy with something covered, until it is kept or not. */
  #copy = null;
  #busy = false;
  /** Documents that were read on the page, until another one is shown. */
  #documents = [];
  #revealed = false;

  /** Shows one of `pages`; `rework` works on them again. */
  constructor(pages, rework) {
    this.#dialog.innerHTML = VIEWER;
    this.#pages = pages;
    this.#rework = rework;
    this.#image = element('viewer-image');
    this.#zoom = new Zoom(element('viewport'), element('enlarged'));
    this.#corners = new Corners(element('viewer-corners'), this.#image);
    this.#covers = new Covers(element('viewer-covers'));
    this.#stamps = new Stamps(element('viewer-stamps'));
    this.#codes = new CodeOverlay(element('viewer-codes'));
    this.#codes.addEventListener('error', ({ detail }) => this.#say(detail.message));
    this.#hear();
    translate();
  }

  get shown() {
    return this.#dialog.open;
  }

  open(page) {
    this.#pages.select(page.id);
    this.#dialog.showModal();
    this.#say('');
    element('viewport').focus();
    this.#show();
  }

  #hear() {
    const acts = {
      left: () => this.#change({ turn: 270 }),
      right: () => this.#change({ turn: 90 }),
      recrop: () => this.#recrop(),
      cut: () => this.#cut(),
      whole: () => this.#corners.show(null, this.#natural),
      uncut: () => this.#leaveOriginal(),
      retake: () => this.#retake(),
      fields: () => this.#readFields(),
      reveal: () => this.#reveal(!this.#revealed),
      private: () => this.#privateCopy(),
      cover: () => this.#cover(),
      covered: () => this.#burn(),
      bar: () => this.#covers.add(),
      lines: () => this.#findLines(),
      uncover: () => this.#covers.undo(),
      leave: () => this.#leaveOriginal(),
      stamp: () => this.#stamp(),
      stamped: () => this.#lay(),
      stampleft: () => this.#stamps.turn(1),
      stampright: () => this.#stamps.turn(-1),
      unstamp: () => this.#stamps.undo(),
      nostamp: () => this.#leaveOriginal(),
      keep: () => this.#keep(),
      unkeep: () => this.#leaveOriginal(),
      compare: () => this.#compare(),
      read: () => this.#read(),
      remove: () => this.#pages.remove([this.#page.id]),
      undo: () => this.#pages.undo(),
      close: () => this.#dialog.close(),
    };
    for (const [name, act] of Object.entries(acts)) element(`viewer-${name}`).addEventListener('click', () => this.#attempt(act));
    element('viewer-filter').addEventListener('change', ({ target }) => this.#attempt(() => this.#change({ imageType: Number(target.value) })));
    this.#corners.addEventListener('change', () => this.#judgeCorners());
    this.#covers.addEventListener('change', () => this.#showCovers());
    this.#stamps.addEventListener('change', () => this.#showStamps());
    element('viewer-clerk').addEventListener('change', () => this.#attempt(() => this.#offerStamps()));
    this.#dialog.addEventListener('close', () => {
      this.#leaveOriginal();
      this.#besides(null);
      this.#showDocuments([]);
    });
    document.addEventListener('visibilitychange', () => document.hidden && this.#reveal(false));
    this.#dialog.addEventListener('keydown', (event) => this.#key(event));
    this.#pages.addEventListener('select', () => this.shown && this.#show());
    this.#pages.addEventListener('change', () => this.shown && this.#show());
    onLanguage(() => {
      if (this.shown) this.#title();
      this.#reveal(this.#revealed);
    });
  }

  #key(event) {
    if (event.target.matches('select, input') || this.#corners.shown) return;
    const laid = [this.#covers, this.#stamps].find((one) => one.shown);
    if (laid) this.#keyOver(event, laid);
    else this.#keyOfPage(event);
  }

  /** What a key takes back is a bar or a stamp, not what was done to the page before. */
  #keyOver(event, laid) {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return;
    event.preventDefault();
    event.stopPropagation();
    laid.undo();
  }

  #keyOfPage(event) {
    const turns = this.#zoom.whole ? { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 } : {};
    const by = { ...turns, PageUp: -1, PageDown: 1 }[event.key];
    const act = { '+': () => this.#zoom.in(), '=': () => this.#zoom.in(), '-': () => this.#zoom.out(), 0: () => this.#zoom.fit() }[event.key];
    if (by !== undefined) this.#pages.step(by);
    else if (event.key === 'Delete') this.#pages.remove([this.#page.id]);
    else if (act && !event.ctrlKey) act();
    else return;
    event.preventDefault();
  }

  /** Brings everything in line with the chosen page. */
  #show() {
    const page = this.#pages.selected;
    if (page === null) return this.#dialog.close();
    if (page.blob === null) return undefined;
    element('viewer-undo').disabled = !this.#pages.undoable;
    if (page === this.#page && this.#image.src) return undefined;
    // The original has another shape.
    const same = this.#original === null
      && page.id === this.#page?.id && page.width === this.#page.width && page.height === this.#page.height;
    this.#page = page;
    this.#original = this.#copy = null;
    this.#corners.hide();
    this.#covers.hide();
    this.#stamps.hide();
    this.#besides(null);
    this.#showDocuments([]);
    this.#put(page.blob, page, !same);
    this.#title();
    element('viewer-filter').value = String(page.edit.imageType ?? 0);
    this.#codes.clear();
    this.#say('');
    if (page.codes) this.#showCodes(page.codes);
    return undefined;
  }

  #put(blob, size, fit = true) {
    const before = this.#image.src;
    if (blob) this.#image.src = URL.createObjectURL(blob);
    if (before) URL.revokeObjectURL(before);
    if (fit) this.#zoom.fit({ width: size.width, height: size.height });
    const download = element('viewer-download');
    const suffix = (blob?.type.split('/')[1] ?? 'jpeg').replace('jpeg', 'jpg');
    Object.assign(download, { href: this.#image.src, download: `${this.#name}.${suffix}` });
  }

  get #name() {
    const { path, id } = this.#page;
    return path?.split('/').at(-1).replace(/\.\w+$/, '') ?? `gaopai-${this.#pages.number(id)}`;
  }

  get #natural() {
    return { width: this.#image.naturalWidth, height: this.#image.naturalHeight };
  }

  #title() {
    const { id, width, height, blob, path, name } = this.#page;
    const number = this.#pages.number(id);
    const values = { number, width, height, size: sizeOf(blob), name: path?.split('/').at(-1) ?? name };
    element('viewer-title').textContent = text(values.name ? 'sheetTitle' : 'pictureTitle', values);
    this.#image.alt = text('pictureAlt', { number });
  }

  async #change(changes) {
    const page = this.#page;
    this.#say(text('working'));
    const changed = await this.#rework.apply(page, changes);
    this.#pages.update(page.id, changed, 'changed');
    this.#say('');
  }

  /** Puts the original beside the page, each whole, or takes it away. */
  async #compare() {
    if (this.#compared) return this.#besides(null);
    const page = this.#page;
    const original = await this.#rework.original(page);
    return this.#page === page ? this.#besides(original) : undefined;
  }

  #besides(blob) {
    const image = element('viewer-original');
    URL.revokeObjectURL(image.src);
    image.removeAttribute('src');
    if (blob) image.src = URL.createObjectURL(blob);
    this.#compared = blob !== null;
    element('viewer-beside').hidden = !this.#compared;
    this.#zoom.fit();
    this.#showTools();
  }

  async #recrop() {
    await this.#lookAtOriginal();
    const { corners } = this.#page;
    this.#corners.show(this.#original === this.#page.blob ? null : corners, this.#natural);
    this.#showTools();
    this.#say(text('cutHint'));
  }

  async #lookAtOriginal() {
    const page = this.#page;
    this.#besides(null);
    const original = await this.#rework.original(page);
    if (this.#page !== page) return;
    this.#original = original;
    this.#codes.clear();
    this.#put(original, page, false);
    await this.#image.decode();
    this.#zoom.fit(this.#natural);
    this.#showTools();
  }

  async #cut() {
    const corners = this.#corners.corners.map(([x, y]) => [Math.round(x), Math.round(y)]);
    const page = this.#original === this.#page.blob ? { ...this.#page, handle: null, corners: null, edit: {} } : this.#page;
    this.#say(text('working'));
    const changed = await this.#rework.apply(page, { corners });
    this.#pages.update(page.id, { ...changed, original: this.#original }, 'changed');
  }

  /** Why it cannot be cut stands where the way to do it stood. */
  #judgeCorners() {
    const { valid } = this.#corners;
    element('viewer-cut').disabled = !valid;
    this.#say(text(valid ? 'cutHint' : 'cutImpossible'));
  }

  /** The next picture takes the place of this page. */
  #retake() {
    this.#dialog.close();
    this.#pages.retake(this.#page.id);
  }

  async #readFields() {
    const page = this.#page;
    this.#say(text('working'));
    const documents = await this.#rework.documents(page);
    if (this.#page !== page || !this.shown) return;
    this.#showDocuments(documents);
    this.#say(text(documents.length === 0 ? 'noFields' : 'fieldsRead', { count: documents.length }));
  }

  #showDocuments(documents) {
    this.#documents = documents;
    this.#reveal(false);
  }

  /** What is masked is not in the page at all. */
  #reveal(revealed) {
    this.#revealed = revealed;
    element('viewer-read-fields').hidden = this.#documents.length === 0;
    element('viewer-reveal').textContent = text(revealed ? 'hidePersonal' : 'showPersonal');
    const look = { revealed, failed: (error) => this.#say(errorInWords(error)) };
    element('viewer-documents').replaceChildren(...this.#documents.map((one) => documentSheet(one, look)));
  }

  /** Bars are drawn on the page as it is: nothing of it lies elsewhere once they are part of it. */
  async #cover() {
    this.#besides(null);
    this.#codes.clear();
    await this.#image.decode();
    this.#covers.show(this.#natural);
    this.#showTools();
    this.#say(text('coverDraw'));
    element('viewport').focus();
  }

  /** Says nothing: another sentence would move the picture under the hand that draws. */
  #showCovers() {
    element('viewer-covered').disabled = this.#covers.areas.length === 0;
    element('viewer-uncover').disabled = !this.#covers.undoable;
  }

  async #findLines() {
    const page = this.#page;
    this.#say(text('working'));
    const lines = await this.#rework.lines(page);
    if (this.#page !== page || !this.#covers.shown) return;
    this.#covers.offer(lines);
    this.#say(text(lines.length === 0 ? 'noLines' : 'linesFound', { count: lines.length }));
  }

  async #burn() {
    const page = this.#page;
    const { areas } = this.#covers;
    this.#say(text('working'));
    const covered = await this.#rework.covered(page, areas);
    this.#pages.update(page.id, covered, 'covered');
    this.#say(text('covered', { count: areas.length }));
  }

  async #stamp() {
    const page = this.#page;
    this.#besides(null);
    this.#codes.clear();
    await this.#image.decode();
    await this.#offerStamps();
    if (this.#page !== page) return;
    this.#stamps.show(this.#natural);
    this.#showTools();
    this.#say(text('stampPlace'));
    element('viewer-designs').querySelector('button')?.focus();
  }

  async #offerStamps() {
    const designs = await this.#rework.stamps(element('viewer-clerk').value);
    element('viewer-designs').replaceChildren(...designs.map((design) => {
      const offered = Object.assign(document.createElement('button'), { type: 'button', className: 'tool', title: design.title });
      offered.append(Object.assign(document.createElement('img'), { src: design.url, alt: design.title }));
      offered.addEventListener('click', () => this.#stamps.add(design));
      return offered;
    }));
    this.#stamps.redraw(designs);
  }

  #showStamps() {
    const none = this.#stamps.placed.length === 0;
    for (const name of ['stamped', 'stampleft', 'stampright']) element(`viewer-${name}`).disabled = none;
    element('viewer-unstamp').disabled = !this.#stamps.undoable;
  }

  async #lay() {
    const page = this.#page;
    const { placed } = this.#stamps;
    this.#say(text('working'));
    const stamped = await this.#rework.stamped(page, placed, element('viewer-clerk').value);
    this.#pages.update(page.id, stamped, 'stamped');
    this.#say(text('stamped', { count: placed.length }));
  }

  /** Shows what a private copy would hide, before anybody keeps it. */
  async #privateCopy() {
    const page = this.#page;
    this.#besides(null);
    this.#say(text('working'));
    const { blob, count } = await this.#rework.privateCopy(page);
    if (this.#page !== page) return;
    this.#say(text(count === 0 ? 'nothingHidden' : 'partsHidden', { count }));
    if (count === 0) return;
    this.#original = this.#copy = blob;
    this.#codes.clear();
    this.#put(blob, page, false);
    this.#showTools();
  }

  /** The copy stands behind its page, which is ticked no longer: what is sent on has what is covered covered. */
  #keep() {
    const { id, width, height, from } = this.#page;
    const copy = { blob: this.#copy, width, height, from, name: text('privateCopy') };
    this.#pages.update(id, { used: false }, 'changed');
    this.#pages.add(copy, id);
    this.#say(text('copyKept'));
  }

  #leaveOriginal() {
    if (this.#original === null && ![this.#corners, this.#covers, this.#stamps].some((one) => one.shown)) return;
    this.#original = this.#copy = null;
    this.#corners.hide();
    this.#covers.hide();
    this.#stamps.hide();
    this.#say('');
    this.#showTools();
    this.#put(this.#page.blob, this.#page);
    if (this.#page.codes) this.#showCodes(this.#page.codes);
  }

  #showTools() {
    const cutting = this.#corners.shown;
    const copied = this.#copy !== null;
    const covering = this.#covers.shown;
    const stamping = this.#stamps.shown;
    element('viewer-cutting').hidden = !cutting;
    element('viewer-covering').hidden = !covering;
    element('viewer-stamping').hidden = !stamping;
    // There is no room for it beside the stamps.
    element('viewer-title').hidden = stamping;
    element('viewer-keeping').hidden = !copied;
    element('viewer-tools').hidden = cutting || copied || covering || stamping;
    const page = this.#page;
    const whole = Boolean(page?.original) || (page?.handle ?? null) !== null;
    element('viewer-compare').disabled = !whole;
    element('viewer-compare').title = text(whole ? 'compareOriginal' : 'compareNone');
    element('viewer-compare').setAttribute('aria-pressed', String(this.#compared));
  }

  async #read() {
    const page = this.#page;
    const codes = await readCodes(page.blob);
    this.#pages.update(page.id, { codes });
  }

  async #showCodes(codes) {
    const page = this.#page;
    await this.#image.decode();
    if (this.#page !== page || this.#original) return;
    this.#codes.show(codes, this.#natural);
    this.#say(codes.length === 0 ? text('noCodes') : text('codesRead', { count: codes.length }));
  }

  /** One thing at a time; what fails is said, and the page stays as it was. */
  async #attempt(act) {
    if (this.#busy) return;
    this.#busy = true;
    this.#say('');
    this.#dialog.setAttribute('aria-busy', 'true');
    try {
      await act();
    } catch (error) {
      this.#say(errorInWords(error));
    } finally {
      this.#busy = false;
      this.#dialog.setAttribute('aria-busy', 'false');
    }
  }

  #say(sentence) {
    element('viewer-status').textContent = sentence;
  }
}

export function sizeOf(blob) {
  const size = blob?.size ?? 0;
  return size < 1e6 ? `${Math.round(size / 1000)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}
