/** Pictures of a preview, and what was found in them, drawn on a canvas of a page or of a worker. */
import { toBytes } from './gaopai-message.js';

/** What a JPEG is decoded to in less time than to a whole picture. */
const QUICK = [8, 4, 2];
/** What a decoder says of a picture that was damaged on its way from the camera. */
const DAMAGED = new Set(['EncodingError', 'InvalidStateError']);

/** What is known of a face, by the verdict. */
const VERDICTS = { live: '#3ce08f', 'not live': '#ff6b57', 'cannot tell': '#ffc94d' };

export class Painter {
  #canvas;
  #context;
  #wanted = false;

  /** Throws where somebody draws on the canvas in another way. */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false });
  }

  /** Draws a picture in so many pixels; false when it was damaged, or when `rest` was called meanwhile. */
  async paint(picture, size) {
    this.#wanted = true;
    const decoded = await decode(picture, size).catch(unlessDamaged);
    if (decoded === null) return false;
    try {
      if (this.#wanted) this.#draw(decoded, picture, size);
      return this.#wanted;
    } finally {
      decoded.close();
    }
  }

  /** Nothing is drawn any more until the next `paint`. */
  rest() {
    this.#wanted = false;
  }

  #draw(decoded, picture, { width, height }) {
    const canvas = this.#canvas;
    // Setting a size clears the canvas, even when it is the same one.
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = this.#context;
    context.drawImage(decoded, 0, 0, width, height);
    this.#mark(picture, width / picture.width, height / picture.height);
  }

  #mark({ outlines, faces }, across, down) {
    const context = this.#context;
    context.strokeStyle = '#0f0';
    context.lineWidth = Math.max(2, Math.round(Math.max(this.#canvas.width, this.#canvas.height) / 480));
    for (const outline of outlines) stroke(context, outline, across, down);
    for (const { left, top, right, bottom, verdict } of faces) {
      context.strokeStyle = VERDICTS[verdict] ?? VERDICTS['cannot tell'];
      context.strokeRect(left * across, top * down, (right - left) * across, (bottom - top) * down);
    }
  }
}

/** The service counts from pixel centres, a canvas from pixel corners. */
function stroke(context, outline, across, down) {
  context.beginPath();
  for (const [x, y] of outline) context.lineTo((x + 0.5) * across, (y + 0.5) * down);
  context.closePath();
  context.stroke();
}

/**
 * Decodes no more pixels than are shown, where the browser can. Without an ImageDecoder the whole picture: to have
 * createImageBitmap resize it takes longer than to draw it smaller.
 */
async function decode({ bytes, base64, type, width, height }, shown) {
  const data = bytes ?? toBytes(base64);
  if (!globalThis.ImageDecoder) return createImageBitmap(new Blob([data], { type }));
  const factor = QUICK.find((by) => width / by >= shown.width && height / by >= shown.height);
  const desired = factor && { desiredWidth: Math.ceil(width / factor), desiredHeight: Math.ceil(height / factor) };
  const decoder = new ImageDecoder({ data, type, ...desired });
  try {
    return (await decoder.decode()).image;
  } finally {
    decoder.close();
  }
}

function unlessDamaged(error) {
  if (DAMAGED.has(error.name)) return null;
  throw error;
}
