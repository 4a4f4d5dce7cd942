/** Barcodes over a picture: a line around each, and what it says, to be copied with a click. */
import { onLanguage, text } from '../../texts/i18n.js';

const COPIED_STAYS_MS = 1500;
/** Pixels between a code and its label, and between labels. */
const GAP = 5;
const SVG = 'http://www.w3.org/2000/svg';

/** Lines around codes, for a picture of that size shown at any. */
export function outlines(codes, { width, height }) {
  const drawing = document.createElementNS(SVG, 'svg');
  drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
  drawing.setAttribute('aria-hidden', 'true');
  drawing.append(...codes.map(polygon));
  return drawing;
}

/** The service counts from pixel centres, a drawing from pixel corners. */
function polygon({ corners }) {
  const shape = document.createElementNS(SVG, 'polygon');
  shape.setAttribute('points', corners.map(([x, y]) => `${x + 0.5},${y + 0.5}`).join(' '));
  return shape;
}

/** Lies exactly on its picture. Fires `error` when the browser does not let a text be copied. */
export class CodeOverlay extends EventTarget {
  #box;
  /** By what a code says and how many before it say the same: a label keeps its focus while its code moves. */
  #labels = new Map();

  constructor(box) {
    super();
    this.#box = box;
    // What is under a label, such as the area of a crop, shall not take its click for the start of a drag.
    box.addEventListener('pointerdown', (event) => event.stopPropagation());
    onLanguage(() => this.#labels.forEach((label) => label.describe()));
    new ResizeObserver(() => this.#arrange()).observe(box);
  }

  show(codes, size) {
    const labels = new Map();
    for (const code of codes) {
      const key = keyOf(code, labels);
      labels.set(key, this.#labels.get(key) ?? new Label(code, (copied) => this.#copy(copied)));
      labels.get(key).follow(code, size);
    }
    const drawing = outlines(codes, size);
    [...labels.values()].forEach((label, index) => drawing.children[index].addEventListener('click', () => label.press()));
    this.#box.querySelector('svg')?.remove();
    this.#box.prepend(drawing);
    for (const [key, label] of this.#labels) if (!labels.has(key)) label.button.remove();
    for (const [key, label] of labels) if (!this.#labels.has(key)) this.#box.append(label.button);
    this.#labels = labels;
    this.#box.hidden = codes.length === 0;
    this.#arrange();
  }

  #arrange() {
    const labels = [...this.#labels.values()];
    const taken = labels.map((label) => label.around(this.#box));
    for (const label of labels) taken.push(label.settle(this.#box, taken));
  }

  clear() {
    this.show([], { width: 1, height: 1 });
  }

  async #copy(label) {
    try {
      await navigator.clipboard.writeText(label.content);
      label.confirm();
    } catch {
      this.dispatchEvent(new CustomEvent('error', { detail: { message: text('notCopied') } }));
    }
  }
}

function keyOf({ codeType, codeNum }, taken) {
  let count = 0;
  while (taken.has(JSON.stringify([codeType, codeNum, count]))) count += 1;
  return JSON.stringify([codeType, codeNum, count]);
}

class Label {
  button = Object.assign(document.createElement('button'), { type: 'button' });

  #code;
  #text = document.createElement('span');
  #timer = null;
  #around = null;

  constructor(code, copy) {
    this.#code = code;
    const kind = Object.assign(document.createElement('b'), { textContent: code.codeType });
    this.button.append(kind, ' ', this.#text);
    this.button.addEventListener('click', () => copy(this));
    this.describe();
  }

  get content() {
    return this.#code.codeNum;
  }

  press() {
    this.button.click();
  }

  describe() {
    const { codeType: type, codeNum } = this.#code;
    // FNC1 is the one control character in ordinary codes.
    const shown = codeNum.replaceAll('\u001d', '␝');
    this.#text.textContent = this.#timer === null ? shown : text('codeCopied');
    this.button.title = text('codeCopy', { type, text: shown });
    this.button.setAttribute('aria-label', this.#timer === null ? this.button.title : text('codeCopied'));
  }

  confirm() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.describe();
    }, COPIED_STAYS_MS);
    this.describe();
  }

  /** Where the code is, as fractions of the picture. */
  follow({ corners }, { width, height }) {
    const [xs, ys] = [corners.map(([x]) => (x + 0.5) / width), corners.map(([, y]) => (y + 0.5) / height)];
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    this.#around = { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
  }

  /** The code's place in a picture shown at that size. */
  around({ clientWidth, clientHeight }) {
    const { left, top, width, height } = this.#around;
    return { left: left * clientWidth, top: top * clientHeight, width: width * clientWidth, height: height * clientHeight };
  }

  /** Goes as near to its code as it can without covering any of `taken`; returns its place. */
  settle(box, taken) {
    const { offsetWidth: width, offsetHeight: height } = this.button;
    const code = this.around(box);
    const left = Math.max(0, Math.min(box.clientWidth - width, code.left + code.width / 2 - width / 2));
    const tops = taken.concat(code).flatMap((_, step) => {
      const away = GAP + step * (height + GAP);
      return [code.top + code.height + away, code.top - height - away];
    });
    const inside = tops.filter((top) => top >= 0 && top + height <= box.clientHeight);
    const free = inside.find((top) => !taken.some((other) => meet(other, { left, top, width, height })));
    const top = free ?? inside[0] ?? 0;
    Object.assign(this.button.style, { left: `${left}px`, top: `${top}px` });
    return { left, top, width, height };
  }
}

function meet(one, other) {
  return one.left < other.left + other.width && other.left < one.left + one.width
    && one.top < other.top + other.height && other.top < one.top + one.height;
}
