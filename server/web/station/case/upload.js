/** Pages or the merged document, sent on by the service. */
import { text } from '../../texts/i18n.js';

/** The service's own limit is in its configuration, and shorter. */
const PATIENCE_MS = 900_000;
const MERGED = 'merged';
/** An address that is written, instead of a target of the administrator. */
const ELSEWHERE = '';

export const UPLOAD = `
  <form id="upload" class="over upload" data-i18n-label="upload" novalidate hidden>
    <label id="upload-to" hidden><span data-i18n="uploadTo"></span><select id="upload-target" autocomplete="off"></select></label>
    <label class="elsewhere"><span data-i18n="uploadUrl"></span><input id="upload-url" type="url" spellcheck="false" autocomplete="off" placeholder="https://files.example.cn/upload"></label>
    <label><span data-i18n="uploadWhat"></span>
      <select id="upload-what"><option value="pages"></option><option value="merged" disabled></option></select>
    </label>
    <label class="elsewhere"><span data-i18n="uploadParams"></span><textarea id="upload-params" rows="2" spellcheck="false" placeholder="case=2024-118"></textarea></label>
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
  #number;
  /** Names of what the administrator has named. */
  #targets = [];

  /** `number` is that of the case, which a target is told. */
  constructor(gaopai, document, pages, number) {
    this.#number = number;
    this.#gaopai = gaopai;
    this.#document = document;
    this.#pages = pages;
    element('upload-toggle').addEventListener('click', () => this.#unfold(element('upload').hidden));
    gaopai.addEventListener('open', () => this.#ask());
    element('upload-target').addEventListener('change', () => this.show());
    element('upload').addEventListener('keydown', ({ key }) => {
      if (key !== 'Escape') return;
      this.#unfold(false);
      element('upload-toggle').focus();
    });
  }

  async #ask() {
    const { targets = [] } = await this.#gaopai.call('GetServiceInfo').catch(() => ({}));
    this.#targets = targets;
    const options = targets.map((name) => new Option(name));
    element('upload-target').replaceChildren(...options, new Option('', ELSEWHERE));
    this.show();
  }

  /** The target that is chosen; empty for an address. */
  get #target() {
    return this.#targets.length === 0 ? ELSEWHERE : element('upload-target').value;
  }

  /** Over the tray, which stays as it is. */
  #unfold(unfolded) {
    element('upload').hidden = !unfolded;
    element('upload-toggle').setAttribute('aria-expanded', String(unfolded));
    if (unfolded) element(this.#targets.length === 0 ? 'upload-url' : 'upload-target').focus();
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
    element('upload-to').hidden = this.#targets.length === 0;
    for (const part of element('upload').querySelectorAll('.elsewhere')) part.hidden = this.#target !== ELSEWHERE;
    const other = element('upload-target').querySelector(`[value="${ELSEWHERE}"]`);
    if (other) other.textContent = text('uploadElsewhere');
    const [pages, merged] = element('upload-what').options;
    const { result } = this.#document;
    pages.textContent = text('uploadPages', { count: this.#pages.used.length });
    merged.textContent = text('uploadMerged', { name: result?.name ?? '—' });
    merged.disabled = result === null;
    if (result !== this.#offered) element('upload-what').value = result ? MERGED : 'pages';
    this.#offered = result;
    this.#showResult(this.#shown ?? {});
  }

  get #destination() {
    if (this.#target !== ELSEWHERE) return { target: this.#target, params: this.#number.value ? { case: this.#number.value } : {} };
    return { url: element('upload-url').value.trim(), params: params(element('upload-params').value) };
  }

  async #order() {
    const imagePath = element('upload-what').value === MERGED ? [this.#document.result.path] : await this.#document.written();
    const order = { ...this.#destination, imagePath };
    return element('upload-retry').checked ? { ...order, retry: true } : order;
  }

  #showResult({ status, response, queued, receipts }) {
    const result = element('upload-result');
    const delivered = receipts?.length ? receipts.length : undefined;
    const known = { status, response, queued, delivered };
    result.hidden = Object.values(known).every((value) => value === undefined);
    const told = delivered ? text('uploadDelivered', { count: delivered }) : '';
    element('upload-status').textContent = status === undefined ? told : text('uploadStatus', { status });
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
