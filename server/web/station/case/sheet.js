/** One page in the tray: a small picture, what it is, and its buttons. */
import { outlines } from '../pictures/codes.js';
import { icon } from '../icons.js';
import { text } from '../../texts/i18n.js';
import { drawSmall } from '../pictures/thumbnail.js';
import { faults, inWords } from '../pictures/verdict.js';

/** Pixels that a picture is drawn in, of a tray whose sheets are as wide as `width`. */
const drawnIn = (width) => ({ width: width * 1.2, height: width * 1.5 });

const SHEET = `
  <label class="use"><input type="checkbox"></label>
  <button type="button" class="thumb"><span class="marked"><canvas hidden></canvas></span><span class="suffix"></span><span class="badge"></span></button>
  <p><b class="number"></b> <span class="file"><bdi></bdi></span></p>
  <div class="moves">
    <button type="button" class="earlier" tabindex="-1">${icon('earlier')}</button>
    <button type="button" class="turn" tabindex="-1">${icon('right')}</button>
    <button type="button" class="remove" tabindex="-1">${icon('remove')}</button>
    <button type="button" class="later" tabindex="-1">${icon('later')}</button>
  </div>`;

const LABELS = {
  input: 'sheetUse', '.earlier': 'sheetEarlier', '.later': 'sheetLater', '.remove': 'sheetRemove', '.turn': 'sheetTurn',
};

export class Sheet {
  row = Object.assign(document.createElement('li'), { className: 'sheet', draggable: true, innerHTML: SHEET });
  page = null;
  #number = 0;
  #width;

  /** `width` is that of a sheet in the tray, in pixels. */
  constructor(page, width) {
    this.#width = width;
    this.row.dataset.id = page.id;
    this.show(page);
  }

  /** Its place in the tray, from 1, by which it is called. */
  set number(number) {
    if (number === this.#number) return;
    this.#number = number;
    this.describe();
  }

  set width(width) {
    this.#width = width;
    this.#draw();
  }

  /** The file's name without its folder; for a picture that is in no file, where it comes from. */
  get name() {
    return this.page.path?.split('/').at(-1) ?? (this.page.name || text(`from_${this.page.from}`));
  }

  show(page) {
    const before = this.page;
    this.page = page;
    this.#part('input').checked = page.used;
    this.row.classList.toggle('unused', !page.used);
    this.#part('.thumb').disabled = page.blob === null;
    this.describe();
    if (before?.blob !== page.blob) this.#draw();
    if (before?.codes !== page.codes) this.#mark();
  }

  /** `selected` is the one that is looked at, and the one that the Tab key stops at; all `chosen` ones are worked on together. */
  select(selected, chosen) {
    this.row.classList.toggle('selected', selected);
    this.row.classList.toggle('chosen', chosen);
    for (const part of ['input', '.thumb']) this.#part(part).tabIndex = selected ? 0 : -1;
    if (selected) this.#part('.thumb').setAttribute('aria-current', 'true');
    else this.#part('.thumb').removeAttribute('aria-current');
  }

  /** Says everything in the language of the page. */
  describe() {
    const number = this.#number;
    const { blank, verdict, path } = this.page;
    for (const [part, key] of Object.entries(LABELS)) {
      this.#part(part).setAttribute('aria-label', text(key, { number }));
      this.#part(part).title = text(key, { number });
    }
    const doubt = faults(verdict);
    this.#part('bdi').textContent = this.name;
    this.#part('.file').title = path ?? '';
    this.#part('.number').textContent = String(number);
    this.#part('.badge').hidden = !blank && doubt.length === 0;
    this.#part('.badge').textContent = blank ? text('blank') : doubt.map((name) => text(name)).join(text('listComma'));
    this.#part('.badge').dataset.doubt = String(!blank);
    this.#part('.thumb').setAttribute('aria-label', `${text(blank ? 'sheetBlank' : 'sheetShow', { number })} ${inWords(verdict)}`.trim());
    this.#part('.suffix').textContent = this.page.blob ? '' : this.name.split('.').at(-1);
  }

  #draw() {
    const { page } = this;
    if (page.blob === null) return undefined;
    return drawSmall(this.#part('canvas'), page, drawnIn(this.#width), () => this.page.blob === page.blob);
  }

  /** Lines around its barcodes. */
  #mark() {
    const { codes, width, height } = this.page;
    this.#part('svg:not(.icon)')?.remove();
    if (codes) this.#part('.marked').append(outlines(codes, { width, height }));
  }

  #part(selector) {
    return this.row.querySelector(selector);
  }
}
