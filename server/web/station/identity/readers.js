/** Which reader or sensor is to be used; the list follows what is plugged in. */
import { onLanguage, text, word } from '../../texts/i18n.js';

const SEARCH_MS = 30_000;

/** Fires `change` when there is something to read with or no longer, and `error`. */
export class Readers extends EventTarget {
  searching = false;

  #select;
  #search;
  #list;
  #any;
  #names = [];

  /** `list` resolves with the names; `any` is the key of a text that leaves the choice to the service, or null. */
  constructor(name, list, any = null) {
    super();
    this.#select = document.getElementById(`${name}-device`);
    this.#search = document.getElementById(`${name}-search`);
    this.#list = list;
    this.#any = any;
    this.#search.addEventListener('click', () => this.refresh());
    onLanguage(() => this.#show());
  }

  get present() {
    return this.#names.length > 0;
  }

  /** The chosen one's number; undefined for any. */
  get number() {
    const { value } = this.#select;
    return value === '' ? undefined : Number(value);
  }

  set disabled(disabled) {
    this.#select.disabled = disabled || !this.present;
    this.#search.disabled = disabled;
  }

  /** A choice stays where it is still there. */
  async refresh() {
    this.#become(true);
    try {
      const chosen = this.#select.selectedOptions[0]?.dataset.word;
      this.#names = await this.#list({ timeout: SEARCH_MS });
      this.#fill(chosen);
    } catch (error) {
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    } finally {
      this.#become(false);
    }
  }

  #become(searching) {
    this.searching = searching;
    this.#search.setAttribute('aria-busy', String(searching));
    this.dispatchEvent(new Event('change'));
  }

  #fill(chosen) {
    const options = this.#names.map((name, number) => optionOf(name, number));
    if (this.#any !== null && options.length > 1) options.unshift(optionOf('', ''));
    this.#select.replaceChildren(...options);
    const again = options.findIndex((option) => option.dataset.word === chosen);
    if (again > 0) this.#select.selectedIndex = again;
    this.#show();
  }

  #show() {
    for (const option of this.#select.options) {
      option.textContent = option.value === '' ? text(this.#any) : word(option.dataset.word);
    }
  }
}

function optionOf(name, value) {
  const option = new Option('', value);
  option.dataset.word = name;
  return option;
}
