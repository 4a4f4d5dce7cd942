/** Pictures of a preview, and what was found in them, drawn on a canvas of a page or of a worker. */
import { toBytes } from './gaopai-message.js';

/** What a JPEG's sides can be divided by as it is decoded, in less time than it takes whole. */
const QUICK = [8, 4, 2];
/** What a decoder says of a picture that was damaged on its way from the camera. */
const DAMAGED = new Set(['EncodingError', 'InvalidStateError']);

const UNSURE = '#ffc94d';
/** What is known of a face, by the verdict. */
const VERDICTS = { live: '#3ce08f', 'not live': '#ff6b57', 'cannot tell': '#ffc94d' };

export class Painter {
  #canvas;
  #context;
  #last = Promise.resolve();
  /** Counts `rest`. */
  #rests = 0;

  /** Throws where somebody draws on the canvas in another way. */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false });
  }

  /**
   * Draws a picture in so many pixels, after those before; one is decoded while another is drawn. Resolves with false when
   * it was damaged, or when `rest` was called meanwhile.
   */
  paint(picture, size) {
    const decoding = decode(picture, size).catch(unlessDamaged);
    const rests = this.#rests;
    const painted = this.#last.then(() => decoding).then((decoded) => this.#finish(decoded, rests === this.#rests, picture, size));
    // Whoever asked for it hears of it.
    this.#last = painted.catch(() => {});
    return painted;
  }

  /** What was given to `paint` and is not drawn yet will not be. */
  rest() {
    this.#rests += 1;
  }

  #finish(decoded, isWanted, picture, size) {
    if (decoded === null) return false;
    try {
      if (isWanted) this.#draw(decoded, picture, size);
      return isWanted;
    } finally {
      decoded.close();
    }
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

  #mark({ outlines, faces, unsure }, across, down) {
    const context = this.#context;
    context.strokeStyle = '#0f0';
    context.lineWidth = Math.max(2, Math.round(Math.max(this.#canvas.width, this.#canvas.height) / 480));
    for (const outline of outlines) stroke(context, outline, across, down);
    if (unsure) this.#dash(unsure, across, down);
    for (const { left, top, right, bottom, verdict } of faces) {
      context.strokeStyle = VERDICTS[verdict] ?? VERDICTS['cannot tell'];
      context.strokeRect(left * across, top * down, (right - left) * across, (bottom - top) * down);
    }
  }

  /** An outline that was found and not trusted. */
  #dash(outline, across, down) {
    const context = this.#context;
    const { lineWidth } = context;
    context.strokeStyle = UNSURE;
    context.setLineDash([5 * lineWidth, 4 * lineWidth]);
    stroke(context, outline, across, down);
    context.setLineDash([]);
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
 * Decodes half of the pixels, or fewer, where they are enough and the browser has an ImageDecoder. Otherwise whole pictures:
 * what an ImageDecoder gives takes longer to draw, and has a worker without a graphics processor wait for the page; and
 * createImageBitmap takes longer to resize a picture than a canvas takes to draw it smaller.
 */
async function decode({ bytes, base64, type, width, height }, shown) {
  const data = bytes ?? toBytes(base64);
  const factor = QUICK.find((by) => width / by >= shown.width && height / by >= shown.height);
  if (!factor || !globalThis.ImageDecoder) return createImageBitmap(new Blob([data], { type }));
  const desired = { desiredWidth: Math.ceil(width / factor), desiredHeight: Math.ceil(height / factor) };
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
