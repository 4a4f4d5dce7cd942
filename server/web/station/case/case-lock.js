/** Which window of this browser works on the case: one at a time, and it hands over when another one asks. */

const NAME = 'gaopai.case';
/** A window that does not answer is frozen, or is gone and does not know it. */
const ANSWER_MS = 1500;

/** Fires `held` when this window works on the case, `asked` when another one wants to, and `lost` when it does. */
export class CaseLock extends EventTarget {
  #release = null;
  #waiting = null;
  #channel = 'BroadcastChannel' in window ? new BroadcastChannel(NAME) : null;
  #answered = false;

  constructor() {
    super();
    this.#channel?.addEventListener('message', ({ data }) => this.#hear(data));
  }

  /** Waits until no other window has it, however long that is. Without locks, as over plain http, nobody can tell. */
  wait() {
    if (!navigator.locks) {
      this.dispatchEvent(new Event('held'));
      return;
    }
    this.#waiting = new AbortController();
    this.#request({ signal: this.#waiting.signal });
  }

  /** Asks the window that has it, and takes it from one that does not answer. */
  async take() {
    this.#answered = false;
    this.#channel?.postMessage('ask');
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    if (this.#answered || this.#release !== null) return;
    this.#waiting?.abort();
    this.#request({ steal: true });
  }

  /** Gives it to who asked, and waits to have it back. */
  give() {
    this.#release?.();
  }

  #hear(said) {
    if (said === 'answer') this.#answered = true;
    if (said !== 'ask' || this.#release === null) return;
    this.#channel.postMessage('answer');
    this.dispatchEvent(new Event('asked'));
  }

  async #request(options) {
    const held = () => new Promise((/** @type {(value?: any) => void} */ resolve) => {
      this.#release = resolve;
      this.dispatchEvent(new Event('held'));
    });
    try {
      await navigator.locks.request(NAME, options, held);
    } catch {
      // Given up for one that was asked for otherwise, or taken by another window.
      if (options.signal?.aborted) return;
    }
    this.#release = null;
    this.dispatchEvent(new Event('lost'));
    this.wait();
  }
}
