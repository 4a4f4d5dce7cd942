/** How small a picture a canvas can do with, so that none is sent and decoded that is larger than it is shown. */

/** What the service can divide a picture's sides by. */
const REDUCTIONS = [8, 4, 2];

/** A window that is being resized is left alone until it rests. */
const REST_MS = 300;

export class CanvasFit {
  /** Most pixels across that are wanted; undefined for the camera's picture. */
  maxWidth;

  #canvas;
  #changed;
  #full = 0;
  #isSized = false;
  #observer;
  #timer = null;

  /** `changed` is called when another `maxWidth` is wanted. */
  constructor(canvas, changed) {
    this.#canvas = canvas;
    this.#changed = changed;
    this.#observer = new ResizeObserver(() => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#measure(), REST_MS);
    });
    this.#observer.observe(canvas);
  }

  /** To be told of each frame that is drawn: the width of the camera's picture, and what it was divided by. */
  drawn(full, reduction) {
    if (full === this.#full) return;
    this.#full = full;
    // A canvas that no style sizes is as wide as its picture: a smaller picture would shrink it.
    this.#isSized = reduction > 1 || Math.abs(this.#canvas.clientWidth - full) > 1;
    this.#measure();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
  }

  #measure() {
    const shown = this.#canvas.clientWidth * devicePixelRatio;
    if (this.#full === 0 || shown === 0) return;
    const fits = (factor) => Math.ceil(this.#full / factor) >= shown;
    const reduction = this.#isSized ? REDUCTIONS.find(fits) : undefined;
    const maxWidth = reduction && Math.ceil(this.#full / reduction);
    if (maxWidth === this.maxWidth) return;
    this.maxWidth = maxWidth;
    this.#changed();
  }
}
