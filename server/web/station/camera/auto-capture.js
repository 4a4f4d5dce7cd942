/** The switch that takes each next page by itself, and tells why it waits. */
import { onLanguage, text } from '../../texts/i18n.js';

const SWITCH = `<label><span data-i18n="autoCapture"></span>
  <input id="auto-capture" type="checkbox" role="switch" autocomplete="off" disabled></label>
  <span id="auto-capture-wait" class="quiet" role="status"></span>`;

const REASONS = {
  moving: 'autoMoving', hand: 'autoHand', 'same page': 'autoSame', blurred: 'autoBlurred', 'no page': 'autoNone', missed: 'autoMissed',
};

/** Fires `picture` with each that was taken, and `error`. */
export class AutoCapture extends EventTarget {
  #gaopai;
  #output;
  #input;
  #camera = null;
  #ending = null;
  #reason = '';

  /** `line` gets the switch. `output` is the form of the pictures. */
  constructor(line, gaopai, output) {
    super();
    line.insertAdjacentHTML('beforeend', SWITCH);
    this.#gaopai = gaopai;
    this.#output = output;
    this.#input = line.querySelector('input#auto-capture');
    this.#input.addEventListener('change', () => (this.#input.checked ? this.#run() : this.#stop()));
    onLanguage(() => this.#tell(this.#reason));
  }

  /** Number of the open camera, or null: then it is off. */
  set camera(number) {
    if (number === this.#camera) return;
    this.#stop();
    this.#camera = number;
    this.#input.disabled = number === null;
  }

  async #run() {
    const ending = new AbortController();
    this.#ending = ending;
    try {
      const options = { ...this.#output.params, signal: ending.signal, onWait: (reason) => this.#tell(reason) };
      for await (const picture of this.#gaopai.autoCapture(this.#camera, options)) {
        this.dispatchEvent(new CustomEvent('picture', { detail: picture }));
      }
    } catch (error) {
      if (!ending.signal.aborted) this.dispatchEvent(new CustomEvent('error', { detail: error }));
    } finally {
      if (this.#ending === ending) this.#stop();
    }
  }

  #stop() {
    this.#ending?.abort();
    this.#ending = null;
    this.#input.checked = false;
    this.#tell('');
  }

  #tell(reason) {
    this.#reason = reason;
    document.getElementById('auto-capture-wait').textContent = reason && text(REASONS[reason]);
  }
}
