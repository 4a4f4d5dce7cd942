/** One document before one signer, as the service tells of it; its secret is in the memory of this page alone. */

const TICKET = /^#ticket=([\w-]+)$/;
/** Time between two questions whether it goes on, in milliseconds. */
const LOOK_MS = 3000;
const GONE = 4020;

/** A refusal of the service. */
export class Refusal extends Error {
  /** @param {number} code that of the error; 0 where the service did not answer */
  constructor(code) {
    super(`error ${code}`);
    this.code = code;
  }
}

/** Fires `gone` once it has ended elsewhere. */
export class Signing extends EventTarget {
  #secret = '';
  #timer = 0;

  /** Presents the ticket in the address, which then stands there no longer; null where there is none. */
  async open() {
    const [, ticket] = TICKET.exec(location.hash) ?? [];
    if (!ticket) return null;
    history.replaceState(null, '', location.pathname);
    this.#secret = ticket;
    const task = await (await this.#post('open')).json();
    this.#secret = task.session;
    this.#timer = window.setInterval(() => this.ask('state').catch(() => {}), LOOK_MS);
    return task;
  }

  /** Asks for a function; rejects with a `Refusal`. */
  async ask(name, body = {}) {
    try {
      return await this.#post(name, body);
    } catch (refusal) {
      if (refusal.code === GONE && this.#timer) {
        this.end();
        this.dispatchEvent(new Event('gone'));
      }
      throw refusal;
    }
  }

  /** A page of the document, from 1, as a picture. */
  async page(number) {
    return (await this.ask('page', { page: number })).blob();
  }

  /** Says that nobody signs, also while the page closes. */
  leave() {
    const asked = this.#timer ? this.#post('leave', {}, true).catch(() => {}) : Promise.resolve();
    this.end();
    return asked;
  }

  /** Asks for nothing any more. */
  end() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  async #post(name, body = {}, keepalive = false) {
    const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${this.#secret}` };
    /** @type {RequestInit} */
    const request = { method: 'POST', headers, body: JSON.stringify(body), cache: 'no-store', keepalive };
    const answer = await fetch(`/sign/api/${name}`, request).catch(() => null);
    if (answer?.ok) return answer;
    const told = await answer?.json().catch(() => null);
    throw new Refusal(told?.code ?? 0);
  }
}
