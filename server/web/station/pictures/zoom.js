/** A picture in a box that is zoomed with the wheel and with keys, and moved with the hand. */

const MOST = 8;
const STEP = 1.25;
/** Pixels that stay free around a picture that is shown whole. */
const MARGIN = 20;

export class Zoom {
  #box;
  #content;
  #size = { width: 1, height: 1 };
  #scale = 1;
  #fitted = true;
  #drag = null;

  /** `box` scrolls `content`. */
  constructor(box, content) {
    this.#box = box;
    this.#content = content;
    box.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    box.addEventListener('dblclick', (event) => this.#to(this.#fitted ? 1 : this.#least, event));
    box.addEventListener('pointerdown', (event) => this.#grab(event));
    box.addEventListener('pointermove', (event) => this.#pull(event));
    for (const name of ['pointerup', 'pointercancel']) box.addEventListener(name, () => { this.#drag = null; });
    new ResizeObserver(() => this.#fitted && this.fit()).observe(box);
  }

  /** Whether all of the picture is in sight. */
  get whole() {
    return this.#fitted;
  }

  get scale() {
    return this.#scale;
  }

  /** Shows all of a picture of that size. */
  fit(size = this.#size) {
    this.#size = size;
    this.#fitted = true;
    this.#put(this.#least);
  }

  in() {
    this.#to(this.#scale * STEP);
  }

  out() {
    this.#to(this.#scale / STEP);
  }

  get #least() {
    const { clientWidth, clientHeight } = this.#box;
    const room = [clientWidth, clientHeight].map((length) => Math.max(1, length - 2 * MARGIN));
    return Math.min(room[0] / this.#size.width, room[1] / this.#size.height, 1);
  }

  #wheel(event) {
    event.preventDefault();
    this.#to(this.#scale * Math.exp(-event.deltaY / 500), event);
  }

  /** What is under the pointer stays there. */
  #to(wanted, event = null) {
    const scale = Math.min(MOST, Math.max(this.#least, wanted));
    const { left, top } = this.#content.getBoundingClientRect();
    const box = this.#box.getBoundingClientRect();
    const at = event ?? { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 };
    const [x, y] = [(at.clientX - left) / this.#scale, (at.clientY - top) / this.#scale];
    this.#fitted = scale <= this.#least;
    this.#put(scale);
    const moved = this.#content.getBoundingClientRect();
    this.#box.scrollLeft += moved.left + x * scale - at.clientX;
    this.#box.scrollTop += moved.top + y * scale - at.clientY;
  }

  #put(scale) {
    this.#scale = scale;
    this.#content.style.width = `${this.#size.width * scale}px`;
    this.#content.style.height = `${this.#size.height * scale}px`;
    this.#box.classList.toggle('zoomed', !this.#fitted);
  }

  #grab(event) {
    if (this.#fitted || event.button !== 0 || event.target.closest('button')) return;
    event.preventDefault();
    this.#box.focus();
    this.#drag = { x: event.clientX + this.#box.scrollLeft, y: event.clientY + this.#box.scrollTop };
    this.#box.setPointerCapture(event.pointerId);
  }

  #pull(event) {
    if (this.#drag === null) return;
    this.#box.scrollLeft = this.#drag.x - event.clientX;
    this.#box.scrollTop = this.#drag.y - event.clientY;
  }
}
