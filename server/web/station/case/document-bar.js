/** The ticked pages as one document: made, opened, downloaded, printed, sent on. */
import { onLanguage, text } from '../../texts/i18n.js';
import { icon } from '../icons.js';
import { keep, recall } from '../memory.js';
import { inPlainWords } from '../notice.js';
import { inWords } from './seal.js';

/** Reading the words of two hundred pages takes minutes. */
const PATIENCE_MS = 1_800_000;
/** Bytes of pictures that one message may carry; more are written to files first. */
const MESSAGE_BYTES = 20_000_000;

const SUFFIXES = { 0: '.pdf', 1: '.tif', 2: '.pdf', 3: '.ofd', 5: '.docx' };
const READ = ['2', 'ofd-text', '5'];
/** Kinds that are more than a number of the protocol. Text is read where it is asked for alone. */
const PICTURES_ALONE = { fileType: 3, searchable: false };
const OFD_WITH_TEXT = { fileType: 3 };
/** One format that lasts: PDF/A with the pages as they came inside, signed by this computer. */
const ARCHIVE = { fileType: 0, pdfa: '3b', attachOriginals: true, record: {}, sign: true };
const KINDS = { archive: ARCHIVE, 3: PICTURES_ALONE, 'ofd-text': OFD_WITH_TEXT };
const CANCELLED = 1009;
/** Pages are put into the message before it is sent, behind which the next request to cancel comes. */
const CANCEL_AGAIN_MS = 500;
const MEMORY = 'documents';
/** Documents that can be found again after a reload. */
const FOUND_AGAIN = 20;

const act = (id, picture, key) => `<button id="document-${id}" type="button">${icon(picture)}<span data-i18n="${key}"></span></button>`;

/** Lies over the tray. */
export const PROPOSAL = '<fieldset id="merge-proposal" class="over proposal" hidden><legend></legend><div></div></fieldset>';

/** What is made has one place, which is there before: nothing moves under the pointer. */
export const DOCUMENT = `
  <form id="merge" class="document" data-i18n-label="merge">
    <label><span data-i18n="mergeKind"></span>
      <select id="merge-kind">${[0, 2, 'archive', 3, 'ofd-text', 5, 1].map((kind) => `<option value="${kind}" data-i18n="mergeKind${kind}"></option>`).join('')}</select>
    </label>
    <label><span data-i18n="mergeSplit"></span>
      <select id="merge-split">${[0, 1, 2, 3, 'ask'].map((kind) => `<option value="${kind}" data-i18n="mergeSplit${kind}"></option>`).join('')}</select>
    </label>
    <label><span data-i18n="caseNumber"></span><input id="case-number" maxlength="64" spellcheck="false" autocomplete="off" data-i18n-placeholder="caseNumberEmpty" data-i18n-hint="caseNumberHint"></label>
    <label><span data-i18n="fileName"></span><input id="merge-name" spellcheck="false" autocomplete="off" data-i18n-placeholder="fileNameEmpty"></label>
    <button id="merge-button" class="primary large" disabled data-i18n="mergeButton"></button>
    <button id="upload-toggle" type="button" class="large" aria-expanded="false" aria-controls="upload">${icon('upload')}<span data-i18n="upload"></span></button>
  </form>
  <div class="outcome">
    <p id="outcome-empty" class="quiet" data-i18n="outcomeEmpty"></p>
    <div id="merge-progress" class="progress" role="status" hidden><progress></progress> <span></span> <button id="merge-cancel" type="button" data-i18n="cancel"></button></div>
    <div id="document" class="made" role="group" data-i18n-label="documentMade" hidden>
      <p id="document-name"></p>
      <p id="document-seal" class="seal" hidden></p>
      <div class="acts">
        ${act('open', 'open', 'openDocument')} ${act('download', 'download', 'download')} ${act('print', 'print', 'print')}
        <label id="document-others" class="button tool others" data-i18n-title="earlierDocuments" hidden>${icon('earlierDocuments')}<select id="document-earlier" data-i18n-label="earlierDocuments"></select></label>
      </div>
    </div>
  </div>`;

const element = (id) => document.getElementById(id);

/** Fires `change` and `error`. */
export class DocumentBar extends EventTarget {
  /** `{path, paths, name}` of the document that is shown, or null; several where barcodes split it. */
  result = null;
  /** All that are known, the newest first. The service has the files, this browser their names. */
  #known = recall(MEMORY).known ?? [];

  #gaopai;
  #pages;
  #number;
  /** Blobs by path, once somebody wanted them. */
  #blobs = new Map();
  #progress = null;
  #cancelled = false;
  /** Starts that were proposed of the ticked pages, by the ids of those; null before. */
  #proposal = null;

  /** `number` is that of the case, which names files. */
  constructor(gaopai, pages, number) {
    super();
    this.#gaopai = gaopai;
    this.#pages = pages;
    this.#number = number;
    number.input = element('case-number');
    const acts = { open: () => this.#open(), download: () => this.#download(), print: () => this.#print() };
    for (const [name, act] of Object.entries(acts)) {
      element(`document-${name}`).addEventListener('click', async () => {
        try {
          await act();
        } catch (error) {
          this.dispatchEvent(new CustomEvent('error', { detail: error }));
        }
      });
    }
    element('merge-cancel').addEventListener('click', () => this.#cancel());
    element('document-earlier').addEventListener('change', ({ target }) => {
      this.result = this.#known[target.selectedIndex];
      this.show();
    });
    pages.addEventListener('change', () => this.#proposal?.ids !== this.#ids && this.#propose(null));
    element('merge-split').addEventListener('change', () => this.#propose(null));
    onLanguage(() => {
      this.#showProgress();
      this.#showProposal();
      this.show();
    });
    this.result = this.#known[0] ?? null;
    this.#offerKnown();
    this.show();
  }

  /** Offers text only where a program reads it. */
  async offerKinds() {
    const { languages } = await this.#gaopai.call('GetOcrSupportInfo');
    for (const kind of READ) {
      const option = element('merge-kind').querySelector(`[value="${kind}"]`);
      option.disabled = languages.length === 0;
      option.title = option.disabled ? text('noTextReader') : '';
    }
    const { functions } = await this.#gaopai.call('GetServiceInfo');
    const { available, reason } = functions.find(({ name }) => name === 'SignFile');
    Object.assign(element('merge-kind').querySelector('[value=archive]'), { disabled: !available, title: inPlainWords(reason ?? '', 'error_4010') });
  }

  get possible() {
    return this.#pages.used.length > 0;
  }

  get #ids() {
    return this.#pages.used.map(({ id }) => id).join(' ');
  }

  /** Returns what says what was done: a document, or a proposal where to split it that a person agrees to first. */
  async merge() {
    const asks = element('merge-split').value === 'ask';
    this.#cancelled = false;
    this.#become({ done: 0, total: this.#pages.used.length });
    try {
      return asks && this.#proposal === null ? await this.#ask() : await this.#make(asks);
    } finally {
      this.#become(null);
      this.show();
    }
  }

  async #make(asks) {
    // By which a clerk finds them, whatever is ticked, moved or removed meanwhile.
    const { used } = this.#pages;
    const numbers = used.map(({ id }) => this.#pages.number(id));
    const kind = element('merge-kind').value;
    const format = KINDS[kind] ?? { fileType: Number(kind) };
    const order = {
      ...(await this.#sources()),
      ...format,
      filePath: this.#number.named(element('merge-name').value, SUFFIXES[format.fileType]),
      ...(asks ? { splitPages: this.#agreed } : { splitByBarCode: Number(element('merge-split').value) }),
    };
    const onProgress = (done, total) => this.#become({ done, total });
    const { path, answer } = await this.#gaopai.merge({ ...order, timeout: PATIENCE_MS, onProgress });
    const files = answer.files ?? [answer];
    for (const page of answer.files ? [] : answer.blankPages) this.#pages.update(used[page - 1].id, { blank: true });
    const seal = format.sign ? await this.#gaopai.call('VerifyFile', { path }) : null;
    this.#blobs.clear();
    this.result = { path, paths: files.map(({ filePath }) => filePath), name: nameOf(path), seal };
    this.#known = [this.result, ...this.#known].slice(0, FOUND_AGAIN);
    keep(MEMORY, { known: this.#known });
    this.#offerKnown();
    return () => files.map((file) => told(file, answer.files ? null : numbers)).join(' ');
  }

  /** Ends what is under way, and what it is about to ask for. What is complete by then is complete. */
  async #cancel() {
    this.#cancelled = true;
    this.#showProgress();
    while (this.#progress !== null && this.#gaopai.state === 'open') {
      await this.#gaopai.call('CancelScan').catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, CANCEL_AGAIN_MS));
    }
  }

  async #ask() {
    const imagePath = await this.files();
    // What is written to files for it changes the pages: their ids stay.
    const { starts } = await this.#gaopai.call('ProposeSplit', { imagePath }, { timeout: PATIENCE_MS });
    this.#propose({ ids: this.#ids, starts, numbers: this.#pages.used.map(({ id }) => this.#pages.number(id)) });
    return () => text(starts.length > 0 ? 'proposed' : 'proposedNone');
  }

  get #agreed() {
    return [...element('merge-proposal').querySelectorAll('input:checked')].map(({ value }) => Number(value));
  }

  #propose(proposal) {
    this.#proposal = proposal;
    this.#showProposal();
  }

  #showProposal() {
    const box = element('merge-proposal');
    box.hidden = this.#proposal === null || this.#proposal.starts.length === 0;
    if (box.hidden) return;
    const kept = new Set([...box.querySelectorAll('input:not(:checked)')].map(({ value }) => Number(value)));
    box.querySelector('legend').textContent = text('mergeSplitask');
    box.querySelector('div').replaceChildren(...this.#proposal.starts.map(({ page, reason, score }) => {
      const label = Object.assign(document.createElement('label'), { className: 'check' });
      const tick = Object.assign(document.createElement('input'), { type: 'checkbox', value: page, checked: !kept.has(page) });
      const number = this.#proposal.numbers[page - 1];
      label.append(tick, text('proposedStart', { number, reason: text(`because_${reason}`), score: Math.round(score * 100) }));
      return label;
    }));
  }

  show() {
    element('document').hidden = this.result === null || this.#progress !== null;
    element('outcome-empty').hidden = this.result !== null || this.#progress !== null;
    const others = (this.result?.paths.length ?? 1) - 1;
    element('document-name').textContent = `${this.result?.name ?? ''}${others > 0 ? ` (+${others})` : ''}`;
    element('document-name').title = this.result?.path ?? '';
    const seal = this.result?.seal ?? null;
    element('document-seal').hidden = seal === null;
    element('document-seal').dataset.holds = String(seal?.holds ?? false);
    element('document-seal').textContent = seal === null ? '' : inWords(seal);
    element('document-seal').title = element('document-seal').textContent;
    this.dispatchEvent(new Event('change'));
  }

  #offerKnown() {
    element('document-earlier').replaceChildren(...this.#known.map(({ name }) => new Option(name)));
    element('document-others').hidden = this.#known.length < 2;
    element('document-earlier').selectedIndex = this.#known.indexOf(this.result);
  }

  /** The files of the ticked pages, to be sent on. */
  async written() {
    try {
      return await this.files();
    } finally {
      this.#become(null);
    }
  }

  /** The files of the ticked pages; those that are in none are written first. */
  async files() {
    const paths = [];
    this.#cancelled = false;
    for (const page of this.#pages.used) {
      paths.push(page.path ?? await this.#write(page));
      if (this.#cancelled) throw Object.assign(new Error('cancelled'), { code: CANCELLED });
      this.#become({ done: paths.length, total: this.#pages.used.length });
    }
    return paths;
  }

  async #write({ id, blob }) {
    const [{ path }] = await this.#gaopai.processImage({ picture: blob, filePath: this.#number.named('', '.jpg', '{date}-{time}-{seq}.jpg') });
    this.#pages.update(id, { path });
    return path;
  }

  async #sources() {
    const { used } = this.#pages;
    if (used.every(({ path }) => path !== null)) return { paths: used.map(({ path }) => path) };
    const bytes = used.reduce((sum, { blob }) => sum + (blob?.size ?? Infinity), 0);
    if (bytes > MESSAGE_BYTES) return { paths: await this.files() };
    return { pictures: used.map(({ blob }) => blob) };
  }

  async #bytes(path) {
    if (!this.#blobs.has(path)) this.#blobs.set(path, await this.#gaopai.getFile(path));
    return this.#blobs.get(path);
  }

  async #open() {
    const url = URL.createObjectURL(await this.#bytes(this.result.path));
    window.open(url, '_blank', 'noopener');
  }

  async #download() {
    for (const path of this.result.paths) {
      const url = URL.createObjectURL(await this.#bytes(path));
      Object.assign(document.createElement('a'), { href: url, download: nameOf(path) }).click();
      // The browser has taken hold of it by then.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    }
  }

  /** The pages themselves: a policy as strict as this page's shows no document inside of it. */
  async #print() {
    const images = this.#pages.used.filter(({ blob }) => blob).map(({ blob }) => {
      const image = new Image();
      image.src = URL.createObjectURL(blob);
      return image;
    });
    const sheet = Object.assign(document.createElement('div'), { id: 'print', ariaHidden: 'true' });
    sheet.append(...images);
    document.body.append(sheet);
    await Promise.all(images.map((image) => image.decode()));
    window.print();
    sheet.remove();
    for (const image of images) URL.revokeObjectURL(image.src);
  }

  #become(progress) {
    const ends = (this.#progress === null) !== (progress === null);
    this.#progress = progress;
    this.#showProgress();
    if (ends) this.show();
  }

  #showProgress() {
    const line = element('merge-progress');
    line.hidden = this.#progress === null;
    if (this.#progress === null) return;
    const { done, total } = this.#progress;
    Object.assign(line.querySelector('progress'), { value: done, max: total });
    line.querySelector('progress').setAttribute('aria-label', text('merge'));
    line.querySelector('span').textContent = text(done === 0 ? 'mergePreparing' : 'mergeProgress', { done, total });
    element('merge-cancel').disabled = this.#cancelled;
  }
}

function nameOf(path) {
  return path.split('/').at(-1);
}

/** `numbers` are those of the pages that it was made of; a part of a pile counts its own. */
function told({ filePath, pageCount, blankPages }, numbers) {
  const blank = numbers ? blankPages.map((page) => numbers[page - 1]) : blankPages;
  // The name stands where the document does.
  const done = text(document.body.classList.contains('is-developer') ? 'merged' : 'mergedCount', { path: filePath, count: pageCount });
  return blankPages.length === 0 ? done : `${done} ${text('mergedBlank', { pages: blank.join(text('listComma')) })}`;
}

/** A name as a clerk writes it, with the suffix that it needs; nothing stays nothing. */
export function suffixed(name, suffix) {
  const written = name.trim();
  return written === '' || /[^.]\.\w{2,5}$/.test(written) ? written : written + suffix;
}

/** A file as a clerk is told of it: its folder is the service's own affair. */
export function named(path) {
  return document.body.classList.contains('is-developer') ? path : nameOf(path);
}
