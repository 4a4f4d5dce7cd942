/** Pages or the merged document, sent on by the service. */
import { text } from './i18n.js';

/** The service's own limit is in its configuration, and shorter. */
const PATIENCE_MS = 900_000;
const MERGED = 'merged';

const element = (id) => document.getElementById(id);
const what = element('upload-what');
const result = element('upload-result');

/** Calls UploadHttpFile and shows what the server said. */
export class UploadForm {
  #gaopai;
  #tray;
  #merge;
  #shown = null;

  constructor(gaopai, tray, merge) {
    this.#gaopai = gaopai;
    this.#tray = tray;
    this.#merge = merge;
  }

  get possible() {
    return what.value === MERGED || this.#tray.chosen.length > 0;
  }

  /** Offers the document that was just made. */
  offerMerged() {
    this.show();
    what.value = MERGED;
  }

  /** What was done, in a sentence. */
  async send() {
    this.#shown = null;
    this.show();
    try {
      this.#shown = await this.#gaopai.call('UploadHttpFile', this.#order, { timeout: PATIENCE_MS });
      return text('uploaded', { status: this.#shown.status });
    } catch (error) {
      this.#shown = error.answer ?? null;
      throw error;
    } finally {
      this.show();
    }
  }

  /** Brings the form in line with what there is to send, and the language. */
  show() {
    const [pages, merged] = what.options;
    pages.textContent = text('uploadPages', { count: this.#tray.chosen.length });
    merged.textContent = text('uploadMerged', { name: this.#merge.result?.split('/').at(-1) ?? '—' });
    merged.disabled = this.#merge.result === null;
    this.#showResult(this.#shown ?? {});
  }

  get #order() {
    const imagePath = what.value === MERGED ? [this.#merge.result] : this.#tray.chosen;
    const order = { url: element('upload-url').value.trim(), imagePath, params: params(element('upload-params').value) };
    return element('upload-retry').checked ? { ...order, retry: true } : order;
  }

  #showResult({ status, response, queued }) {
    const known = { status, response, queued };
    result.hidden = Object.values(known).every((value) => value === undefined);
    element('upload-status').textContent = status === undefined ? '' : text('uploadStatus', { status });
    element('upload-queued').textContent = queued === undefined ? '' : text(queued ? 'uploadQueued' : 'uploadNotQueued');
    element('upload-response').textContent = response ?? '';
    element('upload-response').hidden = !response;
  }
}

/** `name=value` a line; a value may hold further `=`. */
function params(lines) {
  const written = lines.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  return Object.fromEntries(written.map((line) => {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(text('uploadBadParam', { line }));
    return [name.trim(), value.trim()];
  }));
}
