/**
 * A live picture on a canvas.
 *
 * Frames are decoded one at a time. While one is being decoded the newest that arrives
 * waits and replaces any older one, so a slow computer shows fewer frames, never late ones.
 * `createImageBitmap` with `close()` keeps memory flat; `Image` with data: URLs does not.
 */
import { CanvasFit } from './gaopai-fit.js';

/** The picture of a message as a Blob. */
export function toBlob(message) {
  const type = message.mime === 'image/jpg' || !message.mime ? 'image/jpeg' : message.mime;
  const bytes = message.picture ?? toBytes(message.imageBase64Str ?? message.imgBase64Str);
  return new Blob([bytes], { type });
}

export function toBytes(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Four bytes with the header's length, the header, the picture. */
export function split(data) {
  const length = new DataView(data).getUint32(0);
  const text = new TextDecoder().decode(new Uint8Array(data, 4, length));
  return { text, picture: new Uint8Array(data, 4 + length) };
}

/** null for what is not a JSON object: a log may still want the text. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** null for a picture that was damaged on its way from the camera: the next one follows at once. */
async function decode(message) {
  try {
    return await createImageBitmap(toBlob(message));
  } catch {
    return null;
  }
}

/** From here on a picture that stands still is no live picture any more. */
const STALE_MS = 2000;

/** Errors nobody asked for reach `window.onerror` and the console. */
function raise(error) {
  setTimeout(() => { throw error; });
}

/** What is known of a face, by the verdict. */
const VERDICTS = { live: '#3ce08f', 'not live': '#ff6b57', 'cannot tell': '#ffc94d' };

/** The service counts from pixel centres, a canvas from pixel corners. */
function stroke(context, outline) {
  context.beginPath();
  for (const [x, y] of outline) context.lineTo(x + 0.5, y + 0.5);
  context.closePath();
  context.stroke();
}

export class Preview {
  /** Frames that arrived and were never shown because a newer one came. */
  dropped = 0;
  /** Whether the connection was lost and `start` shall follow once it is back. */
  suspended = false;

  #channel;
  #canvas;
  #options;
  #barcode;
  #reqId = '';
  #timer = null;
  #running = false;
  #busy = false;
  #waiting = null;
  #codes = 0;
  #still = null;
  #stale = false;
  /** While the page is hidden: nobody looks, and the camera works for nothing. */
  #paused = false;
  #fit;

  /** `source` is what is asked for: `{ func, device, stream }`, the latter two being parameters of the request. */
  constructor(channel, source, canvas, options = {}) {
    this.#channel = channel;
    this.source = source;
    this.#canvas = canvas;
    this.#options = { onError: raise, resume: false, whenHidden: 'pause', ...options };
    this.#barcode = options.barcode ?? false;
    // Only a document camera's preview comes smaller.
    const isFitted = source.device.devNum !== undefined && !this.#options.fullSize;
    this.#fit = isFitted ? new CanvasFit(canvas, () => this.#restart()) : null;
    if (this.#options.whenHidden === 'pause') document.addEventListener('visibilitychange', this.#look);
  }

  get barcode() {
    return this.#barcode;
  }

  set barcode(barcode) {
    if (barcode === this.#barcode) return;
    this.#barcode = barcode;
    this.#restart();
  }

  /** The picture goes on: the service replaces one preview by the other. */
  #restart() {
    if (!this.#running) return;
    this.#release();
    this.start();
  }

  start() {
    this.suspended = false;
    if (document.hidden && this.#options.whenHidden === 'pause') {
      this.#paused = true;
      return;
    }
    this.#running = true;
    const { subscribe, timeout, late } = this.#channel;
    this.#timer = setTimeout(() => this.fail(late(this.source.func)), timeout);
    // Not named where it is not wanted: the message stays the standard's.
    const maxWidth = this.#fit?.maxWidth;
    const params = { ...this.#parameters(true), ...(this.#barcode && { barcode: true }), ...(maxWidth && { maxWidth }) };
    this.#reqId = subscribe(this.source.func, params, {
      take: (message) => this.#take(message),
      fail: (error) => this.#interrupt(error),
    });
  }

  /** Resolves when the service has said that no further frame comes. */
  async stop() {
    const wasRunning = this.#running;
    this.#end();
    if (wasRunning) await this.#channel.call(this.source.func, this.#parameters(false));
  }

  #look = () => {
    if (document.hidden && this.#running) {
      this.#paused = true;
      this.#release();
      // Refused where the camera is gone meanwhile: the next start tells.
      this.#channel.call(this.source.func, this.#parameters(false)).catch(() => {});
    } else if (!document.hidden && this.#paused) {
      this.#paused = false;
      this.start();
    }
  };

  #parameters(enable) {
    const { device, stream } = this.source;
    return { ...device, enable, ...stream };
  }

  fail(error) {
    this.#end();
    this.#options.onError(error);
  }

  #end() {
    this.#release();
    this.suspended = false;
    this.#paused = false;
    document.removeEventListener('visibilitychange', this.#look);
    this.#fit?.stop();
    this.#channel.forget(this);
  }

  /** Codes in sight of what ends here are in sight no longer. */
  #release() {
    clearTimeout(this.#timer);
    clearTimeout(this.#still);
    if (this.#codes > 0) this.#tellCodes({ codeInfos: [] });
    this.#running = false;
    this.#waiting = null;
    this.#channel.unsubscribe(this.#reqId);
  }

  #interrupt(error) {
    if (!this.#options.resume) return this.fail(error);
    this.#release();
    this.suspended = true;
    this.#become(true);
  }

  /** A picture is there now; without another one soon it is stale. */
  #fresh() {
    clearTimeout(this.#still);
    this.#still = setTimeout(() => this.#become(true), STALE_MS);
    this.#become(false);
  }

  #become(stale) {
    if (stale === this.#stale) return;
    this.#stale = stale;
    this.#options.onStale?.(stale);
  }

  #take(message) {
    if (message.event === 'OnBarCode') return this.#tellCodes(message);
    clearTimeout(this.#timer);
    if (message.result !== 0) return this.fail(this.#channel.refusal(message, this.source.func));
    this.#fresh();
    if (this.#waiting) this.dropped += 1;
    this.#waiting = message;
    if (!this.#busy) this.#drawWaiting();
  }

  #tellCodes({ codeInfos, width = this.#canvas.width, height = this.#canvas.height }) {
    this.#codes = codeInfos.length;
    this.#options.onCodes?.(codeInfos, { width, height });
  }

  async #drawWaiting() {
    this.#busy = true;
    while (this.#waiting) {
      const message = this.#waiting;
      this.#waiting = null;
      await this.#draw(message);
    }
    this.#busy = false;
  }

  async #draw(message) {
    const { reduction = 1 } = message;
    const bitmap = await decode(message);
    if (bitmap === null) {
      this.dropped += 1;
      return;
    }
    try {
      if (!this.#running) return;
      this.#paint(bitmap, message);
      this.#options.onFaces?.(message.faces ?? null);
      this.#options.onFrame?.({
        width: bitmap.width * reduction,
        height: bitmap.height * reduction,
        dropped: this.dropped,
        outlines: message.outlines?.length ?? 0,
      });
      this.#fit?.drawn(bitmap.width * reduction, reduction);
    } finally {
      bitmap.close();
    }
  }

  #paint(bitmap, { outlines = [], faces = [] }) {
    const canvas = this.#canvas;
    // Setting a size clears the canvas, even when it is the same one.
    if (canvas.width !== bitmap.width) canvas.width = bitmap.width;
    if (canvas.height !== bitmap.height) canvas.height = bitmap.height;
    const context = canvas.getContext('2d', { alpha: false });
    context.drawImage(bitmap, 0, 0);
    context.strokeStyle = '#0f0';
    context.lineWidth = Math.max(2, Math.round(Math.max(bitmap.width, bitmap.height) / 480));
    for (const outline of outlines) stroke(context, outline);
    for (const { left, top, right, bottom, verdict } of faces) {
      context.strokeStyle = VERDICTS[verdict] ?? VERDICTS['cannot tell'];
      context.strokeRect(left, top, right - left, bottom - top);
    }
  }
}
