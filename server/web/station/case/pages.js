/** The pages of a case, in order: whatever they come from, whatever is done to them, and the way back. */

/** Steps that can be taken back. */
const KEPT_STEPS = 200;

/** Fires `change`, `select` when another page is the chosen one, and `done` with the name of what can be undone. */
export class Pages extends EventTarget {
  /** Frozen objects; a page that changes is replaced by another object of the same `id`. */
  list = [];

  #selected = null;
  #past = [];

  get size() {
    return this.list.length;
  }

  /** The ticked pages. */
  get used() {
    return this.list.filter(({ used }) => used);
  }

  get undoable() {
    return this.#past.length > 0;
  }

  /** The page that is looked at, or null. */
  get selected() {
    return this.list.find(({ id }) => id === this.#selected) ?? this.list.at(-1) ?? null;
  }

  page(id) {
    return this.list.find((page) => page.id === id) ?? null;
  }

  /** Counted from 0; people count from 1, see `number`. */
  place(id) {
    return this.list.findIndex((page) => page.id === id);
  }

  /** A page is called by its place. */
  number(id) {
    return this.place(id) + 1;
  }

  /** Puts a page at the end, or behind the page of an id, and looks at it. */
  add(fields, after = null) {
    const page = Object.freeze({
      id: newId(), used: true, name: '', path: null,
      blob: null, blank: false, verdict: null, corners: null, unsure: null, handle: null, edit: {}, codes: null, time: Date.now(), ...fields,
    });
    const at = after === null ? -1 : this.place(after);
    this.list = at < 0 ? [...this.list, page] : this.list.toSpliced(at + 1, 0, page);
    this.#changed();
    this.select(page.id);
    return page;
  }

  /** Pages of an earlier day, before those of this one. */
  restore(pages) {
    const known = new Set(this.list.map(({ id }) => id));
    this.list = [...pages.filter(({ id }) => !known.has(id)).map(Object.freeze), ...this.list];
    this.#changed();
  }

  select(id) {
    this.#selected = id;
    this.dispatchEvent(new Event('select'));
  }

  /** Looks at the page so many places on, if there is one. */
  step(by) {
    const next = this.list[this.place(this.selected?.id) + by];
    if (next) this.select(next.id);
  }

  /** Changes a page; with a `name` the change can be undone. */
  update(id, changes, name = null) {
    const before = this.page(id);
    if (before === null) return;
    this.#replace(id, changes);
    if (name === null) return;
    const old = Object.fromEntries(Object.keys(changes).map((key) => [key, before[key]]));
    this.#did(name, () => this.#replace(id, old));
  }

  move(id, to) {
    const from = this.place(id);
    if (from < 0 || to < 0 || to >= this.size || from === to) return false;
    this.#put(id, to);
    this.#did('moved', () => this.#put(id, from));
    return true;
  }

  remove(id) {
    const at = this.place(id);
    if (at < 0) return;
    const page = this.list[at];
    const next = this.list[at + 1] ?? this.list[at - 1];
    this.list = this.list.toSpliced(at, 1);
    this.#changed();
    if (next) this.select(next.id);
    else this.dispatchEvent(new Event('select'));
    this.#did('removed', () => this.#insert(page, at));
  }

  /** Takes several pages out in one step. */
  removeAll(ids) {
    const before = this.list;
    const gone = new Set(ids);
    this.list = before.filter(({ id }) => !gone.has(id));
    this.#changed();
    this.dispatchEvent(new Event('select'));
    this.#did('blanks', () => {
      const now = new Map(this.list.map((page) => [page.id, page]));
      const known = new Set(before.map(({ id }) => id));
      this.list = [...before.map((page) => now.get(page.id) ?? page), ...this.list.filter(({ id }) => !known.has(id))];
      this.#changed();
    });
  }

  clear() {
    const before = this.list;
    this.list = [];
    this.#changed();
    this.dispatchEvent(new Event('select'));
    this.#did('cleared', () => {
      this.restore(before);
      this.select(before.at(-1).id);
    });
  }

  /** Takes the last step back; its name, or null if there is none. */
  undo() {
    const step = this.#past.pop();
    if (step === undefined) return null;
    step.undo();
    this.#changed();
    return step.name;
  }

  #did(name, undo) {
    this.#past = [...this.#past, { name, undo }].slice(-KEPT_STEPS);
    this.#changed();
    this.dispatchEvent(new CustomEvent('done', { detail: name }));
  }

  #replace(id, changes) {
    this.list = this.list.map((page) => (page.id === id ? Object.freeze({ ...page, ...changes }) : page));
    this.#changed();
    if (this.selected?.id === id) this.dispatchEvent(new Event('select'));
  }

  #put(id, to) {
    const rest = this.list.filter((page) => page.id !== id);
    this.list = rest.toSpliced(to, 0, this.page(id));
    this.#changed();
  }

  #insert(page, at) {
    this.list = this.list.toSpliced(at, 0, page);
    this.#changed();
    this.select(page.id);
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** Not crypto.randomUUID, which a page over plain http does not have. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join('-');
}
