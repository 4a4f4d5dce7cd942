/** Who draws on a canvas: a worker where the browser has one to spare, else the page. */
import { Painter } from './gaopai-painter.js';

/** What a worker takes to start, and to draw a picture, at most. */
const START_MS = 3000;
const PAINT_MS = 15_000;

/** Promises of painters by canvas: a browser gives no canvas back that a worker has. */
const painters = new WeakMap();
/** Browsers that do not tell when a canvas has gone keep its worker as long as the page. */
const endings = globalThis.FinalizationRegistry ? new FinalizationRegistry((worker) => worker.terminate()) : null;

/** Resolves with the painter of a canvas, the same one as long as it lives. `wantsWorker` counts the first time. */
export function painterOf(canvas, wantsWorker) {
  if (!painters.has(canvas)) painters.set(canvas, newPainter(canvas, wantsWorker));
  return painters.get(canvas);
}

async function newPainter(canvas, wantsWorker) {
  const worker = wantsWorker && canvas.transferControlToOffscreen ? await startWorker() : null;
  const control = worker && take(canvas);
  if (control) {
    endings?.register(canvas, worker);
    return new WorkerPainter(worker, control);
  }
  worker?.terminate();
  return new Painter(canvas);
}

/** null where the page draws on the canvas itself. */
function take(canvas) {
  try {
    return canvas.transferControlToOffscreen();
  } catch {
    return null;
  }
}

/** Resolves with null where there can be none, as for a module of another origin or by the page's policy. */
function startWorker() {
  let worker;
  try {
    // Written so that bundlers find the file.
    worker = new Worker(new URL('./gaopai-worker.js', import.meta.url), { type: 'module' });
  } catch {
    return null;
  }
  return new Promise((resolve) => {
    const giveUp = (reason) => {
      console.warn(`gaopai: the page draws previews itself: gaopai-worker.js ${reason}`);
      worker.terminate();
      resolve(null);
    };
    const timer = setTimeout(giveUp, START_MS, 'did not start in time');
    worker.onmessage = () => {
      clearTimeout(timer);
      resolve(worker);
    };
    worker.onerror = ({ message }) => {
      clearTimeout(timer);
      giveUp(message ?? 'cannot be loaded');
    };
  });
}

/** A `Painter` in a worker, which answers in the order in which it is asked. */
class WorkerPainter {
  #worker;
  /** Those who wait for a picture to be drawn. */
  #waiting = [];

  constructor(worker, canvas) {
    this.#worker = worker;
    worker.onmessage = ({ data: { drawn, error } }) => (error ? this.#fail(error) : this.#waiting.shift()?.resolve(drawn));
    worker.onerror = ({ message }) => this.#fail(new Error(`gaopai-worker.js: ${message}`));
    worker.postMessage({ canvas }, [canvas]);
  }

  /** The picture's bytes are the worker's from now on. */
  async paint(picture, size) {
    const painted = new Promise((resolve, reject) => { this.#waiting.push({ resolve, reject }); });
    const timer = setTimeout(() => this.#fail(new Error('gaopai-worker.js: no answer')), PAINT_MS);
    this.#worker.postMessage({ picture, size }, picture.bytes ? [picture.bytes.buffer] : []);
    try {
      return await painted;
    } finally {
      clearTimeout(timer);
    }
  }

  rest() {
    this.#worker.postMessage({});
  }

  /** Told to whoever waits for a picture, or else to the page. */
  #fail(error) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting.reject(error);
    else setTimeout(() => { throw error; });
  }
}
