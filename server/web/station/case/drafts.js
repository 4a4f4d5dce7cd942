/** Keeps the pages of a case on the disk of this browser, so that neither a reload nor a crash loses one. */

import { CaseLock } from './case-lock.js';

const NAME = 'gaopai';
const VERSION = 2;
/** What was removed does not lie on the disk for the next one to find. */
const STEPS_MS = 600_000;
const SWEEP_MS = 60_000;
/** A page that is loaded again waits for its predecessor to let go. */
const LOCK_MS = 3000;

/**
 * Fires `error` when something could not be kept, `saved` each time it has tried, `here` when this window works on the case,
 * and `elsewhere` when another one does.
 */
export class Drafts extends EventTarget {
  #pages;
  #database = null;
  /** What lies on the disk, by the name of its store and its id. */
  #saved = { pages: new Map(), steps: new Map() };
  #saving = false;
  #due = false;
  /** Whether the last time something could not be kept. */
  #failed = false;
  #lock = new CaseLock();
  /** Whether this window works on the case. */
  #here = false;

  /** Follows `pages`. */
  constructor(pages) {
    super();
    this.#pages = pages;
    pages.addEventListener('change', () => this.#here && this.#save());
    setInterval(() => this.#here && this.#saved.steps.size > 0 && this.#save(), SWEEP_MS);
    this.#lock.addEventListener('held', () => this.#bringBack().catch((error) => this.#fail(error)));
    this.#lock.addEventListener('asked', () => this.#handOver());
    this.#lock.addEventListener('lost', () => this.#leave());
  }

  /** Brings back what was kept as soon as no other window of this page works on the case. */
  open() {
    this.#lock.wait();
    setTimeout(() => this.#here || this.dispatchEvent(new Event('elsewhere')), LOCK_MS);
  }

  /** Works on the case in this window; the one that does so now keeps everything before. */
  takeOver() {
    return this.#lock.take();
  }

  /** The pages that this window has go with those that were kept. */
  async #bringBack() {
    this.#database ??= await request(indexedDB.open(NAME, VERSION), (database, before) => {
      if (before < 1) {
        database.createObjectStore('pages', { keyPath: 'id' });
        database.createObjectStore('notes');
      }
      database.createObjectStore('steps', { keyPath: 'id' });
    });
    const [stored, steps, order] = await this.#read();
    const known = new Map(stored.map((page) => [page.id, page]));
    this.#pages.restore(order.map((id) => known.get(id)).filter(Boolean), steps.filter(isFresh));
    const now = new Map(this.#pages.list.map((page) => [page.id, page]));
    // Those that were read are on the disk as they are.
    this.#saved = { pages: new Map(stored.map(({ id }) => [id, now.get(id)])), steps: byId(steps) };
    this.#here = true;
    this.dispatchEvent(new Event('here'));
    await this.#save();
  }

  /** What could not be kept is not given away. */
  async #handOver() {
    await this.#save();
    while (this.#saving) await new Promise((resolve) => { this.addEventListener('saved', resolve, { once: true }); });
    if (!this.#failed) this.#lock.give();
  }

  /** Another window shows the case as it goes on; what stood here would be an older one. */
  #leave() {
    if (!this.#here) return;
    this.#here = false;
    this.#pages.leave();
    this.dispatchEvent(new Event('elsewhere'));
  }

  #fail(error) {
    this.#failed = true;
    this.dispatchEvent(new CustomEvent('error', { detail: error }));
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
    const transaction = this.#database.transaction(['pages', 'steps', 'notes']);
    return Promise.all([
      request(transaction.objectStore('pages').getAll()),
      request(transaction.objectStore('steps').getAll()),
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
        await this.#write({ pages: byId(this.#pages.list), steps: byId(this.#pages.steps.filter(isFresh)) });
      }
      this.#failed = false;
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#saving = false;
      this.dispatchEvent(new Event('saved'));
    }
  }

  async #write(now) {
    const { store, done } = this.#begin('pages', 'steps', 'notes');
    for (const [name, entries] of Object.entries(now)) {
      const saved = this.#saved[name];
      for (const id of saved.keys()) if (!entries.has(id)) store(name).delete(id);
      for (const [id, entry] of entries) if (saved.get(id) !== entry) store(name).put(entry);
    }
    store('notes').put([...now.pages.keys()], 'order');
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

function byId(entries) {
  return new Map(entries.map((entry) => [entry.id, entry]));
}

function isFresh({ time }) {
  return Date.now() - time < STEPS_MS;
}

function request(asked, upgrade) {
  return new Promise((resolve, reject) => {
    if (upgrade) asked.onupgradeneeded = ({ oldVersion }) => upgrade(asked.result, oldVersion);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
