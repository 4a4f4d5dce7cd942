/** Black bars over a picture: drawn, moved and sized by hand or with keys, or laid over lines of text. */
import { onLanguage, text } from '../../texts/i18n.js';
import { large, moved, ordered, placeAt, pulled, within } from '../sides.js';

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 0.01;
/** Less is the slip of a hand. */
const SMALLEST = 0.005;
const CORNERS = ['left top', 'right top', 'left bottom', 'right bottom'];
/** Where a bar begins that no pointer has drawn. */
const MIDDLE = { left: 0.35, top: 0.46, right: 0.65, bottom: 0.54 };
/** Growth of a bar around a line of text, in heights of that: print goes beyond its line. */
const AROUND = 0.15;

/** Lies exactly on its picture. Fires `change`. */
export class Covers extends EventTarget {
  #box;
  #size = { width: 1, height: 1 };
  /** Sides of each bar, in shares of the picture; an element beside each. */
  #bars = [];
  #elements = [];
  /** Former bars, as plain data, the newest last. */
  #before = [];
  #lines = [];
  #drag = null;

  constructor(box) {
    super();
    this.#box = box;
    box.addEventListener('pointerdown', (event) => this.#grab(event));
    box.addEventListener('pointermove', (event) => this.#pull(event));
    for (const name of ['pointerup', 'pointercancel']) box.addEventListener(name, () => this.#release());
    box.addEventListener('keydown', (event) => this.#key(event));
    onLanguage(() => this.#name());
  }

  get shown() {
    return !this.#box.hidden;
  }

  /** The protocol's `areas`, in pixels: no pixel that a bar touches is left. */
  get areas() {
    const { width, height } = this.#size;
    return this.#bars.map(({ left, top, right, bottom }) => ({
      left: Math.floor(left * width), top: Math.floor(top * height), right: Math.ceil(right * width), bottom: Math.ceil(bottom * height),
    }));
  }

  get undoable() {
    return this.#before.length > 0;
  }

  /** Lies over a picture of that size, without a bar. */
  show(size) {
    this.#size = size;
    this.#before = [];
    this.#box.hidden = false;
    this.offer([]);
    this.#become([]);
  }

  hide() {
    this.#box.hidden = true;
    this.#drag = null;
  }

  /** Puts a bar into the middle, for whoever has no pointer. */
  add() {
    this.#do([...this.#bars, MIDDLE]);
    this.#elements.at(-1).focus();
  }

  /** Takes the last step back. */
  undo() {
    if (this.undoable) this.#become(this.#before.pop());
  }

  /** Shows lines of text, in pixels of the picture: a press covers one. */
  offer(lines) {
    const { width, height } = this.#size;
    for (const { element } of this.#lines) element.remove();
    this.#lines = lines.map((line) => {
      const more = AROUND * Math.min(line.right - line.left, line.bottom - line.top);
      const element = Object.assign(document.createElement('button'), { type: 'button', className: 'line' });
      const sides = {
        left: within((line.left - more) / width),
        top: within((line.top - more) / height),
        right: within((line.right + more) / width),
        bottom: within((line.bottom + more) / height),
      };
      placeAt(element, sides);
      element.addEventListener('click', () => this.#do([...this.#bars, sides]));
      return { element, sides };
    });
    this.#box.prepend(...this.#lines.map(({ element }) => element));
    this.#name();
  }

  #do(bars) {
    this.#before.push(this.#bars);
    this.#become(bars);
  }

  #become(bars) {
    this.#bars = bars;
    while (this.#elements.length > bars.length) this.#elements.pop().remove();
    while (this.#elements.length < bars.length) this.#elements.push(this.#bar());
    bars.forEach((sides, at) => placeAt(this.#elements[at], sides));
    this.#name();
    this.dispatchEvent(new Event('change'));
  }

  #bar() {
    const element = Object.assign(document.createElement('button'), { type: 'button', className: 'cover' });
    element.append(...CORNERS.map((corner) => {
      const handle = document.createElement('i');
      handle.dataset.corner = corner;
      return handle;
    }));
    this.#box.append(element);
    return element;
  }

  /** What a line says is not in the page: its picture says it. */
  #name() {
    this.#elements.forEach((element, at) => element.setAttribute('aria-label', text('coverBar', { number: at + 1 })));
    this.#lines.forEach(({ element }, at) => element.setAttribute('aria-label', text('coverLine', { number: at + 1 })));
  }

  #grab(event) {
    event.stopPropagation();
    if (event.button !== 0 || event.target.closest('.line')) return;
    event.preventDefault();
    const from = this.#bars;
    const at = this.#at(event);
    const element = event.target.closest('.cover');
    const corner = event.target.dataset?.corner?.split(' ');
    const place = element === null ? from.length : this.#elements.indexOf(element);
    const sides = from[place] ?? { left: at.x, top: at.y, right: at.x, bottom: at.y };
    this.#drag = { from, at, place, sides, moves: element !== null && !corner, corner: corner ?? ['right', 'bottom'] };
    this.#become(from.toSpliced(place, 1, sides));
    this.#elements[place].focus();
    this.#box.setPointerCapture(event.pointerId);
  }

  #pull(event) {
    if (this.#drag === null) return;
    const { at, place, sides, moves, corner } = this.#drag;
    const now = this.#at(event);
    const [dx, dy] = [now.x - at.x, now.y - at.y];
    this.#become(this.#bars.toSpliced(place, 1, moves ? moved(sides, dx, dy) : ordered(pulled(sides, corner, dx, dy))));
  }

  /** What is too small to be meant is as if it had not been. */
  #release() {
    if (this.#drag === null) return;
    const { from, place } = this.#drag;
    this.#drag = null;
    const { left, top, right, bottom } = this.#bars[place];
    const now = right - left < SMALLEST || bottom - top < SMALLEST ? from : this.#bars;
    const same = JSON.stringify(now) === JSON.stringify(from);
    this.#bars = from;
    if (same) this.#become(from);
    else this.#do(now);
  }

  #key(event) {
    const place = this.#elements.indexOf(event.target);
    const [dx, dy] = STEPS[event.key] ?? [];
    const removed = ['Delete', 'Backspace'].includes(event.key);
    if (place < 0 || (dx === undefined && !removed)) return;
    event.preventDefault();
    event.stopPropagation();
    const sides = this.#bars[place];
    const corner = /** @type {[string, string]} */ (['right', 'bottom']);
    if (removed) {
      this.#do(this.#bars.toSpliced(place, 1));
      (this.#elements[Math.max(0, place - 1)] ?? this.#box.closest('[tabindex]')).focus();
    } else {
      const now = event.shiftKey ? large(pulled(sides, corner, dx * STEP, dy * STEP), SMALLEST) : moved(sides, dx * STEP, dy * STEP);
      this.#do(this.#bars.toSpliced(place, 1, now));
    }
  }

  #at({ clientX, clientY }) {
    const { left, top, width, height } = this.#box.getBoundingClientRect();
    return { x: within((clientX - left) / width), y: within((clientY - top) / height) };
  }
}
