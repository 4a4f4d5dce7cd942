/** The rectangle of a manual crop: drawn, moved and resized over the live picture. */
import { large, moved, ordered, placeAt, pulled, within } from '../sides.js';

/** A click without a drag would leave an area of nothing. */
const SMALLEST = 0.03;
const STEP = 0.01;
const CORNERS = ['left top', 'right top', 'left bottom', 'right bottom'];
const WHOLE = { left: 0.1, top: 0.1, right: 0.9, bottom: 0.9 };

/** Sides are fractions of the picture's width and height. Fires `change` when a hand lets go. */
export class CropArea extends EventTarget {
  #sides = { ...WHOLE };
  #rotate = 0;
  #drag = null;
  #picture = document.getElementById('picture');
  #box = document.getElementById('crop');

  constructor() {
    super();
    this.#box.append(...CORNERS.map((corner) => {
      const handle = document.createElement('i');
      handle.dataset.corner = corner;
      return handle;
    }));
    this.#picture.addEventListener('pointerdown', (event) => this.#grab(event));
    this.#picture.addEventListener('pointermove', (event) => this.#pull(event));
    this.#picture.addEventListener('pointerup', () => this.#release());
    this.#picture.addEventListener('pointercancel', () => this.#release());
    this.#box.addEventListener('keydown', (event) => this.#key(event));
  }

  get shown() {
    return !this.#box.hidden;
  }

  set shown(shown) {
    this.#box.hidden = !shown;
    if (shown) this.#place();
  }

  /** Lies around corners in pixels of a picture of that size; of nothing, it stays where it is. */
  lieAround(corners, { width, height }) {
    if (!corners?.length) return;
    const [across, down] = [corners.map(([x]) => (x + 0.5) / width), corners.map(([, y]) => (y + 0.5) / height)];
    this.#sides = large({
      left: within(Math.min(...across)), top: within(Math.min(...down)), right: within(Math.max(...across)), bottom: within(Math.max(...down)),
    }, SMALLEST);
    this.#place();
  }

  /** The protocol's `cropRect`, in pixels of a picture of that size. */
  rectIn({ width, height }) {
    const { left, top, right, bottom } = this.#sides;
    return {
      left: Math.round(left * width),
      top: Math.round(top * height),
      right: Math.round(right * width),
      bottom: Math.round(bottom * height),
    };
  }

  /** Follows the picture to `rotate` degrees clockwise. */
  turnTo(rotate) {
    for (; this.#rotate !== rotate; this.#rotate = (this.#rotate + 90) % 360) {
      const { left, top, right, bottom } = this.#sides;
      this.#sides = { left: 1 - bottom, top: left, right: 1 - top, bottom: right };
    }
    this.#place();
  }

  #grab(event) {
    if (this.#box.hidden || event.button !== 0) return;
    event.preventDefault();
    const corner = event.target.dataset?.corner?.split(' ');
    const moves = event.target === this.#box;
    const at = this.#at(event);
    if (!corner && !moves) this.#sides = { left: at.x, top: at.y, right: at.x, bottom: at.y };
    this.#drag = { corner: corner ?? ['right', 'bottom'], moves, at, from: { ...this.#sides } };
    this.#picture.setPointerCapture(event.pointerId);
    this.#box.focus();
  }

  #pull(event) {
    if (this.#drag === null) return;
    const { corner, moves, at, from } = this.#drag;
    const now = this.#at(event);
    const [dx, dy] = [now.x - at.x, now.y - at.y];
    this.#sides = moves ? moved(from, dx, dy) : ordered(pulled(from, corner, dx, dy));
    this.#place();
  }

  #release() {
    if (this.#drag === null) return;
    this.#drag = null;
    this.#sides = large(this.#sides, SMALLEST);
    this.#finish();
  }

  #key(event) {
    const [dx, dy] = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key] ?? [];
    if (dx === undefined) return;
    event.preventDefault();
    const corner = /** @type {[string, string]} */ (['right', 'bottom']);
    this.#sides = event.shiftKey ? large(pulled(this.#sides, corner, dx, dy), SMALLEST) : moved(this.#sides, dx, dy);
    this.#finish();
  }

  #finish() {
    this.#place();
    this.dispatchEvent(new Event('change'));
  }

  #at({ clientX, clientY }) {
    const { left, top, width, height } = this.#picture.getBoundingClientRect();
    return { x: within((clientX - left) / width), y: within((clientY - top) / height) };
  }

  #place() {
    placeAt(this.#box, this.#sides);
  }
}
