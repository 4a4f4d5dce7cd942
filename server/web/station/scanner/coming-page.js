/** The page that a scanner is drawing in, row by row, over the one before. */
import { toBlob } from '../../client/gaopai-message.js';

/** More than a canvas of old browsers holds. */
const HIGHEST = 16_000;
/** Of a page whose length nobody knows: that of A4. */
const USUAL = Math.SQRT2;

export class ComingPage {
  #canvas;
  #context;
  /** Pieces are drawn in the order they came, whatever their pictures take to be decoded. */
  #last = Promise.resolve();
  /** Counts pages and scans: a piece of an older one is not drawn any more. */
  #turn = 0;
  #whole = false;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { willReadFrequently: true });
  }

  /** Whether there is something to see. */
  get seen() {
    return !this.#canvas.hidden;
  }

  /** Resolves when the rows of a notice are drawn. */
  take(rows) {
    const turn = this.#turn;
    this.#last = this.#last.then(() => this.#draw(rows, turn), () => this.#draw(rows, turn));
    return this.#last;
  }

  /** A page has arrived whole: its rows make room for it, unless those of the next are coming already. */
  leave() {
    if (this.#whole) this.#canvas.hidden = true;
  }

  /** The scan begins or is over. */
  end() {
    this.#turn += 1;
    this.#canvas.hidden = true;
  }

  async #draw(rows, turn) {
    const bitmap = await createImageBitmap(toBlob(rows));
    try {
      if (turn !== this.#turn || rows.top + rows.height > HIGHEST) return;
      if (rows.top === 0) this.#begin(rows);
      else if (rows.top + rows.height > this.#canvas.height) this.#grow(rows.top + rows.height);
      this.#context.drawImage(bitmap, 0, rows.top);
      this.#whole = rows.top + rows.height >= (rows.pageHeight ?? Infinity);
      this.#canvas.hidden = false;
    } finally {
      bitmap.close();
    }
  }

  /** Shows a sheet of which nothing has come yet. */
  #begin({ width, height, pageHeight }) {
    Object.assign(this.#canvas, { width, height: Math.min(HIGHEST, Math.max(height, pageHeight ?? Math.round(width * USUAL))) });
  }

  #grow(height) {
    const before = this.#context.getImageData(0, 0, this.#canvas.width, this.#canvas.height);
    this.#canvas.height = height;
    this.#context.putImageData(before, 0, 0);
  }
}
