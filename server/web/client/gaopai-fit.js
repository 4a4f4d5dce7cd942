/** How large a picture a canvas can show, so that none is sent, decoded and drawn that is larger. */

/** What the service can divide a picture's sides by. */
const REDUCTIONS = [8, 4, 2];

/** A window that is being resized is left alone until it rests. */
const REST_MS = 300;

/**
 * A canvas may be as large as its style says, or as its picture, or as its picture but no wider than something. What
 * is drawn after the window was resized is therefore as large as the camera's picture, and what the layout then makes
 * of the canvas is what all further pictures are drawn for.
 */
export class CanvasFit {
  /** Most pixels across that are wanted of the service; undefined for the camera's picture. */
  maxWidth;

  #canvas;
  #changed;
  /** Of the camera's picture. */
  #full = 0;
  /** Pixels of the screen across; 0 until the layout has been seen. */
  #shown = 0;
  #laidOut = 0;
  #observer;
  #timer = null;

  /** `changed` is called when another `maxWidth` is wanted. */
  constructor(canvas, changed) {
    this.#canvas = canvas;
    this.#changed = changed;
    this.#observer = new ResizeObserver(() => this.#later(() => this.#moved() && this.#forget()));
    this.#observer.observe(canvas);
    addEventListener('resize', this.#resized);
  }

  /** In how many pixels to draw a picture that was divided by `reduction`. */
  size({ width, height, reduction = 1 }) {
    const full = width * reduction;
    if (full !== this.#full) this.#shown = 0;
    this.#full = full;
    const across = this.#shown || full;
    return { width: across, height: Math.max(1, Math.round((across * height) / width)) };
  }

  /** To be told of each picture that was drawn. */
  drawn() {
    if (this.#shown > 0) return;
    const { width, clientWidth } = this.#canvas;
    // A canvas whose control a worker has may learn of its size later; one that is hidden has none.
    if (width !== this.#full || clientWidth === 0) return;
    this.#laidOut = clientWidth;
    this.#shown = Math.min(this.#full, Math.round(clientWidth * devicePixelRatio));
    const reduction = REDUCTIONS.find((factor) => Math.ceil(this.#full / factor) >= this.#shown);
    const maxWidth = reduction && Math.ceil(this.#full / reduction);
    if (maxWidth === this.maxWidth) return;
    this.maxWidth = maxWidth;
    this.#changed();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    removeEventListener('resize', this.#resized);
  }

  #resized = () => this.#later(() => this.#forget());

  #later(act) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, REST_MS);
  }

  /** A pixel more or less is the rounding of the picture's other side; what is hidden is as it was. */
  #moved() {
    const { clientWidth } = this.#canvas;
    return clientWidth > 0 && Math.abs(clientWidth - this.#laidOut) > 1;
  }

  #forget() {
    if (this.#canvas.clientWidth > 0) this.#shown = 0;
    // Looked at when it is seen again: whole pictures are not drawn for nobody.
    else this.#laidOut = 0;
  }
}
