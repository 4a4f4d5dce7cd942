/** The scanned pages in the order in which they will be merged. */
import { onLanguage, text } from './i18n.js';
import { Sheet } from './sheet.js';

const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

const element = (id) => document.getElementById(id);
const list = element('sheets');
const coming = element('coming');

/** Fires `change` when pages come, go or are ticked, and `move` with the page's number and its new place. */
export class Tray extends EventTarget {
  /** The order is that of the rows. */
  #sheets = new Map();
  #count = 0;
  #dragged = null;

  constructor() {
    super();
    list.addEventListener('click', ({ target }) => this.#press(target.closest('button')));
    list.addEventListener('change', () => this.#changed());
    list.addEventListener('keydown', (event) => this.#key(event));
    list.addEventListener('dragstart', (event) => this.#lift(event));
    list.addEventListener('dragover', (event) => this.#pull(event));
    list.addEventListener('drop', (event) => event.preventDefault());
    list.addEventListener('dragend', (event) => this.#drop(event));
    element('tray-clear').addEventListener('click', () => this.#clear());
    onLanguage(() => this.#describe());
  }

  get size() {
    return this.#sheets.size;
  }

  /** The files of the ticked pages, in order. */
  get chosen() {
    return this.#rows.map((row) => this.#sheets.get(row)).filter((sheet) => sheet.chosen).map((sheet) => sheet.path);
  }

  /** Whether a further page is on its way. */
  set expecting(expecting) {
    follow(() => { coming.hidden = !expecting; });
  }

  add(page) {
    const sheet = new Sheet(page, (this.#count += 1));
    this.#sheets.set(sheet.row, sheet);
    follow(() => coming.before(sheet.row));
    this.#changed();
  }

  get #rows() {
    return [...list.children].filter((row) => this.#sheets.has(row));
  }

  #press(button) {
    const row = button?.closest('li');
    if (!row) return;
    if (button.matches('.earlier')) this.#move(row, -1, button);
    if (button.matches('.later')) this.#move(row, 1, button);
    if (button.matches('.remove')) this.#remove(row);
  }

  #key(event) {
    const row = event.target.closest('li');
    const step = event.altKey ? STEPS[event.key] : undefined;
    if (!this.#sheets.has(row) || (step === undefined && event.key !== 'Delete')) return;
    event.preventDefault();
    if (step === undefined) this.#remove(row);
    else this.#move(row, step, event.target);
  }

  #move(row, step, focused) {
    const rows = this.#rows;
    const other = rows[rows.indexOf(row) + step];
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    focused.focus();
    this.#moved(row);
  }

  #moved(row) {
    const detail = { number: this.#sheets.get(row).number, place: this.#rows.indexOf(row) + 1 };
    this.#changed();
    this.dispatchEvent(new CustomEvent('move', { detail }));
  }

  /** The focus goes to the page that takes the place. */
  #remove(row) {
    const rows = this.#rows;
    const at = rows.indexOf(row);
    const next = rows[at + 1] ?? rows[at - 1];
    this.#sheets.delete(row);
    row.remove();
    next?.querySelector('.remove').focus();
    this.#changed();
  }

  #clear() {
    for (const row of this.#rows) row.remove();
    this.#sheets.clear();
    this.#count = 0;
    this.#changed();
  }

  #lift(event) {
    const row = event.target.closest('li');
    this.#dragged = { row, before: row.nextSibling };
    row.classList.add('dragged');
    event.dataTransfer.effectAllowed = 'move';
    // Firefox drags nothing that carries nothing.
    event.dataTransfer.setData('text/plain', this.#sheets.get(row).name);
  }

  /** Moves the row as the hand does, so that everybody sees where it would go. */
  #pull(event) {
    if (this.#dragged === null) return;
    event.preventDefault();
    const { row } = this.#dragged;
    const over = event.target.closest('li');
    if (!over || over === row || !this.#sheets.has(over)) return;
    const { left, width } = over.getBoundingClientRect();
    if (event.clientX < left + width / 2) over.before(row);
    else over.after(row);
  }

  #drop(event) {
    const { row, before } = this.#dragged;
    this.#dragged = null;
    row.classList.remove('dragged');
    // Escape, or let go outside.
    if (event.dataTransfer.dropEffect === 'none') list.insertBefore(row, before);
    if (row.nextSibling !== before) this.#moved(row);
  }

  #changed() {
    const count = this.size;
    element('tray-clear').hidden = count === 0;
    element('tray-keys').hidden = count === 0;
    element('tray-count').textContent = count === 0 ? '' : text('ticked', { chosen: this.chosen.length, count });
    this.dispatchEvent(new Event('change'));
  }

  #describe() {
    for (const sheet of this.#sheets.values()) sheet.describe();
    this.#changed();
  }
}

/** Stays at the end of the list, unless somebody looks at an earlier page. */
function follow(change) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  change();
  if (atEnd) list.scrollTop = list.scrollHeight;
}
