/** Leads a clerk through front and back of a card, or two pages of a form: front, turn, back, done. */
import { onLanguage, text } from '../../texts/i18n.js';
import { faults, inWords } from '../pictures/verdict.js';

export const COMPOSE = `
  <h2 data-i18n="compose"></h2>
  <label class="wide"><span data-i18n="composeLayout"></span><select id="compose-layout">
    <option value="0" data-i18n="composeLayout0"></option>
    <option value="1" data-i18n="composeLayout1"></option>
    <option value="2" data-i18n="composeLayout2"></option>
  </select></label>
  <ol class="steps" aria-hidden="true"><li></li><li></li><li></li></ol>
  <p id="compose-told" role="status"></p>
  <p id="compose-verdict" class="quiet"></p>
  <div class="sides">
    <figure><img id="compose-front" alt="" hidden><figcaption data-i18n="composeFrontPicture"></figcaption></figure>
    <figure><img id="compose-back" alt="" hidden><figcaption data-i18n="composeBackPicture"></figcaption></figure>
  </div>
  <img id="compose-page" alt="" hidden>
  <p class="downloads"><a id="compose-pdf" download="card.pdf" hidden>PDF</a> <a id="compose-jpeg" download="card.jpg" hidden>JPEG</a></p>
  <div class="row">
    <button id="compose-next" class="primary" type="button" disabled></button>
    <button id="compose-again" type="button" class="plain" data-i18n="composeAgain"></button>
  </div>`;

const FORMATS = { pdf: 0, jpeg: 1 };
const TOLD = ['composeStart', 'composeTurn', 'composeWorking', 'composeDone'];
const element = (id) => document.getElementById(id);

export class ComposePanel extends EventTarget {
  #gaopai;
  #output;
  /** Pictures of the sides that were taken, and the composed files by format. */
  #sides = [];
  #files = null;
  #busy = false;
  #camera = null;

  /** `output` is the form of the pictures, whose watermark the page gets. Fires `error`. */
  constructor(gaopai, output) {
    super();
    this.#gaopai = gaopai;
    this.#output = output;
    element('compose-next').addEventListener('click', () => this.#next());
    element('compose-again').addEventListener('click', () => this.#restart());
    onLanguage(() => this.#show());
  }

  /** Number of the open camera, or null. */
  set camera(number) {
    this.#camera = number;
    this.#show();
  }

  get #step() {
    return this.#files ? 3 : this.#sides.length;
  }

  async #next() {
    if (this.#busy || this.#camera === null) return;
    if (this.#files) this.#restart();
    this.#busy = true;
    this.#show();
    try {
      const [side] = await this.#gaopai.captureBase64(this.#camera);
      this.#sides.push(side);
      this.#show();
      if (this.#sides.length === 2) await this.#compose();
    } catch (error) {
      // A side that cannot be used is taken again, not the whole.
      this.#sides.splice(this.#files ? 2 : Math.max(0, this.#sides.length - 1));
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    } finally {
      this.#busy = false;
      this.#show();
    }
  }

  async #compose() {
    const order = {
      pictures: this.#sides.map(({ blob }) => blob),
      layout: Number(element('compose-layout').value),
      watermark: this.#output.watermark,
    };
    const files = {};
    for (const [name, fileType] of Object.entries(FORMATS)) {
      files[name] = (await this.#gaopai.composeCards({ ...order, fileType })).blob;
    }
    this.#files = files;
  }

  #restart() {
    this.#sides = [];
    this.#files = null;
    this.#show();
  }

  #show() {
    const step = this.#step;
    element('compose-told').textContent = text(TOLD[step]);
    element('compose-verdict').textContent = inWords(this.#sides.at(-1)?.verdict);
    element('compose-verdict').dataset.kind = faults(this.#sides.at(-1)?.verdict).length > 0 ? 'doubt' : '';
    element('compose-next').textContent = text(step === 1 ? 'composeBack' : 'composeFront');
    element('compose-next').disabled = this.#camera === null || this.#busy;
    element('compose-again').hidden = step === 0;
    document.querySelectorAll('#compose .steps li').forEach((mark, at) => mark.classList.toggle('done', at < step));
    showPicture('compose-front', this.#sides[0]?.blob);
    showPicture('compose-back', this.#sides[1]?.blob);
    showPicture('compose-page', this.#files?.jpeg);
    for (const name of Object.keys(FORMATS)) offerFile(`compose-${name}`, this.#files?.[name]);
  }
}

function showPicture(id, blob) {
  replaceUrl(element(id), 'src', blob);
}

function offerFile(id, blob) {
  replaceUrl(element(id), 'href', blob);
}

function replaceUrl(node, attribute, blob) {
  if (node.blob === (blob ?? null)) return;
  if (node[attribute]) URL.revokeObjectURL(node[attribute]);
  node.removeAttribute(attribute);
  node.blob = blob ?? null;
  if (blob) node[attribute] = URL.createObjectURL(blob);
  node.hidden = !blob;
}
