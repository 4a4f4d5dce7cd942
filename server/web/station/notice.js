/** One calm line under what is worked on: what was done, or what went wrong. */
import { icon } from './icons.js';
import { isText, onLanguage, text } from '../texts/i18n.js';

const INFO_STAYS_MS = 6000;

/** Markup of one; `name` is its element's id. */
export function strip(name, beside = '', held = false) {
  return `
    <div class="strip${held ? ' held' : ''}">
      <div id="${name}" class="notice" role="status" aria-live="polite">
        <p></p>
        <button type="button" class="plain" data-i18n-label="dismiss" hidden>${icon('close')}</button>
      </div>
      ${beside}
    </div>`;
}

export class Notice {
  #box;
  #line;
  #dismiss;
  #timer = null;
  #say = () => '';

  /** `box` is the element of a strip. */
  constructor(box) {
    this.#box = box;
    this.#line = box.querySelector('p');
    this.#dismiss = box.querySelector('button');
    this.#dismiss.addEventListener('click', () => this.hide());
    onLanguage(() => this.#put());
    notices.push(this);
  }

  get visible() {
    return this.#box.checkVisibility();
  }

  /** `say()` gives the sentence in the language of the page, also after another one was chosen. */
  info(say) {
    this.#show(say, 'info');
    this.#timer = setTimeout(() => this.hide(), INFO_STAYS_MS);
  }

  /** What is to be done next: it stays until something else is said. */
  ask(say) {
    this.#show(say, 'info');
  }

  /** Stays until it is dismissed or something else is said. */
  warn(say) {
    this.#show(say, 'error');
  }

  /** The same of an error: the service's own words stay in the language in which they were said. */
  error(error) {
    this.warn(() => errorInWords(error));
  }

  hide() {
    this.#show(() => '', '');
  }

  #show(say, kind) {
    clearTimeout(this.#timer);
    this.#say = say;
    this.#box.dataset.kind = kind;
    this.#put();
  }

  #put() {
    const sentence = this.#say();
    this.#dismiss.hidden = sentence === '';
    this.#line.textContent = sentence;
  }
}

const notices = [];

/** Names of functions, parameters and keys, commands and sections of the configuration: what no clerk can do anything about. */
const PROTOCOL = /[a-z]{2}[A-Z]|\b(?:gaopai|sudo|systemctl|JSON|handle|func)\b|\[\w+\]|\w_\w|--\w/;

/** What a clerk is told of an error. */
export function errorInWords({ code, message, say }) {
  if (say) return say();
  // A number, and the words of the protocol, are for support; who does not ask for them reads the sentence alone.
  if (code !== undefined && document.body.classList.contains('is-developer')) return text('error', { code, message });
  return isText(`error_${code}`) ? text(`error_${code}`) : inPlainWords(message, 'error_other');
}

/** What the service says, unless it speaks of the protocol: then the sentence of `key`. */
export function inPlainWords(message, key) {
  return PROTOCOL.test(message) ? text(key) : message;
}

/** That of the tab that is shown. */
export function shown() {
  return notices.find((notice) => notice.visible);
}
