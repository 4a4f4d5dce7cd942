/** What the tabs of cards and of fingers share: one thing at a time, that can be cancelled, and nothing that is kept. */
import { onLanguage, text } from '../../texts/i18n.js';

const CANCELLED = 1009;

const element = (id) => document.getElementById(id);

export class ReadingTab {
  #name;
  #gaopai;
  #notice;
  #readers;
  /** Ends what is under way; null while nothing is. */
  #cancel = null;
  #revealed = false;
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
    this.#notice.hide();
    this.clear();
    this.show();
  }

  /** Of these each tab has its own: whether something was read, its end, its look, and what invites to read. */
  get full() { return false; }

  clear(_keeping = false) {}

  render(_state) {}

  invitation(_busy) { return ['', '']; }

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
    this.#notice.hide();
    this.clear(keeping);
    this.show();
    try {
      const done = await action(controller.signal);
      if (!controller.signal.aborted) this.#notice.info(done);
    } catch (error) {
      this.#tell(error, controller.signal);
    } finally {
      this.#cancel = null;
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
    element(`${this.#name}-placeholder`).hidden = this.full;
    element(`${this.#name}-placeholder-text`).textContent = title;
    element(`${this.#name}-placeholder-remedy`).textContent = remedy;
    this.render({ busy, ready, revealed: this.#revealed });
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
    else this.#notice.error(error);
  }

  #reveal(revealed) {
    this.#revealed = revealed && this.full;
    this.show();
  }

  #placeholder(busy) {
    if (this.#gaopai.state !== 'open') return [text('connecting'), ''];
    if (this.#readers.searching) return [text('searchingReaders'), ''];
    if (!this.#readers.present) return [text('noReader'), text('noReaderHint')];
    return this.invitation(busy);
  }
}
