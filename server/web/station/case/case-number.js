/** The number of the case that is worked on: it names the files that are made, and is told to the service for `{case}` in templates. */
import { suffixed } from './document-bar.js';

const NOTE = 'case';

/** Kept with the pages, on the disk of this browser; nothing of it is in the memory that outlives a case. */
export class CaseNumber {
  #drafts;
  #input;
  #followers = [];
  /** The number that was cleared with the pages. */
  #cleared = '';

  /** Where the clerk writes it. */
  set input(input) {
    this.#input = input;
    input.addEventListener('change', () => this.#changed());
  }

  set drafts(drafts) {
    this.#drafts = drafts;
    drafts.addEventListener('here', async () => this.#put(await drafts.noted(NOTE) ?? this.value));
  }

  get value() {
    return this.#input.value.trim();
  }

  /** Tells the number to the service of a connection, now and after each change. */
  follow(gaopai) {
    this.#followers.push(gaopai);
    gaopai.addEventListener('open', () => this.#tell(gaopai));
  }

  /** A name as a clerk writes it, behind the number; `usual` where there is neither. */
  named(written, suffix, usual = '') {
    const name = written.trim();
    if (this.value === '' || name.includes('{')) return suffixed(name, suffix) || usual;
    return suffixed(name.replace(/[^/]*$/, (last) => `{case}-${last || '{seq}'}`), suffix);
  }

  /** The next case has another number. */
  clear() {
    this.#cleared = this.value;
    this.#put('');
    this.#changed();
  }

  /** The pages came back, and the number with them unless there is another one already. */
  restore() {
    if (this.value !== '' || this.#cleared === '') return;
    this.#put(this.#cleared);
    this.#changed();
  }

  #put(value) {
    this.#input.value = value;
  }

  #changed() {
    for (const gaopai of this.#followers) this.#tell(gaopai);
    this.#drafts?.note(NOTE, this.value || undefined);
  }

  #tell(gaopai) {
    if (gaopai.state === 'open' && this.#input) gaopai.call('SetPageInfo', { case: this.value }).catch(() => {});
  }
}
