/**
 * A live picture on a canvas.
 *
 * While one frame is drawn the next is decoded. The newest that arrives meanwhile waits and
 * replaces any older one, so a slow computer shows fewer frames, never late ones.
 */
import { painterOf } from './gaopai-canvas.js';
import { CanvasFit } from './gaopai-fit.js';
import { base64Of, typeOf } from './gaopai-message.js';

/** From here on a picture that stands still is no live picture any more. */
const STALE_MS = 2000;

/** Frames that are decoded or drawn at a time. */
const AHEAD = 2;

/** Errors nobody asked for reach `window.onerror` and the console. */
function raise(error) {
  setTimeout(() => { throw error; });
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
  #drawing = 0;
  #waiting = null;
  /** What the codes in sight say, each of them. */
  #codes = '';
  #still = null;
  #stale = false;
  /** While the page is hidden: nobody looks, and the camera works for nothing. */
  #paused = false;
  #fit;
  #painter;

  /** `source` is what is asked for: `{ func, device, stream }`, the latter two being parameters of the request. */
  constructor(channel, source, canvas, options = {}) {
    this.#channel = channel;
    this.source = source;
    this.#canvas = canvas;
    this.#options = { onError: raise, resume: false, whenHidden: 'pause', worker: true, ...options };
    this.#barcode = options.barcode ?? false;
    // Only a document camera's preview comes smaller.
    const isFitted = source.device.devNum !== undefined && !this.#options.fullSize;
    this.#fit = isFitted ? new CanvasFit(canvas, () => this.#restart()) : null;
    this.#painter = painterOf(canvas, this.#options.worker);
    // Whoever draws waits for it, and tells.
    this.#painter.catch(() => {});
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
    if (this.#codes) this.#tellCodes({ codeInfos: [] });
    this.#running = false;
    this.#waiting = null;
    this.#painter.then((painter) => painter.rest(), () => {});
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
    if (this.#drawing < AHEAD) this.#drawWaiting();
  }

  #tellCodes({ codeInfos, width = this.#canvas.width, height = this.#canvas.height }) {
    const told = codeInfos.map(({ codeType, codeNum }) => JSON.stringify([codeType, codeNum])).sort().join();
    const heard = told === this.#codes ? this.#options.onCodesMove : this.#options.onCodes;
    this.#codes = told;
    heard?.(codeInfos, { width, height });
  }

  async #drawWaiting() {
    this.#drawing += 1;
    try {
      while (this.#waiting) {
        const message = this.#waiting;
        this.#waiting = null;
        await this.#draw(message);
      }
    } catch (error) {
      // No picture of it would be drawn any more.
      this.stop().catch(() => {});
      this.#options.onError(error);
    } finally {
      this.#drawing -= 1;
    }
  }

  async #draw(message) {
    const { width, height, reduction = 1, outlines = [], faces = [], crop = null } = message;
    const unsure = crop?.state === 'unsure' ? crop.corners : null;
    const size = this.#fit?.size(message) ?? { width, height };
    const picture = { bytes: message.picture, base64: base64Of(message), type: typeOf(message), width, height, outlines, faces, unsure };
    const painter = await this.#painter;
    if (!this.#running) return;
    const isDrawn = await painter.paint(picture, size);
    if (!this.#running) return;
    if (!isDrawn) {
      this.dropped += 1;
      return;
    }
    this.#options.onFaces?.(message.faces ?? null);
    this.#options.onFrame?.({
      width: width * reduction, height: height * reduction, dropped: this.dropped, outlines: outlines.length,
      crop: crop && { ...crop, corners: enlarged(crop.corners, reduction) },
    });
    this.#fit?.drawn();
  }
}

/** Corners in pixels of a picture that is larger by a factor. */
function enlarged(corners, factor) {
  return corners?.map((point) => point.map((length) => (length + 0.5) * factor - 0.5)) ?? null;
}
