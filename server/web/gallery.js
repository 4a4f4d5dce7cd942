/** The pictures taken since the page was opened: kept in memory only. */
import { onLanguage, text } from './i18n.js';

const KEPT = 24;

const element = (id) => document.getElementById(id);
const list = element('pictures');
const viewer = element('viewer');
let taken = [];
let count = 0;

element('gallery-clear').addEventListener('click', () => {
  for (const picture of taken.splice(0)) forget(picture);
  show();
});
element('viewer-close').addEventListener('click', () => viewer.close());
viewer.addEventListener('click', (event) => {
  if (event.target === viewer) viewer.close();
});
onLanguage(() => taken.forEach(describe));

/** Newest first; beyond `KEPT` the oldest goes. */
export function add(pictures) {
  for (const picture of pictures) {
    const entry = item(picture);
    taken.unshift(entry);
    list.prepend(entry.row);
  }
  for (const picture of taken.splice(KEPT)) forget(picture);
  show();
}

function item({ blob, width, height }) {
  const row = document.createElement('li');
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'thumb' });
  const image = Object.assign(document.createElement('img'), { src: URL.createObjectURL(blob), alt: '' });
  const caption = document.createElement('span');
  button.append(image, caption);
  row.append(button);
  const entry = { row, button, image, caption, blob, width, height, number: (count += 1) };
  button.addEventListener('click', () => enlarge(entry));
  describe(entry);
  return entry;
}

function describe({ button, caption, blob, width, height, number }) {
  caption.textContent = `${width} × ${height} · ${sizeOf(blob)}`;
  button.setAttribute('aria-label', `${text('enlarge', { number })}, ${caption.textContent}`);
}

function enlarge({ image, blob, width, height, number }) {
  element('viewer-title').textContent = text('pictureTitle', { number, width, height, size: sizeOf(blob) });
  element('viewer-image').src = image.src;
  const suffix = blob.type.split('/')[1].replace('jpeg', 'jpg');
  Object.assign(element('viewer-download'), { href: image.src, download: `gaopai-${number}.${suffix}` });
  viewer.showModal();
}

function forget({ row, image }) {
  row.remove();
  URL.revokeObjectURL(image.src);
}

function show() {
  element('gallery-empty').hidden = taken.length > 0;
  element('gallery-clear').hidden = taken.length === 0;
}

function sizeOf({ size }) {
  return size < 1e6 ? `${Math.round(size / 1000)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}
