/** A picture enlarged. */

const element = (id) => document.getElementById(id);
const viewer = element('viewer');
const image = element('viewer-image');

element('viewer-close').addEventListener('click', () => viewer.close());
viewer.addEventListener('click', (event) => {
  if (event.target === viewer) viewer.close();
});
viewer.addEventListener('close', () => URL.revokeObjectURL(image.src));

/** `name` is what a download is called, without its suffix. */
export function enlarge(blob, title, name) {
  element('viewer-title').textContent = title;
  image.src = URL.createObjectURL(blob);
  const suffix = blob.type.split('/')[1].replace('jpeg', 'jpg');
  Object.assign(element('viewer-download'), { href: image.src, download: `${name}.${suffix}` });
  viewer.showModal();
}

export function sizeOf({ size }) {
  return size < 1e6 ? `${Math.round(size / 1000)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}
