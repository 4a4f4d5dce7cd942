/** The field that is written in: keeps strokes as the pen gives them, and draws them as they come. */
import { inkLines, isFelt, newestLines } from './ink.js';

/** Limits of the service. */
const MOST_STROKES = 500;
const MOST_POINTS = 20_000;
/** Share of the field by which a hand may slip off it. */
const BEYOND = 0.5;

/** Fires `begin` with the first stroke, and `change` after each. */
export class Pad extends EventTarget {
  /** @type {import('./ink.js').Point[][]} */
  strokes = [];
  pointer = '';
  /** Takes nothing more. */
  held = false;
  #canvas;
  #size;
  #active = null;
  #began = 0;
  #points = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {[number, number]} size of the field in points
   */
  constructor(canvas, size) {
    super();
    this.#canvas = canvas;
    this.#size = size;
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, (event) => this.#up(event));
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  get isFull() {
    return this.strokes.length >= MOST_STROKES || this.#points >= MOST_POINTS;
  }

  clear() {
    this.strokes = [];
    this.#points = 0;
    this.pointer = '';
    this.draw();
    this.dispatchEvent(new Event('change'));
  }

  /** Draws everything anew. */
  draw() {
    const { clientWidth, clientHeight } = this.#canvas;
    this.#canvas.width = Math.round(clientWidth * devicePixelRatio);
    this.#canvas.height = Math.round(clientHeight * devicePixelRatio);
    const felt = isFelt(this.strokes);
    for (const stroke of this.strokes) this.#trace(inkLines(stroke, this.#size, felt));
  }

  #trace(lines) {
    const context = this.#canvas.getContext('2d');
    const scale = this.#canvas.width / this.#size[0];
    context.lineCap = 'round';
    for (const [x, y, endX, endY, width] of lines) {
      context.beginPath();
      context.lineWidth = width * scale;
      context.moveTo(x * scale, y * scale);
      context.lineTo(endX * scale, endY * scale);
      context.stroke();
    }
  }

  #down(event) {
    // A palm beside the pen, a second finger, the right button.
    const isOther = this.#active !== null || !event.isPrimary || event.button !== 0;
    const isPalm = this.pointer === 'pen' && event.pointerType === 'touch';
    if (this.held || isOther || isPalm || this.isFull) return;
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#active = event.pointerId;
    this.pointer = ['pen', 'touch', 'mouse'].includes(event.pointerType) ? event.pointerType : '';
    if (this.strokes.length === 0) {
      this.#began = event.timeStamp;
      this.dispatchEvent(new Event('begin'));
    }
    this.strokes.push([]);
    this.#take(event);
  }

  #move(event) {
    if (event.pointerId !== this.#active) return;
    event.preventDefault();
    // A pen tells its place more often than a screen is drawn.
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) this.#take(one);
  }

  #up(event) {
    if (event.pointerId !== this.#active) return;
    this.#active = null;
    this.draw();
    this.dispatchEvent(new Event('change'));
  }

  #take(event) {
    const stroke = this.strokes.at(-1);
    const box = this.#canvas.getBoundingClientRect();
    const x = within((event.clientX - box.left) / box.width, -BEYOND, 1 + BEYOND);
    const y = within((event.clientY - box.top) / box.height, -BEYOND, 1 + BEYOND);
    const last = stroke.at(-1);
    if (this.isFull || (last && last[0] === x && last[1] === y)) return;
    const moment = Math.max(event.timeStamp - this.#began, last?.[2] ?? 0);
    // A mouse feels nothing, and says 0.5.
    const pressure = event.pointerType === 'mouse' ? 0 : within(event.pressure, 0, 1);
    stroke.push([x, y, Math.round(moment * 10) / 10, pressure]);
    this.#points++;
    // What came before shapes the newest piece; what comes after will, once the stroke has ended.
    this.#trace(newestLines(stroke, this.#size, isFelt([stroke])));
  }
}

function within(value, least, most) {
  return Math.min(Math.max(value, least), most);
}
