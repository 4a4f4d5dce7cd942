/** The pictures taken since the page was opened: kept in memory only. */
import { outlines } from './codes.js';
import { onLanguage, text } from './i18n.js';
import { codesOf, readings } from './picture-codes.js';
import { faults, inWords } from './verdict.js';
import { enlarge, sizeOf } from './viewer.js';

const KEPT = 24;

const element = (id) => document.getElementById(id);
const list = element('pictures');
let taken = [];
let count = 0;

element('gallery-clear').addEventListener('click', () => {
  for (const picture of taken.splice(0)) forget(picture);
  showWhetherEmpty();
});
onLanguage(() => taken.forEach(describe));
readings.addEventListener('read', ({ detail }) => taken.filter(({ blob }) => blob === detail).forEach(mark));

/** Newest first; beyond `KEPT` the oldest goes. */
export function add(pictures) {
  for (const picture of pictures) {
    const entry = item(picture);
    taken.unshift(entry);
    list.prepend(entry.row);
  }
  for (const picture of taken.splice(KEPT)) forget(picture);
  showWhetherEmpty();
}

function item({ blob, width, height, verdict }) {
  const row = document.createElement('li');
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'thumb' });
  const image = Object.assign(document.createElement('img'), { src: URL.createObjectURL(blob), alt: '' });
  const frame = Object.assign(document.createElement('div'), { className: 'marked' });
  const caption = document.createElement('span');
  frame.append(image);
  button.append(frame, caption);
  row.append(button);
  const entry = { row, button, frame, image, caption, blob, width, height, verdict, number: (count += 1) };
  button.addEventListener('click', () => show(entry));
  describe(entry);
  return entry;
}

function describe({ button, caption, blob, width, height, verdict, number }) {
  caption.textContent = `${width} × ${height} · ${sizeOf(blob)}`;
  button.dataset.doubt = String(faults(verdict).length > 0);
  button.title = inWords(verdict);
  button.setAttribute('aria-label', `${text('enlarge', { number })}, ${caption.textContent} ${button.title}`.trim());
}

/** Draws lines around its barcodes. */
function mark({ frame, blob, width, height }) {
  frame.append(outlines(codesOf(blob), { width, height }));
}

function show({ blob, width, height, number }) {
  enlarge(blob, text('pictureTitle', { number, width, height, size: sizeOf(blob) }), `gaopai-${number}`);
}

function forget({ row, image }) {
  row.remove();
  URL.revokeObjectURL(image.src);
}

function showWhetherEmpty() {
  element('gallery-empty').hidden = taken.length > 0;
  element('gallery-clear').hidden = taken.length === 0;
}
