/** What the tabs of cards and of fingers share: one thing at a time, that can be cancelled, and nothing that is kept. */
import { onLanguage, text } from '../../texts/i18n.js';
import { errorInWords } from '../notice.js';

const CANCELLED = 1009;

/** Markup of what stands where nothing was read: what to do, how long there is time for it, and why it did not succeed. */
export function invitation(name, picture) {
  return `
    <div id="${name}-placeholder" class="placeholder">
      <span class="beacon">${picture}</span>
      <p id="${name}-placeholder-text" role="status"></p>
      <p id="${name}-placeholder-remedy" class="quiet"></p>
      <p id="${name}-left" class="left" hidden><progress aria-hidden="true"></progress> <span></span></p>
    </div>`;
}

const element = (id) => document.getElementById(id);

export class ReadingTab {
  #name;
  #gaopai;
  #notice;
  #readers;
  /** Ends what is under way; null while nothing is. */
  #cancel = null;
  #revealed = false;
  /** The error that ended the last reading with nothing to show; null after any other. */
  #failure = null;
  /** When the wait that is under way is over, and what counts it down. */
  #until = 0;
  #clock = null;
  /** Devices changed during a reading, behind which the question for them would wait. */
  #stale = false;

  constructor(name, gaopai, notice, readers) {
    this.#name = name;
    this.#gaopai = gaopai;
    this.#notice = notice;
    this.#readers = readers;
    this.#hearService();
    element(`${name}-cancel`).addEventListener('click', () => this.#cancel?.abort(new Error(text('readingCancelled'))));
    element(`${name}-show`).addEventListener('click', () => this.#reveal(!this.#revealed));
    element(`${name}-forget`).addEventListener('click', () => this.leave());
    document.addEventListener('visibilitychange', () => document.hidden && this.#reveal(false));
    onLanguage(() => this.show());
  }

  /** Ends what is under way and forgets what was read; called when the tab is left, too. */
  leave() {
    this.#cancel?.abort(new Error(text('readingCancelled')));
    this.#revealed = false;
    this.#failure = null;
    this.#notice.hide();
    this.clear();
    this.show();
  }

  /** Of these each tab has its own: whether something was read, its end, its look, and what invites to read. */
  get full() { return false; }

  clear(_keeping = false) {}

  render(_state) {}

  invitation(_busy) { return ['', '']; }

  /** Seconds that the service waits for a card or finger. */
  get patience() { return 0; }

  /** Counts them down, from the beginning. */
  wait() {
    this.#until = Date.now() + this.patience * 1000;
    this.#countDown();
  }

  /** Tells an error beside what was read. */
  warn(error) {
    this.#notice.error(error);
  }

  /** Says something that the service has said. */
  say(sentence) {
    this.#notice.info(() => sentence);
  }

  /** Runs `action` with a signal that ends it; it resolves with what says it. `keeping` what was taken before. */
  async work(action, { keeping = false } = {}) {
    if (this.#cancel) return;
    const controller = new AbortController();
    this.#cancel = controller;
    this.#revealed &&= keeping;
    this.#failure = null;
    this.#notice.hide();
    this.clear(keeping);
    this.wait();
    this.#clock = setInterval(() => this.#countDown(), 250);
    this.show();
    try {
      const done = await action(controller.signal);
      if (!controller.signal.aborted) this.#notice.info(done);
    } catch (error) {
      this.#tell(error, controller.signal);
    } finally {
      this.#cancel = null;
      clearInterval(this.#clock);
      this.show();
      if (this.#stale) this.#devicesChanged();
    }
  }

  /** Brings everything that depends on the state of things in line with it. */
  show() {
    const busy = this.#cancel !== null;
    const ready = this.#gaopai.state === 'open' && !busy && this.#readers.present;
    element(`${this.#name}-cancel`).disabled = !busy;
    this.#readers.disabled = busy;
    this.#showButtons();
    const [title, remedy] = this.#placeholder(busy);
    const placeholder = element(`${this.#name}-placeholder`);
    placeholder.hidden = this.full;
    placeholder.classList.toggle('is-waiting', busy);
    placeholder.classList.toggle('has-failed', !busy && this.#failure !== null);
    this.#countDown();
    element(`${this.#name}-placeholder-text`).textContent = title;
    element(`${this.#name}-placeholder-remedy`).textContent = remedy;
    this.render({ busy, ready, revealed: this.#revealed });
  }

  /** The seconds that are left are seen and not read aloud, each second anew. */
  #countDown() {
    const line = element(`${this.#name}-left`);
    const left = Math.max(0, Math.ceil((this.#until - Date.now()) / 1000));
    line.hidden = this.#cancel === null;
    Object.assign(line.querySelector('progress'), { max: this.patience || 1, value: left });
    line.querySelector('span').textContent = text('secondsLeft', { seconds: left });
  }

  #showButtons() {
    const show = element(`${this.#name}-show`);
    show.hidden = !this.full;
    show.textContent = text(this.#revealed ? 'hidePersonal' : 'showPersonal');
    element(`${this.#name}-forget`).hidden = !this.full;
  }

  #hearService() {
    this.#gaopai.addEventListener('open', () => this.#readers.refresh());
    this.#gaopai.addEventListener('close', () => this.show());
    this.#gaopai.addEventListener('device-change', ({ detail }) => detail.kind === this.#name && this.#devicesChanged());
    this.#readers.addEventListener('change', () => this.show());
    this.#readers.addEventListener('error', ({ detail }) => this.#notice.error(detail));
  }

  async #devicesChanged() {
    this.#stale = this.#cancel !== null;
    if (this.#stale) return;
    await this.#readers.refresh();
    this.#notice.info(() => text('devicesChanged'));
  }

  #tell(error, signal) {
    if (signal.aborted || error.code === CANCELLED) this.#notice.info(() => text('readingCancelled'));
    else if (this.full) this.#notice.error(error);
    else this.#failure = error;
  }

  #reveal(revealed) {
    this.#revealed = revealed && this.full;
    this.show();
  }

  #placeholder(busy) {
    if (this.#gaopai.state !== 'open') return [text('connecting'), ''];
    if (this.#readers.searching) return [text('searchingReaders'), ''];
    if (!this.#readers.present) return [text('noReader'), text('noReaderHint')];
    if (!busy && this.#failure !== null) return [errorInWords(this.#failure), text('readAgain')];
    return this.invitation(busy);
  }
}
