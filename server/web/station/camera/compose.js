/** Leads a clerk through front and back of a card, or two pages of a form: the shutter takes both, and they are one page. */
import { onLanguage, text } from '../../texts/i18n.js';
import { areAlike } from '../pictures/alike.js';

export const COMPOSE = `
  <div id="compose" class="compose" role="group" data-i18n-label="compose" hidden>
    <figure><img id="compose-front" alt="" hidden><figcaption data-i18n="composeFrontPicture"></figcaption></figure>
    <figure><img id="compose-back" alt="" hidden><figcaption data-i18n="composeBackPicture"></figcaption></figure>
    <p id="compose-told" role="status"></p>
    <select id="compose-layout" data-i18n-label="composeLayout">
      <option value="0" data-i18n="composeLayout0"></option>
      <option value="1" data-i18n="composeLayout1"></option>
      <option value="2" data-i18n="composeLayout2"></option>
    </select>
    <button id="compose-again" type="button" data-i18n="composeAgain" hidden></button>
  </div>`;

const JPEG = 1;
const TOLD = ['composeStart', 'composeTurn', 'composeWorking'];
/** The layout of cards. */
const CARD = '0';
/** What is told of two pictures that both show this side. */
const TWICE = { front: 'composeTwoFronts', back: 'composeTwoBacks' };
const element = (id) => document.getElementById(id);

/** Fires `change` when it begins or ends. */
export class ComposePanel extends EventTarget {
  #gaopai;
  #output;
  #tile;
  /** Pictures of the sides that were taken. */
  #sides = [];
  #active = false;
  #sideOf;
  /** Whether the sides are being compared. */
  #checking = false;
  /** The side that was taken last looked like the first one; whoever takes it again means it. */
  #doubted = false;

  /**
   * `output` is the form of the pictures, whose watermark the page gets; `tile` is the button that begins and ends.
   * `sideOf(blob)` resolves with 'front' or 'back' of a card, or null where that cannot be read.
   */
  constructor(gaopai, output, tile, sideOf) {
    super();
    this.#sideOf = sideOf;
    this.#gaopai = gaopai;
    this.#output = output;
    this.#tile = tile;
    tile.addEventListener('click', () => { this.active = !this.#active; });
    element('compose-again').addEventListener('click', () => this.#restart());
    onLanguage(() => this.#show());
  }

  get active() {
    return this.#active;
  }

  set active(active) {
    if (active === this.#active) return;
    this.#active = active;
    this.#restart();
    this.dispatchEvent(new Event('change'));
  }

  /** Takes a side that was captured. Resolves with the page of both, or null while the other is missing. */
  async take(picture) {
    // Read while the hand turns the card over.
    const side = { ...picture, shows: this.#isCard ? this.#sideOf(picture.blob) : Promise.resolve(null) };
    if (this.#sides.length === 1 && !this.#doubted) await this.#compare(this.#sides[0], side);
    this.#sides.push(side);
    this.#show();
    if (this.#sides.length < 2) return null;
    try {
      const page = await this.#compose();
      this.active = false;
      return page;
    } catch (error) {
      // A side that cannot be used is taken again, not both.
      this.#sides.pop();
      this.#show();
      throw error;
    }
  }

  get #isCard() {
    return element('compose-layout').value === CARD;
  }

  /** An error that says so where both show one side. */
  async #compare(first, second) {
    this.#checking = true;
    this.#show();
    const [same, ...shown] = await Promise.all([areAlike(first.blob, second.blob), first.shows, second.shows]);
    this.#checking = false;
    this.#show();
    const twice = shown[0] !== null && shown[0] === shown[1];
    if (!same && !twice) return;
    this.#doubted = true;
    throw Object.assign(new Error('the same side'), { say: () => text(twice ? TWICE[shown[0]] : 'composeSame') });
  }

  /** The front comes first, whichever was taken first. */
  async #inOrder() {
    const shown = await Promise.all(this.#sides.map(({ shows }) => shows));
    return shown[0] === 'back' && shown[1] === 'front' ? this.#sides.toReversed() : this.#sides;
  }

  async #compose() {
    return this.#gaopai.composeCards({
      pictures: (await this.#inOrder()).map(({ blob }) => blob),
      layout: Number(element('compose-layout').value),
      watermark: this.#output.watermark,
      fileType: JPEG,
    });
  }

  #restart() {
    this.#sides = [];
    this.#doubted = false;
    this.#show();
  }

  #show() {
    element('compose').hidden = !this.#active;
    this.#tile.setAttribute('aria-pressed', String(this.#active));
    element('compose-told').textContent = text(this.#checking ? 'composeChecking' : TOLD[this.#sides.length]);
    element('compose-again').hidden = this.#sides.length === 0;
    showPicture(element('compose-front'), this.#sides[0]?.blob ?? null);
    showPicture(element('compose-back'), this.#sides[1]?.blob ?? null);
  }
}

function showPicture(image, blob) {
  if (image.blob === blob) return;
  if (image.src) URL.revokeObjectURL(image.src);
  image.blob = blob;
  image.hidden = blob === null;
  if (blob) image.src = URL.createObjectURL(blob);
  else image.removeAttribute('src');
}
