/** Keeps the pages of a case on the disk of this browser, so that neither a reload nor a crash loses one. */

const NAME = 'gaopai';
const VERSION = 1;
const LOCK = 'gaopai.case';
/** A page that is loaded again waits for its predecessor to let go. */
const LOCK_MS = 3000;

/** Fires `error` when something could not be kept, and `kept` each time everything was. */
export class Drafts extends EventTarget {
  #pages;
  #database = null;
  #saved = new Map();
  #saving = false;
  #due = false;

  /** Follows `pages`. */
  constructor(pages) {
    super();
    this.#pages = pages;
  }

  /** Brings back what was kept; false if another window of this page works on the case. */
  async open() {
    if (!(await lock())) return false;
    this.#database = await request(indexedDB.open(NAME, VERSION), (database) => {
      database.createObjectStore('pages', { keyPath: 'id' });
      database.createObjectStore('notes');
    });
    const [stored, order] = await this.#read();
    for (const page of stored) this.#saved.set(page.id, page);
    const pages = order.map((id) => this.#saved.get(id)).filter(Boolean);
    this.#pages.restore(pages);
    for (const page of this.#pages.list) if (this.#saved.has(page.id)) this.#saved.set(page.id, page);
    this.#pages.addEventListener('change', () => this.#save());
    if (this.#pages.size > pages.length) this.#save();
    return true;
  }

  /** A small fact that outlives the page; undefined forgets it. */
  async note(name, value) {
    if (this.#database === null) return;
    const { store, done } = this.#begin('notes');
    if (value === undefined) store('notes').delete(name);
    else store('notes').put(value, name);
    await done;
  }

  async noted(name) {
    if (this.#database === null) return undefined;
    return request(this.#database.transaction('notes').objectStore('notes').get(name));
  }

  async #read() {
    const transaction = this.#database.transaction(['pages', 'notes']);
    return Promise.all([
      request(transaction.objectStore('pages').getAll()),
      request(transaction.objectStore('notes').get('order')).then((order) => order ?? []),
    ]);
  }

  /** One transaction after the other; of several changes meanwhile only the last is written. */
  async #save() {
    this.#due = true;
    if (this.#saving) return;
    this.#saving = true;
    try {
      while (this.#due) {
        this.#due = false;
        await this.#write(this.#pages.list);
      }
      this.dispatchEvent(new Event('kept'));
    } catch (error) {
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    } finally {
      this.#saving = false;
    }
  }

  async #write(list) {
    const { store, done } = this.#begin('pages', 'notes');
    const now = new Map(list.map((page) => [page.id, page]));
    for (const id of this.#saved.keys()) if (!now.has(id)) store('pages').delete(id);
    for (const [id, page] of now) if (this.#saved.get(id) !== page) store('pages').put(page);
    store('notes').put([...now.keys()], 'order');
    await done;
    this.#saved = now;
  }

  #begin(...names) {
    const transaction = this.#database.transaction(names, 'readwrite', { durability: 'relaxed' });
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(true);
      transaction.onabort = () => reject(transaction.error);
    });
    return { store: (name) => transaction.objectStore(name), done };
  }
}

function request(asked, upgrade) {
  return new Promise((resolve, reject) => {
    if (upgrade) asked.onupgradeneeded = () => upgrade(asked.result);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** Two windows would write over each other's order. Without locks, as over plain http, nobody can tell. */
function lock() {
  if (!navigator.locks) return true;
  return new Promise((resolve) => {
    const held = () => {
      resolve(true);
      return new Promise(() => {});
    };
    navigator.locks.request(LOCK, { signal: AbortSignal.timeout(LOCK_MS) }, held).catch(() => resolve(false));
  });
}
