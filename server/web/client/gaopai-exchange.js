/** One request and its answers, until the last of them, an error, a limit of time or a signal. */
import { reasonOf, refusal } from './gaopai-error.js';

/** How long a call waits for a connection where the page does not say, and nothing is known to be in its way. */
const WAIT_MS = 30_000;

/**
 * Resolves with the answers. `line` has `post(listener)`, which gives the number of the request, `forget(reqId)` and `late()`,
 * the error of a limit that has passed.
 */
export function exchange(line, func, { timeout, wait, signal, onPicture, onNotice, resume }, isLast) {
  return new Promise((resolve, reject) => {
    const answers = [];
    let reqId = '';
    let timer = null;
    const settle = (finish, value) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      line.forget(reqId);
      finish(value);
    };
    const abort = () => settle(reject, reasonOf(signal));
    const within = (limit) => {
      clearTimeout(timer);
      if (limit !== Infinity) timer = setTimeout(() => settle(reject, line.late()), limit);
    };
    const take = (message) => {
      if (message.func === 'Notify') return onNotice?.(message);
      if (message.result !== 0) return settle(reject, refusal(message, func));
      answers.push(message);
      onPicture?.(message.imageIndex, message.imageCount);
      return isLast(message) && settle(resolve, answers);
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort);
    within(wait ?? WAIT_MS);
    const fail = (error) => settle(reject, error);
    const waits = wait !== undefined || Boolean(resume);
    reqId = line.post({ take, fail, sent: () => within(timeout), resume, waits });
  });
}
