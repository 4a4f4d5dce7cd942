/** A picture enlarged, with its barcodes if they were read. */
import { CodeOverlay } from './codes.js';
import { text } from './i18n.js';
import { codesOf, readCodes } from './picture-codes.js';

const element = (id) => document.getElementById(id);
const viewer = element('viewer');
const image = element('viewer-image');
const read = element('viewer-read');
const overlay = new CodeOverlay(element('viewer-codes'));
let shown = null;

element('viewer-close').addEventListener('click', () => viewer.close());
viewer.addEventListener('click', (event) => {
  if (event.target === viewer) viewer.close();
});
viewer.addEventListener('close', () => {
  shown = null;
  URL.revokeObjectURL(image.src);
});
read.addEventListener('click', () => readShown());
overlay.addEventListener('error', ({ detail }) => say(detail.message));

/** `name` is what a download is called, without its suffix. */
export function enlarge(blob, title, name) {
  shown = blob;
  element('viewer-title').textContent = title;
  image.src = URL.createObjectURL(blob);
  const suffix = blob.type.split('/')[1].replace('jpeg', 'jpg');
  Object.assign(element('viewer-download'), { href: image.src, download: `${name}.${suffix}` });
  overlay.clear();
  say('');
  viewer.showModal();
  if (codesOf(blob) !== null) readShown();
}

async function readShown() {
  const blob = shown;
  read.disabled = true;
  try {
    const [codes] = await Promise.all([readCodes(blob), image.decode()]);
    if (shown !== blob) return;
    overlay.show(codes, { width: image.naturalWidth, height: image.naturalHeight });
    say(codes.length === 0 ? text('noCodes') : text('codesRead', { count: codes.length }));
  } catch (error) {
    if (shown === blob) say(text('error', error));
  } finally {
    read.disabled = false;
  }
}

function say(sentence) {
  element('viewer-status').textContent = sentence;
}

export function sizeOf({ size }) {
  return size < 1e6 ? `${Math.round(size / 1000)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}
