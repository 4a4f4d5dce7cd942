/** Whether two pictures show the same thing, by their light and shade alone. */

/** Pixels across and down that pictures are compared in: what is left are the large parts of a card. */
const WIDTH = 32;
const HEIGHT = 20;
/** Correlation of light from which on two pictures are of one side; front and back of a card stay below a half. */
const SAME = 0.9;

/** Resolves with whether two blobs show the same, either way up. */
export async function areAlike(one, other) {
  const [first, second] = await Promise.all([shades(one), shades(other)]);
  return Math.max(correlation(first, second), correlation(first, [...second].reverse())) > SAME;
}

async function shades(blob) {
  const bitmap = await createImageBitmap(blob, { resizeWidth: WIDTH, resizeHeight: HEIGHT, resizeQuality: 'medium' });
  const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, WIDTH, HEIGHT);
  return Array.from({ length: WIDTH * HEIGHT }, (_, at) => data[4 * at] + 2 * data[4 * at + 1] + data[4 * at + 2]);
}

function correlation(one, other) {
  const [a, b] = [centred(one), centred(other)];
  const product = (x, y) => x.reduce((sum, value, at) => sum + value * y[at], 0);
  return product(a, b) / (Math.sqrt(product(a, a) * product(b, b)) || 1);
}

function centred(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}
