/** Stamps over a picture: placed, sized and turned by hand or with keys. */
import { onLanguage, text } from '../../texts/i18n.js';
import { moved, placeAt, within } from '../sides.js';

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 0.01;
/** Degrees, counter-clockwise. */
const TURN = 5;
/** Share of the page's width that a stamp has at first, and that it has at least. */
const WIDTH = 0.25;
const SMALLEST = 0.02;
const MARGIN = 0.03;

/** Lies exactly on its picture. Fires `change`. */
export class Stamps extends EventTarget {
  #box;
  #size = { width: 1, height: 1 };
  /** Each with its design, its sides in shares of the picture before it is turned, and its angle; an element beside each. */
  #stamps = [];
  #elements = [];
  /** Former stamps, as plain data, the newest last. */
  #before = [];
  #chosen = 0;
  #drag = null;

  constructor(box) {
    super();
    this.#box = box;
    box.addEventListener('pointerdown', (event) => this.#grab(event));
    box.addEventListener('pointermove', (event) => this.#pull(event));
    for (const name of ['pointerup', 'pointercancel']) box.addEventListener(name, () => this.#release());
    box.addEventListener('keydown', (event) => this.#key(event));
    box.addEventListener('focusin', ({ target }) => { this.#chosen = Math.max(0, this.#elements.indexOf(target)); });
    onLanguage(() => this.#name());
  }

  get shown() {
    return !this.#box.hidden;
  }

  /** The protocol's `stamps`. */
  get placed() {
    const percent = (share) => Math.round(share * 10_000) / 100;
    return this.#stamps.map(({ design, sides, angle }) => ({
      name: design.name, left: percent(sides.left), top: percent(sides.top), width: percent(sides.right - sides.left), angle,
    }));
  }

  get undoable() {
    return this.#before.length > 0;
  }

  /** Lies over a picture of that size, without a stamp. */
  show(size) {
    this.#size = size;
    this.#before = [];
    this.#box.hidden = false;
    this.#become([]);
  }

  hide() {
    this.#box.hidden = true;
    this.#drag = null;
  }

  /** Lays a stamp into the lower right corner, as people do. */
  add(design) {
    const at = { left: 1 - MARGIN - WIDTH, top: 1 - MARGIN - this.#height(design, WIDTH) };
    this.#do([...this.#stamps, { design, sides: this.#sized(design, { left: at.left, top: within(at.top) }, WIDTH), angle: 0 }]);
    this.#elements.at(-1).focus();
  }

  /** Turns the stamp that was chosen last, by so many steps counter-clockwise. */
  turn(steps) {
    const stamp = this.#stamps[this.#chosen];
    if (!stamp) return;
    const angle = (stamp.angle + steps * TURN + 540) % 360 - 180;
    this.#do(this.#stamps.toSpliced(this.#chosen, 1, { ...stamp, angle }));
    this.#elements[this.#chosen].focus();
  }

  /** Takes the last step back. */
  undo() {
    if (this.undoable) this.#become(this.#before.pop());
  }

  /** Shows the stamps as they look now. */
  redraw(designs) {
    const named = new Map(designs.map((design) => [design.name, design]));
    const again = (stamp) => {
      const design = named.get(stamp.design.name) ?? stamp.design;
      return { ...stamp, design, sides: this.#sized(design, stamp.sides, stamp.sides.right - stamp.sides.left) };
    };
    this.#before = this.#before.map((stamps) => stamps.map(again));
    this.#become(this.#stamps.map(again));
  }

  #do(stamps) {
    this.#before.push(this.#stamps);
    this.#become(stamps);
  }

  #become(stamps) {
    this.#stamps = stamps;
    while (this.#elements.length > stamps.length) this.#elements.pop().remove();
    while (this.#elements.length < stamps.length) this.#elements.push(this.#element());
    stamps.forEach(({ design, sides, angle }, at) => {
      const element = this.#elements[at];
      placeAt(element, sides);
      element.style.transform = `rotate(${-angle}deg)`;
      element.firstChild.src = design.url;
    });
    this.#chosen = Math.min(this.#chosen, Math.max(0, stamps.length - 1));
    this.#name();
    this.dispatchEvent(new Event('change'));
  }

  #element() {
    const element = Object.assign(document.createElement('button'), { type: 'button', className: 'stamp' });
    const image = Object.assign(document.createElement('img'), { alt: '', draggable: false });
    element.append(image, document.createElement('i'));
    this.#box.append(element);
    return element;
  }

  #name() {
    this.#elements.forEach((element, at) => {
      const { design } = this.#stamps[at];
      element.setAttribute('aria-label', text('stampOnPage', { number: at + 1, title: design.title }));
    });
  }

  /** Height of a stamp of that width, both in shares of the picture. */
  #height(design, width) {
    return width * (design.height / design.width) * (this.#size.width / this.#size.height);
  }

  /** Sides of a stamp of that width, or of the largest that fits there. */
  #sized(design, { left, top }, width) {
    const most = Math.min(1 - left, (1 - top) / this.#height(design, 1));
    const wide = Math.min(Math.max(width, SMALLEST), most);
    return { left, top, right: left + wide, bottom: top + this.#height(design, wide) };
  }

  #grab(event) {
    event.stopPropagation();
    const element = event.target.closest('.stamp');
    if (event.button !== 0 || element === null) return;
    event.preventDefault();
    const place = this.#elements.indexOf(element);
    this.#drag = { from: this.#stamps, place, at: this.#at(event), sizes: event.target.matches('i') };
    element.focus();
    this.#box.setPointerCapture(event.pointerId);
  }

  #pull(event) {
    if (this.#drag === null) return;
    const { from, place, at, sizes } = this.#drag;
    const stamp = from[place];
    const now = this.#at(event);
    this.#become(from.toSpliced(place, 1, this.#changed(stamp, sizes, now.x - at.x, now.y - at.y)));
  }

  #changed(stamp, sizes, dx, dy) {
    const { design, sides } = stamp;
    return { ...stamp, sides: sizes ? this.#sized(design, sides, sides.right - sides.left + dx) : moved(sides, dx, dy) };
  }

  #release() {
    if (this.#drag === null) return;
    const { from } = this.#drag;
    const now = this.#stamps;
    this.#drag = null;
    this.#stamps = from;
    if (JSON.stringify(now) === JSON.stringify(from)) this.#become(from);
    else this.#do(now);
  }

  #key(event) {
    const place = this.#elements.indexOf(event.target);
    const [dx, dy] = STEPS[event.key] ?? [];
    const turns = { r: -1, R: 1 }[event.key];
    const removed = ['Delete', 'Backspace'].includes(event.key);
    if (place < 0 || event.ctrlKey || event.metaKey || (dx === undefined && turns === undefined && !removed)) return;
    event.preventDefault();
    event.stopPropagation();
    if (turns !== undefined) return this.turn(turns);
    if (removed) {
      this.#do(this.#stamps.toSpliced(place, 1));
      return (this.#elements[Math.max(0, place - 1)] ?? this.#box.closest('[tabindex]')).focus();
    }
    const by = event.shiftKey ? [(dx - dy) * STEP, 0] : [dx * STEP, dy * STEP];
    return this.#do(this.#stamps.toSpliced(place, 1, this.#changed(this.#stamps[place], event.shiftKey, ...by)));
  }

  #at({ clientX, clientY }) {
    const { left, top, width, height } = this.#box.getBoundingClientRect();
    return { x: within((clientX - left) / width), y: within((clientY - top) / height) };
  }
}
