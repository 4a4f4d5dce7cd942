/** Four corners over a picture, and the edges between them, dragged under a magnifier or moved with keys. */
import { text } from '../../texts/i18n.js';

const SVG = 'http://www.w3.org/2000/svg';
const NAMES = ['cornerTopLeft', 'cornerTopRight', 'cornerBottomRight', 'cornerBottomLeft'];
/** Each edge lies between the corner of its number and the next one. */
const EDGES = ['edgeTop', 'edgeRight', 'edgeBottom', 'edgeLeft'];
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** How far from the rim corners begin where nobody knows better. */
const MARGIN = 0.04;
/** Pixels by which a corner stands out at least. */
const FLAT = 4;
const LENS = 150;
const MAGNIFIED = 2.5;

/** Corners are in pixels of the picture, clockwise from the result's top left. Fires `change`. */
export class Corners extends EventTarget {
  corners = [];

  #box;
  #image;
  #size = { width: 1, height: 1 };
  #shape = document.createElementNS(SVG, 'polygon');
  /** What is cut away, dimmed: the paper keeps its colour. */
  #around = document.createElementNS(SVG, 'path');
  #drawing = document.createElementNS(SVG, 'svg');
  #handles;
  #edges;
  /** Where an edge was taken, and where its corners were then. */
  #pulled = null;
  #lens = Object.assign(document.createElement('canvas'), { className: 'lens', width: LENS, height: LENS, hidden: true });

  /** `box` lies exactly on `image`. */
  constructor(box, image) {
    super();
    this.#box = box;
    this.#image = image;
    this.#drawing.setAttribute('aria-hidden', 'true');
    this.#around.setAttribute('fill-rule', 'evenodd');
    this.#drawing.append(this.#around, this.#shape);
    this.#handles = NAMES.map((_, at) => this.#handle(at));
    this.#edges = EDGES.map((_, at) => this.#edge(at));
    box.append(this.#drawing, ...this.#edges, ...this.#handles, this.#lens);
  }

  get shown() {
    return !this.#box.hidden;
  }

  /** Whether they span what can be cut out: none lies inside, and no sides cross. */
  get valid() {
    return this.corners.every((corner, at) => {
      const [before, after] = [this.corners[(at + 3) % 4], this.corners[(at + 1) % 4]];
      const [dx, dy] = [corner[0] - before[0], corner[1] - before[1]];
      return dx * (after[1] - corner[1]) - dy * (after[0] - corner[0]) > FLAT * Math.hypot(dx, dy);
    });
  }

  show(corners, size) {
    const { width, height } = this.#size = size;
    const [x, y] = [width * MARGIN, height * MARGIN];
    this.corners = (corners ?? [[x, y], [width - x, y], [width - x, height - y], [x, height - y]]).map(([...point]) => point);
    this.#drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#handles.forEach((handle, at) => handle.setAttribute('aria-label', text(NAMES[at])));
    this.#edges.forEach((handle, at) => handle.setAttribute('aria-label', text(EDGES[at])));
    this.#box.hidden = false;
    this.#put();
    this.#handles[0].focus();
  }

  hide() {
    this.#box.hidden = true;
    this.#lens.hidden = true;
  }

  #handle(at) {
    const handle = Object.assign(document.createElement('button'), { type: 'button', className: 'corner' });
    handle.addEventListener('pointerdown', (event) => {
      event.stopPropagation();
      handle.setPointerCapture(event.pointerId);
      handle.focus();
      this.#magnify(at);
    });
    handle.addEventListener('pointermove', (event) => {
      if (handle.hasPointerCapture(event.pointerId)) this.#moveTo(at, this.#at(event));
    });
    handle.addEventListener('lostpointercapture', () => { this.#lens.hidden = true; });
    handle.addEventListener('blur', () => { this.#lens.hidden = true; });
    handle.addEventListener('keydown', (event) => this.#key(event, at));
    return handle;
  }

  /** Moves both corners of an edge alike. */
  #edge(at) {
    const handle = Object.assign(document.createElement('button'), { type: 'button', className: 'edge' });
    const ends = [at, (at + 1) % 4];
    handle.addEventListener('pointerdown', (event) => {
      event.stopPropagation();
      handle.setPointerCapture(event.pointerId);
      handle.focus();
      this.#pulled = { from: this.#at(event), corners: ends.map((end) => this.corners[end]) };
    });
    handle.addEventListener('pointermove', (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const [x, y] = this.#at(event);
      const { from, corners } = this.#pulled;
      this.#moveAll(ends, corners.map((corner) => [corner[0] + x - from[0], corner[1] + y - from[1]]));
    });
    handle.addEventListener('keydown', (event) => {
      const step = stepOf(event);
      if (step) this.#moveAll(ends, ends.map((end) => [this.corners[end][0] + step[0], this.corners[end][1] + step[1]]));
    });
    return handle;
  }

  #key(event, at) {
    const step = stepOf(event);
    if (step === null) return;
    const [x, y] = this.corners[at];
    this.#moveTo(at, [x + step[0], y + step[1]]);
  }

  #at({ clientX, clientY }) {
    const { left, top, width, height } = this.#box.getBoundingClientRect();
    return [((clientX - left) / width) * this.#size.width, ((clientY - top) / height) * this.#size.height];
  }

  #moveTo(at, point) {
    this.#moveAll([at], [point]);
    this.#magnify(at);
  }

  #moveAll(ends, points) {
    const { width, height } = this.#size;
    points.forEach(([x, y], at) => {
      this.corners[ends[at]] = [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))];
    });
    this.#put();
  }

  #put() {
    const { width, height } = this.#size;
    this.#shape.setAttribute('points', this.corners.map((point) => point.join()).join(' '));
    this.#around.setAttribute('d', `M0 0H${width}V${height}H0ZM${this.corners.map((point) => point.join(' ')).join('L')}Z`);
    this.corners.forEach(([x, y], at) => {
      const [nextX, nextY] = this.corners[(at + 1) % 4];
      this.#edges[at].style.left = `${((x + nextX) / 2 / width) * 100}%`;
      this.#edges[at].style.top = `${((y + nextY) / 2 / height) * 100}%`;
      this.#handles[at].style.left = `${(x / width) * 100}%`;
      this.#handles[at].style.top = `${(y / height) * 100}%`;
    });
    this.#shape.classList.toggle('impossible', !this.valid);
    this.dispatchEvent(new Event('change'));
  }

  /** The surroundings of a corner, large, at the side where the corner is not. */
  #magnify(at) {
    const [x, y] = this.corners[at];
    const { clientWidth } = this.#box;
    const seen = (LENS / MAGNIFIED) * (this.#size.width / clientWidth);
    const context = this.#lens.getContext('2d');
    context.fillStyle = '#20272a';
    context.fillRect(0, 0, LENS, LENS);
    context.drawImage(this.#image, x - seen / 2, y - seen / 2, seen, seen, 0, 0, LENS, LENS);
    context.strokeStyle = '#8df0c4';
    context.lineWidth = 1.5;
    context.beginPath();
    for (const neighbour of [this.corners[(at + 3) % 4], this.corners[(at + 1) % 4]]) {
      context.moveTo(LENS / 2, LENS / 2);
      context.lineTo(LENS / 2 + ((neighbour[0] - x) * LENS) / seen, LENS / 2 + ((neighbour[1] - y) * LENS) / seen);
    }
    context.stroke();
    this.#lens.classList.toggle('at-right', x < this.#size.width / 2);
    this.#lens.hidden = false;
  }
}

/** Pixels that an arrow key moves by, or null for any other key. */
function stepOf(event) {
  const step = STEPS[event.key];
  if (step === undefined) return null;
  event.preventDefault();
  event.stopPropagation();
  const far = event.shiftKey ? 20 : 2;
  return step.map((one) => one * far);
}
