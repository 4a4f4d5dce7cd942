/** Session of the settings view: opened once by a token, kept in the memory of this page alone. */
import { currentLanguage, text } from '../texts/i18n.js';

const TOKEN = /^#token=([\w-]+)$/;

/** A refusal of the service, in both languages; the page's words where it did not answer. */
export class Refusal extends Error {
  #texts;

  constructor(status, texts) {
    super(texts?.en ?? `status ${status}`);
    this.status = status;
    /** Key of the configuration that it is about. */
    this.setting = texts?.name ?? '';
    this.#texts = texts;
  }

  say() {
    return this.#texts?.[currentLanguage()] ?? text('noAnswer');
  }
}

/** Fires `open` when a token was exchanged, and `end` with the refusal, if there was one, as its detail. */
export class Session extends EventTarget {
  #secret = null;

  get isOpen() {
    return this.#secret !== null;
  }

  /** Exchanges the token in the address, which then stands there no longer. */
  async begin() {
    const [, token] = TOKEN.exec(location.hash) ?? [];
    if (!token) return;
    history.replaceState(null, '', location.pathname);
    try {
      this.#secret = (await post('open', token, {})).session;
    } catch (refusal) {
      this.#close(refusal);
      return;
    }
    this.dispatchEvent(new Event('open'));
  }

  /** Asks for a function; rejects with a `Refusal`, also where the session ended before the answer came. */
  async ask(name, parameters = {}) {
    const secret = this.#secret;
    try {
      const answer = await post(name, secret, parameters);
      if (secret !== this.#secret) throw new Refusal(0, null);
      return answer;
    } catch (refusal) {
      if (refusal.status === 401) this.#close(refusal);
      throw refusal;
    }
  }

  async end() {
    await this.ask('end').catch(() => {});
    this.#close(null);
  }

  #close(refusal) {
    this.#secret = null;
    this.dispatchEvent(new CustomEvent('end', { detail: refusal }));
  }
}

async function post(name, secret, parameters) {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${secret}` };
  /** @type {RequestInit} */
  const request = { method: 'POST', headers, body: JSON.stringify(parameters), cache: 'no-store' };
  const answer = await fetch(`/admin/api/${name}`, request).catch(() => null);
  const value = await answer?.json().catch(() => null);
  if (!answer?.ok) throw new Refusal(answer?.status ?? 0, value);
  return value;
}
