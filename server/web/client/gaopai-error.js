/** What a call of the client can fail with, and what it is warned of. */

const TEXTS = {
  closed: {
    zh: '与高拍服务的连接已断开。',
    en: 'The connection to the gaopai service is closed.',
  },
  timeout: {
    zh: '高拍服务没有在规定时间内应答。',
    en: 'The gaopai service did not answer in time.',
  },
  version: {
    zh: '本网页的客户端与高拍服务的协议版本不一致。请更新高拍服务，或更新本网页使用的客户端。',
    en: 'This page and the gaopai service speak different versions of the protocol. Update the service, or the client of this page.',
  },
};

/**
 * A failed call. `code` is the service's number, 'closed', 'timeout' or 'version', or the reason that `diagnose` found for there being no
 * connection, with its message and remedy.
 * `answer` is the service's whole answer, which may tell what was done all the same, or null.
 */
export class GaopaiError extends Error {
  constructor(code, message, func = '', answer = null) {
    super(message);
    this.name = 'GaopaiError';
    this.code = code;
    this.func = func;
    this.answer = answer;
  }
}

export function clientError(code, language, func) {
  return new GaopaiError(code, TEXTS[code][language], func);
}

export function refusal(message, func) {
  return new GaopaiError(message.result, message.errorMsg ?? '', func, message);
}

/** Why a signal fired; browsers that give none say AbortError, too. */
export function reasonOf(signal) {
  return signal.reason ?? new DOMException('signal is aborted without reason', 'AbortError');
}

const warned = new Set();

/** Once for each mistake: `{croptype: 1}` would do nothing, and say nothing. */
export function warnOf({ func, unknown }) {
  const text = `gaopai: ${func} has no ${unknown.join(', ')}; see its parameters in gaopai-protocol.d.ts`;
  if (!warned.has(text)) console.warn(text);
  warned.add(text);
}
