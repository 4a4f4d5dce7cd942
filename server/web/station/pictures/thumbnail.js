/** Small pictures of large pages, from no more pixels than that takes. */

/** What a JPEG's sides can be divided by as it is decoded. */
const QUICK = [8, 4, 2];

/**
 * Draws a page on a hidden canvas as large as fits `box`, and shows it if `isWanted` still says so. A page of 600 dpi takes
 * 140 MB as pixels: none is kept whole.
 */
export async function drawSmall(canvas, page, box, isWanted) {
  const { width, height } = fitted(page, box);
  const small = await reduced(page, { width, height });
  try {
    if (!isWanted()) return;
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'medium';
    context.drawImage(small, 0, 0, width, height);
    canvas.hidden = false;
  } finally {
    small.close();
  }
}

/** A page's size in `box`, in pixels of the screen. */
export function fitted(page, box) {
  const scale = Math.min(box.width / page.width, box.height / page.height) * Math.min(2, devicePixelRatio);
  const [width, height] = [page.width, page.height].map((length) => Math.max(1, Math.round(length * scale)));
  return { width, height };
}

/**
 * Resolves with a bitmap or a frame, to be closed, of at least `shown` pixels. A file of somebody else, which may say that it
 * lies on its side, is decoded whole.
 */
function reduced({ blob, width, height, from }, shown) {
  const factor = QUICK.find((by) => width / by >= shown.width && height / by >= shown.height);
  const own = from !== 'file' && blob.type === 'image/jpeg';
  if (own && factor && globalThis.ImageDecoder) return decoded(blob, { width, height }, factor);
  return createImageBitmap(blob, { resizeWidth: shown.width, resizeHeight: shown.height, resizeQuality: 'medium' });
}

async function decoded(blob, { width, height }, factor) {
  const decoder = new ImageDecoder({
    data: await blob.arrayBuffer(), type: blob.type, desiredWidth: Math.ceil(width / factor), desiredHeight: Math.ceil(height / factor),
  });
  try {
    return (await decoder.decode()).image;
  } finally {
    decoder.close();
  }
}
