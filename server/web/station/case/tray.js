/** The pages of the case as a list: to look at, tick, move, turn and remove. */
import { onLanguage } from '../../texts/i18n.js';
import { Sheet } from './sheet.js';

const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export const TRAY = `
  <ol id="sheets" data-i18n-label="sheets">
    <li id="coming" class="sheet coming" hidden><span class="paper"></span><p data-i18n="coming"></p></li>
  </ol>
  <p id="tray-placeholder" class="quiet" data-i18n="noSheetsHint"></p>`;

const element = (id) => document.getElementById(id);

/** Fires `move` with a page's new place, `turn` and `open` with a page. */
export class Tray extends EventTarget {
  #pages;
  #list = element('sheets');
  /** By the page's id. */
  #sheets = new Map();
  #dragged = null;

  constructor(pages) {
    super();
    this.#pages = pages;
    pages.addEventListener('change', () => this.#show());
    pages.addEventListener('select', () => this.#select(true));
    this.#list.addEventListener('click', ({ target }) => this.#press(target.closest('button')));
    this.#list.addEventListener('dblclick', ({ target }) => target.closest('.thumb') && this.#tell('open', target.closest('li')));
    this.#list.addEventListener('change', ({ target }) => this.#pages.update(target.closest('li').dataset.id, { used: target.checked }));
    this.#list.addEventListener('keydown', (event) => this.#key(event));
    this.#list.addEventListener('dragstart', (event) => this.#lift(event));
    this.#list.addEventListener('dragover', (event) => this.#pull(event));
    this.#list.addEventListener('drop', (event) => this.#dragged && event.preventDefault());
    this.#list.addEventListener('dragend', (event) => this.#drop(event));
    onLanguage(() => {
      for (const sheet of this.#sheets.values()) sheet.describe();
    });
  }

  /** Whether a further page is on its way. */
  set expecting(expecting) {
    element('coming').hidden = !expecting;
    if (expecting) element('coming').scrollIntoView({ block: 'nearest' });
    this.#showPlaceholder();
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
    if (sheet === undefined) this.#sheets.set(page.id, sheet = new Sheet(page));
    else if (sheet.page !== page) sheet.show(page);
    sheet.number = at + 1;
    if (this.#list.children[at] !== sheet.row) this.#list.insertBefore(sheet.row, this.#list.children[at] ?? element('coming'));
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
    for (const [id, sheet] of this.#sheets) sheet.select(id === selected);
    if (scroll) this.#sheets.get(selected)?.row.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #showPlaceholder() {
    element('tray-placeholder').hidden = this.#pages.size > 0 || !element('coming').hidden;
  }

  #press(button) {
    const row = button?.closest('li');
    if (!row) return;
    const { id } = row.dataset;
    if (button.matches('.earlier')) this.#move(row, -1);
    else if (button.matches('.later')) this.#move(row, 1);
    else if (button.matches('.remove')) this.#pages.remove(id);
    else if (button.matches('.turn')) this.#tell('turn', row);
    else if (this.#pages.selected.id === id) this.#tell('open', row);
    else this.#pages.select(id);
  }

  #key(event) {
    const row = event.target.closest('li');
    const step = STEPS[event.key];
    if (!this.#sheets.has(row?.dataset.id) || (step === undefined && event.key !== 'Delete')) return;
    event.preventDefault();
    if (step === undefined) this.#pages.remove(row.dataset.id);
    else if (event.altKey) this.#move(row, step);
    else this.#walk(row, step);
  }

  /** The focus and the choice go on to the page beside. */
  #walk(row, step) {
    const next = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!this.#sheets.has(next?.dataset.id)) return;
    this.#pages.select(next.dataset.id);
    next.querySelector('.thumb').focus();
  }

  #move(row, step) {
    const focused = /** @type {HTMLElement} */ (document.activeElement);
    if (!this.#pages.move(row.dataset.id, this.#pages.place(row.dataset.id) + step)) return;
    if (row.contains(focused)) focused.focus();
    this.#moved(row);
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
    row.classList.add('dragged');
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
    row.classList.remove('dragged');
    const to = [...this.#list.children].indexOf(row);
    // Escape, or let go outside.
    if (event.dataTransfer.dropEffect === 'none') this.#show();
    else if (this.#pages.move(row.dataset.id, to)) this.#moved(row);
  }
}
