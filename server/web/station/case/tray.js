/** The pages of the case as a list: to look at, choose, tick, move, turn and remove. */
import { keep, recall } from '../memory.js';
import { onLanguage, text } from '../../texts/i18n.js';
import { Sheet } from './sheet.js';

/** Pixels across of a sheet: small, usual, large. */
const WIDTHS = [84, 112, 176];
const USUAL = 1;
/** Between two sheets, and around them, in pixels. */
const GAP = 8;
const SMALLEST = 72;
const MEMORY = 'tray';
/** Longer would keep a clerk waiting; shorter is not seen. */
const FLIGHT_MS = 380;
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
const ENDS = { Home: 0, End: -1 };

export const TRAY = `
  <ol id="sheets" data-i18n-label="sheets"></ol>
  <p id="tray-placeholder" class="quiet" data-i18n="noSheets"></p>`;

const element = (id) => document.getElementById(id);

/** Fires `move` with a page's new place, `turn` and `open` with a page. */
export class Tray extends EventTarget {
  #pages;
  #list = element('sheets');
  /** By the page's id. */
  #sheets = new Map();
  #dragged = null;
  /** Of a sheet, in pixels. */
  #width = 0;
  /** Places of pages that are on their way. */
  #coming = new Set();

  constructor(pages) {
    super();
    this.#pages = pages;
    pages.addEventListener('change', () => this.#show());
    pages.addEventListener('select', () => this.#select(true));
    this.#list.addEventListener('click', (event) => this.#press(event.target.closest('button'), event));
    this.#list.addEventListener('change', ({ target }) => this.#pages.update(target.closest('li').dataset.id, { used: target.checked }));
    this.#list.addEventListener('keydown', (event) => this.#key(event));
    this.#list.addEventListener('dragstart', (event) => this.#lift(event));
    this.#list.addEventListener('dragover', (event) => this.#pull(event));
    this.#list.addEventListener('drop', (event) => this.#dragged && event.preventDefault());
    this.#list.addEventListener('dragend', (event) => this.#drop(event));
    element('thumbnail-size').value = String(recall(MEMORY).size ?? USUAL);
    element('thumbnail-size').addEventListener('input', () => this.#resize());
    this.#resize();
    new ResizeObserver(() => this.#fit()).observe(this.#list);
    onLanguage(() => {
      for (const sheet of this.#sheets.values()) sheet.describe();
    });
  }

  /** Shows the place of a page that is on its way, in the words of `key`; returns what takes it away again. */
  expect(key) {
    const row = Object.assign(document.createElement('li'), { className: 'sheet coming' });
    row.innerHTML = '<span class="paper"></span><p></p>';
    row.querySelector('p').textContent = text(key);
    this.#coming.add(row);
    this.#list.append(row);
    row.scrollIntoView({ block: 'nearest' });
    this.#showPlaceholder();
    return () => {
      row.remove();
      this.#coming.delete(row);
      this.#showPlaceholder();
    };
  }

  /** Lets a page that was just added come flying from where it was taken, so that everybody sees where it went. */
  arrive(id, from) {
    const thumb = this.#sheets.get(id)?.row.querySelector('.thumb');
    if (!thumb?.animate || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const to = thumb.getBoundingClientRect();
    const flown = Object.assign(document.createElement('span'), { className: 'flight' });
    Object.assign(flown.style, { left: `${to.left}px`, top: `${to.top}px`, width: `${to.width}px`, height: `${to.height}px` });
    document.body.append(flown);
    const middle = (box) => [box.left + box.width / 2, box.top + box.height / 2];
    const [x, y] = middle(from).map((at, axis) => at - middle(to)[axis]);
    const frames = [
      { transform: `translate(${x}px, ${y}px) scale(${from.height / 2 / to.height})`, opacity: 0.9 },
      { transform: 'none', opacity: 0.5 },
    ];
    const flight = flown.animate(frames, { duration: FLIGHT_MS, easing: 'cubic-bezier(.3, 0, .2, 1)' });
    flight.onfinish = flight.oncancel = () => flown.remove();
  }

  #resize() {
    keep(MEMORY, { size: Number(element('thumbnail-size').value) });
    this.#fit();
  }

  /** Two stand beside each other, however narrow the tray is, unless somebody wants them large. */
  #fit() {
    const size = Number(element('thumbnail-size').value);
    // `clientWidth` is rounded, and half a pixel too much puts the second below the first.
    const inside = this.#list.clientWidth - 1 - 2 * GAP;
    const room = Math.floor(size > USUAL ? inside : (inside - GAP) / 2);
    const width = Math.min(WIDTHS[size], Math.max(SMALLEST, room));
    if (width === this.#width) return;
    this.#width = width;
    this.#list.style.setProperty('--sheet', `${width}px`);
    for (const sheet of this.#sheets.values()) sheet.width = width;
  }

  #show() {
    const { list } = this.#pages;
    const kept = new Set(list.map(({ id }) => id));
    for (const [id, sheet] of this.#sheets) {
      if (!kept.has(id)) {
        this.#sheets.delete(id);
        this.#leave(sheet.row);
      }
    }
    list.forEach((page, at) => this.#put(page, at));
    this.#select(false);
    this.#showPlaceholder();
  }

  #put(page, at) {
    let sheet = this.#sheets.get(page.id);
    if (sheet === undefined) this.#sheets.set(page.id, sheet = new Sheet(page, this.#width));
    else if (sheet.page !== page) sheet.show(page);
    sheet.number = at + 1;
    if (this.#list.children[at] !== sheet.row) this.#list.insertBefore(sheet.row, this.#list.children[at] ?? null);
  }

  /** The focus goes to the page that takes the place. */
  #leave(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const part = row.contains(document.activeElement) ? document.activeElement.className : null;
    row.remove();
    if (part !== null) (next?.querySelector(`.${part || 'thumb'}`) ?? element('tray-add')).focus();
  }

  #select(scroll) {
    const selected = this.#pages.selected?.id;
    const chosen = new Set(this.#pages.chosen.map(({ id }) => id));
    for (const [id, sheet] of this.#sheets) sheet.select(id === selected, chosen.has(id));
    if (scroll) this.#sheets.get(selected)?.row.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #showPlaceholder() {
    element('tray-placeholder').hidden = this.#pages.size > 0 || this.#coming.size > 0;
  }

  #press(button, { shiftKey, ctrlKey, metaKey }) {
    const row = button?.closest('li');
    if (!row) return;
    const { id } = row.dataset;
    if (button.matches('.earlier')) this.#move(row, [id], -1);
    else if (button.matches('.later')) this.#move(row, [id], 1);
    else if (button.matches('.remove')) this.#pages.remove([id]);
    else if (button.matches('.turn')) this.#tell('turn', row);
    else if (shiftKey) this.#pages.selectTo(id);
    else if (ctrlKey || metaKey) this.#pages.toggle(id);
    else if (this.#pages.selected.id === id && this.#pages.chosen.length === 1) this.#tell('open', row);
    else this.#pages.select(id);
  }

  #key(event) {
    const row = event.target.closest('li');
    const step = STEPS[event.key];
    const all = (event.ctrlKey || event.metaKey) && event.key === 'a';
    const known = step !== undefined || all || event.key in ENDS || event.key === 'Delete';
    if (!this.#sheets.has(row?.dataset.id) || !known) return;
    event.preventDefault();
    if (all) this.#pages.chooseAll();
    else if (event.key in ENDS) this.#reach(this.#pages.list.at(ENDS[event.key]).id, event.shiftKey);
    else if (step === undefined) this.#pages.remove(this.#with(row));
    else if (event.altKey) this.#move(row, this.#with(row), step);
    else this.#walk(row, step, event.shiftKey);
  }

  /** The ids that are worked on with a row: all that are chosen if it is one of them. */
  #with(row) {
    const chosen = this.#pages.chosen.map(({ id }) => id);
    return chosen.includes(row.dataset.id) ? chosen : [row.dataset.id];
  }

  /** The focus and the choice go on to the page beside. */
  #walk(row, step, further) {
    const next = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (this.#sheets.has(next?.dataset.id)) this.#reach(next.dataset.id, further);
  }

  /** Chooses a page, or all up to it, and puts the focus there. */
  #reach(id, further) {
    if (further) this.#pages.selectTo(id);
    else this.#pages.select(id);
    this.#sheets.get(id).row.querySelector('.thumb').focus();
  }

  #move(row, ids, step) {
    const focused = /** @type {HTMLElement} */ (document.activeElement);
    if (!this.#pages.move(ids, this.#pages.place(ids[0]) + step)) return;
    if (row.contains(focused)) focused.focus();
    this.#moved(row);
  }

  /** Moves the pages that are chosen so many places on. */
  moveChosen(step) {
    const { row } = this.#sheets.get(this.#pages.selected.id);
    this.#move(row, this.#with(row), step);
    row.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #moved(row) {
    this.dispatchEvent(new CustomEvent('move', { detail: { place: this.#pages.number(row.dataset.id) } }));
  }

  #tell(name, row) {
    this.dispatchEvent(new CustomEvent(name, { detail: this.#pages.page(row.dataset.id) }));
  }

  #lift(event) {
    const row = event.target.closest('li');
    this.#dragged = row;
    if (this.#with(row).length === 1) this.#pages.select(row.dataset.id);
    for (const id of this.#with(row)) this.#sheets.get(id).row.classList.add('dragged');
    event.dataTransfer.effectAllowed = 'move';
    // Firefox drags nothing that carries nothing.
    event.dataTransfer.setData('text/plain', this.#sheets.get(row.dataset.id).name);
  }

  /** Moves the row as the hand does, so that everybody sees where it would go. */
  #pull(event) {
    if (this.#dragged === null) return;
    event.preventDefault();
    const over = event.target.closest('li');
    if (!over || over === this.#dragged || !this.#sheets.has(over.dataset.id)) return;
    const { left, width } = over.getBoundingClientRect();
    if (event.clientX < left + width / 2) over.before(this.#dragged);
    else over.after(this.#dragged);
  }

  #drop(event) {
    const row = this.#dragged;
    if (row === null) return;
    this.#dragged = null;
    const ids = this.#with(row);
    const rows = [...this.#list.children];
    const to = rows.slice(0, rows.indexOf(row)).filter((one) => !ids.includes(one.dataset.id)).length;
    for (const id of ids) this.#sheets.get(id)?.row.classList.remove('dragged');
    // Escape, or let go outside.
    if (event.dataTransfer.dropEffect === 'none') this.#show();
    else if (this.#pages.move(ids, to)) this.#moved(row);
    else this.#show();
  }
}
