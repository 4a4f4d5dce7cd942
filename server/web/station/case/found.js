/** A scan that was cut off, by a reload or a crash: its pages lie on the disk and are offered again. */
import { onLanguage, text } from '../../texts/i18n.js';

/** Pages of one pile at most. */
const MOST = 500;

const element = (id) => document.getElementById(id);

export class Found {
  #gaopai;
  #pages;
  #drafts;
  #notice;
  #files = [];

  /** Looks once, as soon as there is a connection. */
  constructor(gaopai, pages, drafts, notice) {
    this.#gaopai = gaopai;
    this.#pages = pages;
    this.#drafts = drafts;
    this.#notice = notice;
    element('found-add').addEventListener('click', () => this.#add());
    element('found-leave').addEventListener('click', () => this.#leave());
    onLanguage(() => this.#show());
    this.#look().catch((error) => notice.error(error));
  }

  async #look() {
    const scan = await this.#drafts.noted('scan');
    if (scan === undefined) return;
    const { files } = await this.#gaopai.listFiles({ limit: MOST }, { wait: Infinity });
    const known = new Set(this.#pages.list.map(({ path }) => path));
    this.#files = files.filter(({ path, time }) => Date.parse(time) >= scan.since - 1000 && isPage(path) && !known.has(path))
      .toSorted((one, other) => Date.parse(one.time) - Date.parse(other.time));
    if (this.#files.length === 0) await this.#leave();
    this.#show();
  }

  async #add() {
    try {
      for (const { path } of this.#files) {
        const [picture] = await this.#gaopai.processImage({ path });
        this.#pages.add({ ...picture, path, from: 'scanner' });
      }
      await this.#leave();
    } catch (error) {
      this.#notice.error(error);
    }
  }

  async #leave() {
    this.#files = [];
    this.#show();
    await this.#drafts.note('scan', undefined);
  }

  #show() {
    element('found').hidden = this.#files.length === 0;
    element('found').querySelector('span').textContent = text('found', { count: this.#files.length });
  }
}

function isPage(path) {
  return /\.(jpe?g|png|bmp|webp|tiff?)$/i.test(path);
}
