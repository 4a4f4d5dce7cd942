/** One scanned page in the tray: a small picture, what it is, and its buttons. */
import { text } from './i18n.js';
import { enlarge, sizeOf } from './viewer.js';

const THUMBNAIL = { width: 240, height: 300 };

const template = document.getElementById('sheet');

export class Sheet {
  row = template.content.firstElementChild.cloneNode(true);

  #page;
  #number;

  /** `number` is the page's name as long as it is in the tray, wherever it is moved. */
  constructor(page, number) {
    this.#page = page;
    this.#number = number;
    this.#part('bdi').textContent = this.name;
    this.#part('.file').title = page.path;
    this.#part('.badge').hidden = !page.blank;
    this.#part('.thumb').addEventListener('click', () => this.#enlarge());
    this.#part('.thumb').disabled = page.blob === null;
    this.describe();
    if (page.blob) this.#draw();
    else this.#part('.suffix').textContent = this.name.split('.').at(-1);
  }

  get path() {
    return this.#page.path;
  }

  /** The file's name without its folder. */
  get name() {
    return this.path.split('/').at(-1);
  }

  get number() {
    return this.#number;
  }

  get chosen() {
    return this.#part('input').checked;
  }

  /** Says everything in the language of the page. */
  describe() {
    const number = this.#number;
    const labels = { input: 'sheetUse', '.earlier': 'sheetEarlier', '.later': 'sheetLater', '.remove': 'sheetRemove' };
    for (const [part, key] of Object.entries(labels)) {
      this.#part(part).setAttribute('aria-label', text(key, { number }));
      this.#part(part).title = text(key, { number });
    }
    this.#part('.number').textContent = number;
    this.#part('.badge').textContent = text('blank');
    this.#part('.thumb').setAttribute('aria-label', text(this.#page.blank ? 'sheetBlank' : 'sheetEnlarge', { number }));
  }

  #enlarge() {
    const { blob, width, height } = this.#page;
    const title = text('sheetTitle', { number: this.#number, width, height, size: sizeOf(blob), name: this.name });
    enlarge(blob, title, this.name.replace(/\.\w+$/, ''));
  }

  /** A page of 600 dpi takes 140 MB as pixels: none is kept, but a picture of the size that is shown. */
  async #draw() {
    const { blob, width, height } = this.#page;
    const scale = Math.min(THUMBNAIL.width / width, THUMBNAIL.height / height);
    const [resizeWidth, resizeHeight] = [width, height].map((length) => Math.max(1, Math.round(length * scale)));
    const bitmap = await createImageBitmap(blob, { resizeWidth, resizeHeight, resizeQuality: 'medium' });
    const canvas = this.#part('canvas');
    Object.assign(canvas, { width: resizeWidth, height: resizeHeight });
    canvas.getContext('2d').drawImage(bitmap, 0, 0);
    canvas.hidden = false;
    bitmap.close();
  }

  #part(selector) {
    return this.row.querySelector(selector);
  }
}
