/** The button that takes a picture, its key, its flash and its sound. */

const SOUND = 'gaopai.sound';
/** What a key is written into, or chosen with. */
const WRITTEN = 'textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=range])';

const element = (id) => document.getElementById(id);
/** The control that has the focus because it was clicked, not because somebody walked to it. */
let clicked = null;
let pointing = false;
document.addEventListener('pointerdown', ({ target }) => {
  pointing = true;
  clicked = document.activeElement.contains(/** @type {Node} */ (target)) ? document.activeElement : null;
}, true);
// A label gives the focus on only when its click has come.
document.addEventListener('pointerup', () => setTimeout(() => { pointing = false; }), true);
// A key may come before the timer of a click does: whoever walks with keys points at nothing.
document.addEventListener('keydown', () => { pointing = false; }, true);
document.addEventListener('focusin', ({ target }) => { clicked = pointing ? target : null; }, true);

/** Fires `press`. */
export class Shutter extends EventTarget {
  #button = element('shutter');
  #panel;
  #audio = null;

  /** Its key counts while `panel` is shown. */
  constructor(panel) {
    super();
    this.#panel = panel;
    this.#button.addEventListener('click', () => this.press());
    // In the capturing phase: a button that was clicked with the mouse would take the key for itself.
    document.addEventListener('keydown', (event) => this.#key(event), true);
    element('sound').checked = localStorage.getItem(SOUND) === 'on';
    element('sound').addEventListener('change', ({ target }) => localStorage.setItem(SOUND, target.checked ? 'on' : 'off'));
  }

  set disabled(disabled) {
    this.#button.disabled = disabled;
  }

  /** Whether pictures are on their way; it takes further ones all the same. */
  set busy(busy) {
    this.#button.setAttribute('aria-busy', String(busy));
  }

  focus() {
    this.#button.focus({ preventScroll: true });
  }

  press() {
    if (!this.#button.disabled) this.dispatchEvent(new Event('press'));
  }

  /** Shows, and lets hear if asked for, that a picture was taken. */
  confirm() {
    const stage = element('stage');
    stage.classList.remove('flash');
    // Reading a size makes the browser notice that the class was away.
    stage.getBoundingClientRect();
    stage.classList.add('flash');
    if (element('sound').checked) this.#click();
  }

  #key(event) {
    const { key, target, repeat } = event;
    if ((key !== ' ' && key !== 'Enter') || event.ctrlKey || event.altKey || event.metaKey) return;
    if (this.#panel.hidden || document.querySelector('dialog[open]') || target.matches(WRITTEN)) return;
    // Who walks with the Tab key, or is led by a screen reader, presses what has the focus.
    const own = target === this.#button || target === document.body || target.id === 'crop' || target.id === 'main';
    if (target !== clicked && !own) return;
    event.preventDefault();
    event.stopPropagation();
    if (!repeat) this.press();
  }

  #click() {
    this.#audio ??= new AudioContext();
    const { currentTime } = this.#audio;
    const tone = this.#audio.createOscillator();
    const gain = this.#audio.createGain();
    tone.frequency.setValueAtTime(1400, currentTime);
    tone.frequency.exponentialRampToValueAtTime(500, currentTime + 0.08);
    gain.gain.setValueAtTime(0.2, currentTime);
    gain.gain.exponentialRampToValueAtTime(0.001, currentTime + 0.09);
    tone.connect(gain).connect(this.#audio.destination);
    tone.start();
    tone.stop(currentTime + 0.1);
  }
}
