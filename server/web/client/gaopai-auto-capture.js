/**
 * Captures that make themselves: of each page that comes to rest, or at intervals.
 *
 * Pictures wait until they are taken out of the loop; nothing here has a timeout, as a desk may be empty for hours.
 */
import { reasonOf } from './gaopai-error.js';
import { toBlob } from './gaopai-message.js';

const FUNC = 'SetCameraAutoCapture';

/**
 * Yields pictures until the loop is left, the signal fires or a capture fails, which is thrown.
 *
 * @param {any} channel
 * @param {number} devNum
 * @param {import('./gaopai.d.ts').AutoCaptureOptions} options
 */
export async function* autoCapture(channel, devNum, { mode = 1, signal, onWait, ...params } = {}) {
  if (signal?.aborted) throw reasonOf(signal);
  const arrived = [];
  /** @type {(value?: any) => void} */
  let wake = () => {};
  const put = (item) => {
    arrived.push(item);
    wake();
  };
  const take = (message) => {
    if (message.result !== 0) put({ error: channel.refusal(message, FUNC) });
    else if (message.captureIndex !== undefined) put({ picture: pictureOf(message) });
    else if (message.reason !== undefined) onWait?.(message.reason);
  };
  const abort = () => put({ error: reasonOf(signal) });
  signal?.addEventListener('abort', abort);
  const request = { devNum, mode, ...params };
  const reqId = channel.subscribe(FUNC, request, { take, fail: (error) => put({ error }) });
  try {
    for (;;) {
      while (arrived.length === 0) await new Promise((resolve) => { wake = resolve; });
      const { error, picture } = arrived.shift();
      if (error) throw error;
      yield picture;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    channel.unsubscribe(reqId);
    await stop(channel, devNum);
  }
}

async function stop(channel, devNum) {
  try {
    await channel.call(FUNC, { devNum, mode: 0 });
  } catch {
    // The connection is gone, and what it captured with it.
  }
}

function pictureOf(message) {
  const { captureIndex, imageIndex = 1, imageCount = 1, imageBase64Str, imagePath, width, height, verdict } = message;
  return {
    blob: imageBase64Str === undefined ? null : toBlob(message),
    width: width ?? null,
    height: height ?? null,
    capture: captureIndex,
    index: imageIndex,
    count: imageCount,
    paths: imagePath ?? null,
    verdict: verdict ?? null,
  };
}
