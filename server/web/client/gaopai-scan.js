/**
 * One scan: its pages as they come.
 *
 * A scan may be silent for minutes, while a lamp warms up or somebody smooths a sheet, so nothing
 * here has a timeout: the service gives up a driver that hangs, and says so.
 */
import { reasonOf } from './gaopai-error.js';
import { toBlob } from './gaopai-message.js';

const END = 'GetScanEndStatue';

/**
 * Yields pages until the scan has ended; throws what ended it after the pages before.
 *
 * @param {any} channel
 * @param {any} params
 * @param {import('./gaopai.d.ts').ScanLimits} limits
 */
export async function* scan(channel, params, { signal } = {}) {
  // A profile may have a name, too.
  const files = params.imagePath !== undefined || params.profile !== undefined;
  const run = new Run(channel, files ? { ...params, withImage: true } : params, signal);
  try {
    for (let item = await run.next(); !item.ended; item = await run.next()) {
      if (item.error) throw item.error;
      if (item.page) yield item.page;
    }
  } finally {
    await run.leave();
  }
}

/**
 * Resolves with the answer that names the files.
 *
 * @param {any} channel
 * @param {any} params
 * @param {import('./gaopai.d.ts').ScanLimits} limits
 */
export async function scanToFiles(channel, params, { signal } = {}) {
  const run = new Run(channel, { ...params, imagePath: params.imagePath ?? '', withImage: false }, signal);
  /** @type {any} */
  let files = null;
  for (let item = await run.next(); !item.ended; item = await run.next()) {
    if (item.error) throw item.error;
    files = item.files ?? files;
  }
  return files;
}

/** A Scan request and what came of it that nobody has taken yet. */
class Run {
  #channel;
  #signal;
  #reqId;
  #arrived = [];
  /** @type {(value?: any) => void} */
  #wake = () => {};
  #over = false;

  constructor(channel, params, signal) {
    if (signal?.aborted) throw reasonOf(signal);
    this.#channel = channel;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#cancel);
    this.#reqId = channel.subscribe('Scan', params, {
      take: (message) => this.#put(this.#item(message)),
      fail: (error) => this.#put({ error }),
    });
  }

  /** `{page}`, `{files}`, and at last `{error}` or `{ended}`. */
  async next() {
    while (this.#arrived.length === 0) await new Promise((resolve) => { this.#wake = resolve; });
    return this.#arrived.shift();
  }

  /** Resolves when the scanner is free: a scan that still runs is cancelled. */
  async leave() {
    this.#channel.unsubscribe(this.#reqId);
    if (!this.#over) await this.#cancel();
    this.#signal?.removeEventListener('abort', this.#cancel);
  }

  #cancel = async () => {
    if (this.#over) return;
    try {
      await this.#channel.call('CancelScan');
    } catch {
      // The connection is gone, and the scan with it.
    }
  };

  #item(message) {
    if (message.func === END) return { ended: true };
    if (message.event) return {};
    if (message.result !== 0) return { error: this.#reason(message) };
    // A page leaves its base64 behind at once: of two hundred pages the strings would weigh 200 MB.
    return message.imageIndex === undefined ? { files: message } : { page: pageOf(message) };
  }

  #reason(message) {
    return this.#signal?.aborted ? reasonOf(this.#signal) : this.#channel.refusal(message, 'Scan');
  }

  #put(item) {
    if (this.#over) return;
    this.#over = Boolean(item.error || item.ended);
    if (this.#over) {
      this.#channel.unsubscribe(this.#reqId);
      this.#signal?.removeEventListener('abort', this.#cancel);
    }
    this.#arrived.push(item);
    this.#wake();
  }
}

function pageOf(message) {
  const { imageBase64Str, imageIndex, imageCount, imagePath, page, blank, width, height, verdict = null } = message;
  const turned = message.side === undefined ? {} : { side: message.side, sheet: message.sheet ?? null };
  const kind = message.stream === undefined ? {} : { stream: message.stream };
  const blob = imageBase64Str === undefined ? null : toBlob(message);
  const original = { handle: message.handle ?? null, corners: message.corners ?? null, crop: message.crop ?? null };
  const path = imagePath?.[0] ?? null;
  return { blob, width, height, index: imageIndex, count: imageCount ?? null, page, blank, verdict, path, ...original, ...turned, ...kind };
}
