/** The pages of a case, in order: whatever they come from, whatever is done to them, and the way back. */

/** Steps that can be taken back. */
const KEPT_STEPS = 200;
/** What a page has unless somebody says otherwise. */
const FRESH = {
  name: '', path: null, blob: null, blank: false, verdict: null, corners: null, unsure: null, handle: null, edit: {}, codes: null,
};

/**
 * Fires `change`, `retake`, `select` when other pages are chosen or another one is looked at, and `done` with the name of what can be
 * undone and how many pages it was done to.
 */
export class Pages extends EventTarget {
  /** Frozen objects; a page that changes is replaced by another object of the same `id`. */
  list = [];
  /**
   * What can be taken back, the newest last, as plain objects, so that they outlive the page: `order` are the ids before the
   * step, `fields` what the pages had that it changed, by id, `gone` the pages that it took out.
   */
  steps = [];

  #selected = null;
  /** Ids of the pages that are worked on together; the one that is looked at is always among them. */
  #chosen = new Set();
  /** Where a range begins. */
  #anchor = null;
  /** Id of the page that the next picture takes the place of. */
  #retaken = null;

  get size() {
    return this.list.length;
  }

  /** The ticked pages. */
  get used() {
    return this.list.filter(({ used }) => used);
  }

  get undoable() {
    return this.steps.length > 0;
  }

  /** The page that is looked at, or null. */
  get selected() {
    return this.list.find(({ id }) => id === this.#selected) ?? this.list.at(-1) ?? null;
  }

  /** The pages that are worked on together, in order. */
  get chosen() {
    const selected = this.selected?.id;
    return this.list.filter(({ id }) => id === selected || this.#chosen.has(id));
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
      id: newId(), used: true, ...FRESH, time: Date.now(), ...fields,
    });
    const at = after === null ? -1 : this.place(after);
    this.list = at < 0 ? [...this.list, page] : this.list.toSpliced(at + 1, 0, page);
    this.#changed();
    this.select(page.id);
    return page;
  }

  /** The page that is taken anew, or null. */
  get retaken() {
    return this.page(this.#retaken);
  }

  /** Has the next picture take the place of the page of an id; null for the end. Fires `retake`. */
  retake(id) {
    this.#retaken = id;
    this.dispatchEvent(new Event('retake'));
  }

  /** Puts a picture that was taken in the place of the page that is taken anew; without one at the end. */
  put(fields) {
    const before = this.retaken;
    if (before === null) return this.add(fields);
    const { id, used } = before;
    this.retake(null);
    this.update(id, { ...FRESH, time: Date.now(), original: undefined, ...fields, used }, 'retaken');
    this.select(id);
    return this.page(id);
  }

  /** Pages of an earlier day, before those of this one, and what can still be taken back of it. */
  restore(pages, steps) {
    const known = new Set(this.list.map(({ id }) => id));
    this.list = [...pages.filter(({ id }) => !known.has(id)).map(Object.freeze), ...this.list];
    this.steps = [...steps, ...this.steps];
    this.#changed();
  }

  /** Lets go of all pages and steps, as another window has them. */
  leave() {
    this.list = [];
    this.steps = [];
    this.#changed();
    this.dispatchEvent(new Event('select'));
  }

  /** Looks at one page, and works on it alone. */
  select(id) {
    this.#anchor = id;
    this.#choose(id, [id]);
  }

  /** Chooses all from the page that was chosen last to this one. */
  selectTo(id) {
    const ends = [this.place(this.#anchor ?? this.selected?.id), this.place(id)].sort((one, other) => one - other);
    this.#choose(id, this.list.slice(Math.max(0, ends[0]), ends[1] + 1).map((page) => page.id));
  }

  /** Takes a page to those that are chosen, or out of them. */
  toggle(id) {
    const chosen = this.chosen.map((page) => page.id);
    const rest = chosen.filter((one) => one !== id);
    this.#anchor = id;
    if (rest.length === chosen.length) this.#choose(id, [...chosen, id]);
    else if (rest.length > 0) this.#choose(this.#selected === id ? rest.at(-1) : this.#selected, rest);
  }

  chooseAll() {
    if (this.size > 0) this.#choose(this.selected.id, this.list.map(({ id }) => id));
  }

  #choose(id, ids) {
    this.#selected = id;
    this.#chosen = new Set(ids);
    this.dispatchEvent(new Event('select'));
  }

  /** Looks at the page so many places on, if there is one. */
  step(by) {
    const next = this.list[this.place(this.selected?.id) + by];
    if (next) this.select(next.id);
  }

  /** Changes a page; with a `name` the change can be undone. */
  update(id, changes, name = null) {
    this.updateAll(new Map([[id, changes]]), name);
  }

  /** Changes pages in one step: what becomes of each, by its id. */
  updateAll(changes, name = null) {
    const before = this.list.filter(({ id }) => changes.has(id));
    if (before.length === 0) return;
    const fields = before.map((page) => [page.id, Object.fromEntries(Object.keys(changes.get(page.id)).map((key) => [key, page[key]]))]);
    if (name !== null) this.#keep({ name, fields: Object.fromEntries(fields) });
    this.list = this.list.map((page) => (changes.has(page.id) ? Object.freeze({ ...page, ...changes.get(page.id) }) : page));
    this.#changed();
    if (changes.has(this.selected?.id)) this.dispatchEvent(new Event('select'));
    if (name !== null) this.#did(name, before.length);
  }

  /** Puts pages, as they lie, so that the first of them has the place `to`; false if nothing moves. */
  move(ids, to) {
    const rest = this.list.filter(({ id }) => !ids.includes(id));
    if (to < 0 || to > rest.length) return false;
    const list = rest.toSpliced(to, 0, ...this.list.filter(({ id }) => ids.includes(id)));
    if (list.every((page, at) => page === this.list[at])) return false;
    this.#keep({ name: 'moved' });
    this.list = list;
    this.#did('moved', ids.length);
    return true;
  }

  /** Takes pages out in one step; the next one is looked at if theirs was. */
  remove(ids, name = 'removed') {
    const gone = this.list.filter(({ id }) => ids.includes(id));
    if (gone.length === 0) return;
    const selected = this.selected.id;
    const after = this.list.slice(this.place(gone.at(-1).id) + 1);
    this.#keep({ name, gone });
    this.list = this.list.filter((page) => !gone.includes(page));
    this.#changed();
    const next = this.page(selected) ?? after[0] ?? this.list.at(-1);
    if (next) this.select(next.id);
    else this.dispatchEvent(new Event('select'));
    this.#did(name, gone.length);
  }

  clear() {
    this.remove(this.list.map(({ id }) => id), 'cleared');
  }

  /** Takes the last step back; its name, or null if there is none. */
  undo() {
    const step = this.steps.at(-1);
    if (step === undefined) return null;
    const { name, order, fields, gone } = step;
    this.steps = this.steps.slice(0, -1);
    const pages = new Map([...gone, ...this.list].map((page) => [page.id, page]));
    for (const [id, before] of Object.entries(fields)) {
      if (pages.has(id)) pages.set(id, Object.freeze({ ...pages.get(id), ...before }));
    }
    const ids = order.filter((id) => pages.has(id));
    // Pages that came later stay behind the one that they lie behind.
    this.list.forEach(({ id }, at) => {
      if (!order.includes(id)) ids.splice(ids.indexOf(this.list[at - 1]?.id) + 1 || ids.length, 0, id);
    });
    this.list = ids.map((id) => pages.get(id));
    this.#changed();
    const back = [...gone.map(({ id }) => id), ...Object.keys(fields)].filter((id) => pages.has(id));
    if (back.length > 0) this.#choose(back.at(-1), back);
    return name;
  }

  /** Notes how things are, before they change. */
  #keep({ name, fields = {}, gone = [] }) {
    const step = { id: (this.steps.at(-1)?.id ?? 0) + 1, time: Date.now(), name, order: this.list.map(({ id }) => id), fields, gone };
    this.steps = [...this.steps, step].slice(-KEPT_STEPS);
  }

  #did(name, count) {
    this.#changed();
    this.dispatchEvent(new CustomEvent('done', { detail: { name, count } }));
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** Not crypto.randomUUID, which a page over plain http does not have. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join('-');
}
