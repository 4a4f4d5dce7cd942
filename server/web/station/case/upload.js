/** Pages or the merged document, sent on by the service. */
import { text } from '../../texts/i18n.js';

/** The service's own limit is in its configuration, and shorter. */
const PATIENCE_MS = 900_000;
const MERGED = 'merged';

export const UPLOAD = `
  <form id="upload" class="over upload" data-i18n-label="upload" novalidate hidden>
    <label><span data-i18n="uploadUrl"></span><input id="upload-url" type="url" spellcheck="false" autocomplete="off" placeholder="https://files.example.cn/upload"></label>
    <label><span data-i18n="uploadWhat"></span>
      <select id="upload-what"><option value="pages"></option><option value="merged" disabled></option></select>
    </label>
    <label><span data-i18n="uploadParams"></span><textarea id="upload-params" rows="2" spellcheck="false" placeholder="case=2024-118"></textarea></label>
    <div class="row">
      <label class="check grows"><input id="upload-retry" type="checkbox"><span data-i18n="uploadRetry"></span></label>
      <button id="upload-button" class="primary" disabled data-i18n="uploadButton"></button>
    </div>
    <output id="upload-result" for="upload-url upload-what upload-params" hidden>
      <b id="upload-status"></b> <span id="upload-queued"></span>
      <pre id="upload-response" tabindex="0"></pre>
    </output>
  </form>`;

const element = (id) => document.getElementById(id);

/** Calls UploadHttpFile and shows what the server said. */
export class UploadForm {
  #gaopai;
  #document;
  #pages;
  /** The document that was offered last. */
  #offered = null;
  #shown = null;

  constructor(gaopai, document, pages) {
    this.#gaopai = gaopai;
    this.#document = document;
    this.#pages = pages;
    element('upload-toggle').addEventListener('click', () => this.#unfold(element('upload').hidden));
    element('upload').addEventListener('keydown', ({ key }) => {
      if (key !== 'Escape') return;
      this.#unfold(false);
      element('upload-toggle').focus();
    });
  }

  /** Over the tray, which stays as it is. */
  #unfold(unfolded) {
    element('upload').hidden = !unfolded;
    element('upload-toggle').setAttribute('aria-expanded', String(unfolded));
    if (unfolded) element('upload-url').focus();
  }

  get possible() {
    return element('upload-what').value === MERGED || this.#pages.used.length > 0;
  }

  /** Returns what says what was done. */
  async send() {
    this.#shown = null;
    this.show();
    try {
      this.#shown = await this.#gaopai.call('UploadHttpFile', await this.#order(), { timeout: PATIENCE_MS });
      const { status } = this.#shown;
      return () => text('uploaded', { status });
    } catch (error) {
      this.#shown = error.answer ?? null;
      throw error;
    } finally {
      this.show();
    }
  }

  /** Brings the form in line with what there is to send, and the language. */
  show() {
    const [pages, merged] = element('upload-what').options;
    const { result } = this.#document;
    pages.textContent = text('uploadPages', { count: this.#pages.used.length });
    merged.textContent = text('uploadMerged', { name: result?.name ?? '—' });
    merged.disabled = result === null;
    if (result !== this.#offered) element('upload-what').value = result ? MERGED : 'pages';
    this.#offered = result;
    this.#showResult(this.#shown ?? {});
  }

  async #order() {
    const url = element('upload-url').value.trim();
    const fields = params(element('upload-params').value);
    const imagePath = element('upload-what').value === MERGED ? [this.#document.result.path] : await this.#document.written();
    const order = { url, imagePath, params: fields };
    return element('upload-retry').checked ? { ...order, retry: true } : order;
  }

  #showResult({ status, response, queued }) {
    const result = element('upload-result');
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
