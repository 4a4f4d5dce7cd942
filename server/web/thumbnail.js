/** Small pictures of large ones, from no more pixels than that takes. */

/** What a JPEG's sides can be divided by as it is decoded. */
const QUICK = [8, 4, 2];

/**
 * Resolves with a bitmap or a frame, to be closed, of at least `shown` pixels. `width` and `height` are the blob's; a file of
 * somebody else, which may say that it lies on its side, is decoded whole.
 */
export function reduced(blob, { width, height, from }, shown) {
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
