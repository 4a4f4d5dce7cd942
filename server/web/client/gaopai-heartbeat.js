/**
 * Whether the service still answers: a stopped process keeps its connection.
 *
 * After `every` ms of silence it is asked for a sign of life; after as long again without one it is stale, until
 * anything arrives. It is not asked while a call is under way, behind which the question would wait.
 */
export class Heartbeat {
  stale = false;

  #every;
  #ask;
  #idle;
  #tell;
  #heard = 0;
  #asked = false;
  #timer = null;

  /** `ask()` sends the question, `idle()` tells whether no call is under way, `tell(stale)` hears of a change. */
  constructor(every, { ask, idle, tell }) {
    this.#every = every;
    this.#ask = ask;
    this.#idle = idle;
    this.#tell = tell;
  }

  start() {
    if (!this.#every) return;
    this.heard();
    this.#timer = setInterval(() => this.#look(), this.#every / 4);
  }

  stop() {
    clearInterval(this.#timer);
    this.#become(false);
  }

  heard() {
    this.#heard = performance.now();
    this.#asked = false;
    this.#become(false);
  }

  #look() {
    const silent = performance.now() - this.#heard;
    // Timers of a page that nobody sees come late, and say nothing about the service.
    if (document.hidden) this.heard();
    else if (this.#asked && silent >= 2 * this.#every) this.#become(true);
    else if (!this.#asked && silent >= this.#every && this.#idle()) {
      this.#asked = true;
      this.#ask();
    }
  }

  #become(stale) {
    if (stale === this.stale) return;
    this.stale = stale;
    this.#tell(stale);
  }
}
