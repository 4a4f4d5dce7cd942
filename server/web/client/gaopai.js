/**
 * gaopai for web pages: document cameras, scanners, cards, fingers and face cameras over one WebSocket.
 *
 *   import { connect } from './gaopai.js';
 *   const gaopai = connect();
 *   await gaopai.call('OpenCamera', { devNum: 0, mediaNum: 0, resolutionNum: 0, fps: 15 });
 *   const preview = gaopai.preview(0, document.querySelector('canvas'));
 *   const [picture] = await gaopai.captureBase64(0);   // picture.blob
 *   for await (const page of gaopai.scan({ devIndex: 0 })) show(page.blob);
 *   const { name, id } = await gaopai.readCard('resident', { timeout: 20_000 });
 *
 * No dependency, no build step. Types are in gaopai.d.ts.
 */
import { autoCapture } from './gaopai-auto-capture.js';
import { diagnose } from './gaopai-diagnose.js';
import { clientError, GaopaiError, refusal, warnOf } from './gaopai-error.js';
import { exchange } from './gaopai-exchange.js';
import { captureBase64, composeCards, definite, fetchFile, merge, processImage } from './gaopai-files.js';
import { Heartbeat } from './gaopai-heartbeat.js';
import { matchFace, matchFinger, readCard, readFinger } from './gaopai-identity.js';
import { parse, split } from './gaopai-message.js';
import { NOTICES } from './gaopai-notices.js';
// @ts-expect-error (its declarations are those for pages)
import { Preview } from './gaopai-preview.js';
import { Opened } from './gaopai-opened.js';
import { scan, scanToFiles } from './gaopai-scan.js';
import { offered } from './gaopai-version.js';

export { diagnose };
export { GaopaiError } from './gaopai-error.js';

/**
 * Connects in the background, as soon as the service is there; calls made before are sent when it is.
 * Throws what `WebSocket` throws for an address it does not accept.
 */
export function connect(url = 'ws://127.0.0.1:8082', options = {}) {
  return new Gaopai(url, options);
}

const DEFAULTS = { binary: true, reconnect: true, retryFrom: 500, retryUpTo: 10_000, timeout: 30_000, heartbeat: 0 };

/** What `diagnose` may find and the next attempt may not. */
const PASSING = new Set(['reachable', 'permission-needed']);


export class Gaopai extends EventTarget {
  #options;
  #socket = null;
  #listeners = new Map(); // reqId -> {take(message), fail(error), sent(), resume, text}
  #unsent = new Set(); // reqIds
  #previews = new Set();
  #devices = new Opened();
  #requests = 0;
  #failures = 0;
  #language;
  #retry = null;
  #dialled = 0;
  #left = false;
  #heartbeat;

  constructor(url, options = {}) {
    super();
    this.url = url;
    this.#options = { ...DEFAULTS, ...options };
    this.#language = options.language ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
    this.#heartbeat = new Heartbeat(this.#options.heartbeat, {
      ask: () => this.call('Heartbeat').catch(() => {}),
      idle: () => [...this.#listeners.values()].every(({ endless }) => endless),
      tell: (stale) => this.#emit('stale', { stale }),
    });
    this.#dial();
  }

  /** Whether an open connection has been silent for twice `heartbeat`. */
  get stale() { return this.#heartbeat.stale; }

  /** Of errors, the service's too. */
  get language() { return this.#language; }

  set language(language) {
    if (language === this.#language) return;
    this.#language = this.#options.language = language;
    if (this.state === 'open') this.#introduce();
  }

  /** 'connecting', 'open', 'waiting' (for the next attempt) or 'closed'. */
  get state() {
    if (this.#left) return 'closed';
    if (this.#socket === null) return this.#retry === null ? 'closed' : 'waiting';
    return this.#socket.readyState === WebSocket.OPEN ? 'open' : 'connecting';
  }

  /** Resolves with the answer whose result is 0; rejects with GaopaiError, or the signal's reason. */
  async call(func, params = {}, limits = {}) {
    const [answer] = await this.#exchange(func, params, limits, () => true);
    this.#devices.hear(func, params);
    return answer;
  }

  /**
   * All pictures of one capture, in order. Progress of several comes through `onPicture`. Besides `timeout` and
   * `signal` it takes the form of the pictures: `quality`, `maxBytes`, `dpi`, `colorMode`, `watermark`, `frames`, and `overlayDevNum`
   * with `overlayPosition` and `overlaySize`, a second camera in a corner.
   */
  captureBase64(devNum, options = {}) {
    return captureBase64(this.#channel(), devNum, options);
  }

  /**
   * Captures by itself when iterated: each new page once (`mode` 1), or one every `seconds` (`mode` 2). Takes the form
   * of the pictures, and `imagePath` for files. `onWait` hears why nothing is taken. Leaving the loop ends it.
   */
  autoCapture(devNum, options = {}) {
    return autoCapture(this.#channel(), devNum, options);
  }

  /**
   * Front and back of a card on one A4 page: two `pictures` (Blobs), one with both, files at `paths`, or a capture of
   * `camera`. `fileType` 0 is a PDF, 1 a JPEG; with `filePath` it is written too. Takes `layout` and `watermark`.
   */
  composeCards(options = {}) {
    return composeCards(this.#channel(), options);
  }

  /**
   * Works on a picture again: `handle` of one that was captured or scanned, `picture` (Blob) or file at `path`, cut by
   * `corners` or `cropType`, with `rotate`, `imageType` and the form of pictures. Resolves with all that it gives.
   */
  processImage(options = {}) {
    return processImage(this.#channel(), options);
  }

  /** One document of `pictures` (Blobs) or files at `paths`, with `onProgress(done, total)`; `blob()` downloads it. */
  merge(options = {}) {
    return merge(this.#channel(), options);
  }

  /** The files that pages of this site made, newest first; `prefix`, `offset` and `limit` choose. */
  async listFiles(params = {}, limits = {}) {
    const { files, more } = await this.call('ListFiles', params, limits);
    return { files, more };
  }

  /** A file that pages of this site made, as a Blob. */
  getFile(path, options = {}) {
    return fetchFile(this.#channel(), path, options);
  }

  /** Shows the live picture on `canvas` until `stop()` of what it returns. The camera must be open. */
  preview(devNum, canvas, options = {}) {
    return this.#show({ func: 'GetCameraVideoBuff', device: { devNum } }, canvas, options);
  }

  /** The same of a face camera; with `infrared` that stream of a pair, which may be shown beside the other. */
  previewFace(faceCameraNum, canvas, { infrared = false, ...options } = {}) {
    const stream = infrared ? { stream: 1 } : {};
    return this.#show({ func: 'GetFaceCamraBuff', device: { faceCameraNum }, stream }, canvas, options);
  }

  #show(source, canvas, options) {
    const preview = new Preview(this.#channel(), source, canvas, options);
    this.#previews.add(preview);
    preview.start();
    return {
      stop: () => preview.stop(),
      get dropped() { return preview.dropped; },
      get barcode() { return preview.barcode; },
      set barcode(barcode) { preview.barcode = barcode; },
    };
  }

  /**
   * Scans when iterated: each page as it comes. With `imagePath` pages are written too, and `path` is set.
   * Leaving the loop cancels the scan; so does `signal`, whose reason is thrown after the pages that were complete.
   */
  scan(params = {}, limits = {}) {
    return scan(this.#channel(), params, limits);
  }

  /** Scans to files below the storage folder: their names, and which of them are blank. */
  scanToFiles(params = {}, limits = {}) {
    return scanToFiles(this.#channel(), params, limits);
  }

  /**
   * Waits for a card and reads it: 'resident', 'social' or 'bank'. `timeout` is the holder's time; `reader` its place
   * in GetCardReaderInfo, without which the one with a card is read.
   */
  readCard(kind = 'resident', options = {}) {
    return readCard(this.#channel(), kind, options);
  }

  /** Takes a finger, pressed `presses` times; `onPress` hears of each of several. */
  readFinger(options = {}) {
    return readFinger(this.#channel(), options);
  }

  /** Compares a live finger with a `feature` of readFinger or a `picture` (Blob). */
  matchFinger(options = {}) {
    return matchFinger(this.#channel(), options);
  }

  /**
   * Compares the person before the open face camera with a `picture` (Blob) or a file at `path`. `onAction` hears
   * what the person has to do, if SetFaceLivingBodyState asked for it.
   */
  matchFace(options = {}) {
    return matchFace(this.#channel(), options);
  }

  /** Sends text exactly as written; its answer shows in the `message` event only. */
  send(text) {
    if (this.state !== 'open') throw this.#error('closed');
    this.#write(text);
  }

  /** Ends the connection for good. */
  close() {
    this.#left = true;
    clearTimeout(this.#retry);
    this.#socket?.close(1000);
  }

  /** Dials now, while it would wait for longer; not sooner than `retryFrom` after the attempt before. */
  retry() {
    if (this.#retry === null) return;
    clearTimeout(this.#retry);
    const rest = this.#dialled + this.#options.retryFrom - performance.now();
    this.#retry = setTimeout(() => this.#dial(), Math.max(0, rest));
  }

  #dial() {
    this.#retry = null;
    this.#dialled = performance.now();
    this.#socket = new WebSocket(this.url, offered(this.#options));
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onopen = () => this.#opened();
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    let opened = false;
    this.#socket.addEventListener('open', () => { opened = true; });
    this.#socket.onclose = ({ code, reason }) => this.#lost(code, reason, opened);
  }

  #opened() {
    this.#failures = 0;
    this.#heartbeat.start();
    this.#introduce();
    for (const reqId of this.#unsent) this.#send(reqId);
    this.#unsent.clear();
    this.#emit('open', {});
    for (const preview of this.#previews) this.#resume(preview);
  }

  /** What the page said of itself; without it the service goes by the browser. One that is older says 1003. */
  #introduce() {
    const { language, title } = this.#options;
    if (language || title) this.call('SetPageInfo', definite({ language, title })).catch(() => {});
  }

  #lost(code, reason, opened) {
    this.#socket = null;
    this.#heartbeat.stop();
    const again = this.#options.reconnect && !this.#left;
    const retryIn = again ? this.#backOff() : null;
    if (again) this.#retry = setTimeout(() => this.#dial(), retryIn);
    if (opened || this.#left) this.#settleLost(again);
    else this.#explain(again);
    this.#emit('close', { code, reason, retryIn });
  }

  /** Whoever waits is told why an attempt failed, unless the page named the time to wait. */
  async #explain(again) {
    const { reason, message, remedy } = await diagnose(this.url, { language: this.language });
    if (this.#left || this.state === 'open') return;
    if (reason === 'other-version') return this.#giveUp();
    for (const reqId of PASSING.has(reason) ? [] : this.#unsent) {
      const { waits, fail, func } = this.#listeners.get(reqId) ?? { waits: true };
      if (!waits || !again) fail?.(new GaopaiError(reason, `${message} ${remedy}`, func));
    }
    if (!again) this.#settleLost(false);
  }

  /** No attempt would end otherwise. */
  #giveUp() {
    this.close();
    for (const listener of [...this.#listeners.values()]) listener.fail(this.#error('version'));
    this.#emit('close', { code: 1002, reason: this.#error('version').message, retryIn: null });
  }

  /** What was never sent goes on waiting, and so does what may be sent twice; the rest fails. */
  #settleLost(again) {
    for (const [reqId, listener] of [...this.#listeners]) {
      if (again && listener.resume) this.#unsent.add(reqId);
      if (again && this.#unsent.has(reqId)) continue;
      this.#unsent.delete(reqId);
      listener.fail(this.#error('closed'));
    }
  }

  /** Doubles from retryFrom to retryUpTo, spread by a quarter so that many pages do not return at once. */
  #backOff() {
    const { retryFrom, retryUpTo } = this.#options;
    const delay = Math.min(retryUpTo, retryFrom * 2 ** this.#failures++);
    return Math.round(delay * (0.75 + Math.random() / 2));
  }

  #receive(data) {
    const { text, picture } = typeof data === 'string' ? { text: data } : split(data);
    this.#heartbeat.heard();
    const message = parse(text);
    this.#emit('message', { direction: 'in', time: Date.now(), text, message });
    if (message === null) return;
    if (message.unknown) warnOf(message);
    if (message.event in NOTICES) this.#emit(NOTICES[message.event], message);
    this.#listeners.get(message.reqId)?.take(picture ? { ...message, picture } : message);
  }

  #write(text) {
    this.#socket.send(text);
    this.#emit('message', { direction: 'out', time: Date.now(), text, message: parse(text) });
  }

  #post(func, params, listener) {
    const reqId = `g${++this.#requests}`;
    const text = JSON.stringify({ func, reqId, ...params });
    if (this.state === 'closed') {
      listener.fail(this.#error('closed', func));
      return reqId;
    }
    this.#listeners.set(reqId, { ...listener, func, text });
    if (this.state === 'open') this.#send(reqId);
    else {
      this.#unsent.add(reqId);
      this.retry();
    }
    return reqId;
  }

  #send(reqId) {
    const listener = this.#listeners.get(reqId);
    // Given up meanwhile.
    if (listener === undefined) return;
    this.#write(listener.text);
    listener.sent?.();
  }

  #exchange(func, params, limits = {}, isLast) {
    const line = {
      post: (listener) => this.#post(func, params, listener),
      forget: (reqId) => this.#listeners.delete(reqId),
      late: () => this.#error('timeout', func),
    };
    return exchange(line, func, { ...this.#options, ...definite(limits) }, isLast);
  }

  /** What a preview, a scan or a reading may do with the connection. */
  #channel() {
    return {
      subscribe: (func, params, listener) => this.#post(func, params, { ...listener, endless: true }),
      unsubscribe: (reqId) => this.#listeners.delete(reqId),
      call: (func, params) => this.call(func, params),
      exchange: async (func, params, limits) => (await this.#exchange(func, params, limits, () => true))[0],
      exchangeAll: (func, params, limits, isLast) => this.#exchange(func, params, limits, isLast),
      refusal,
      forget: (preview) => this.#previews.delete(preview),
      timeout: this.#options.timeout,
      late: (func) => this.#error('timeout', func),
    };
  }

  async #resume(preview) {
    if (!preview.suspended) return;
    try {
      for (const [func, params] of this.#devices.again(preview.source.device)) await this.call(func, params);
      preview.start();
    } catch (error) {
      preview.fail(error);
    }
  }

  #error(code, func = '') {
    return clientError(code, this.language, func);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
