/** One calm line under what is worked on: what was done, or what went wrong. */
import { text } from './i18n.js';

const INFO_STAYS_MS = 6000;

class Notice {
  #box;
  #line;
  #dismiss;
  #timer = null;

  constructor(box) {
    this.#box = box;
    this.#line = box.querySelector('p');
    this.#dismiss = box.querySelector('button');
    this.#dismiss.addEventListener('click', () => this.hide());
  }

  get visible() {
    return this.#box.checkVisibility();
  }

  info(message) {
    this.#show(message, 'info');
    this.#timer = setTimeout(() => this.hide(), INFO_STAYS_MS);
  }

  /** Stays until it is dismissed or something else is said. */
  error({ code, message }) {
    this.#show(code === undefined ? message : text('error', { code, message }), 'error');
  }

  hide() {
    this.#show('', '');
  }

  #show(message, kind) {
    clearTimeout(this.#timer);
    this.#box.dataset.kind = kind;
    this.#dismiss.hidden = message === '';
    this.#line.textContent = message;
  }
}

export const camera = new Notice(document.getElementById('notice'));
export const scanner = new Notice(document.getElementById('scan-notice'));
export const card = new Notice(document.getElementById('card-notice'));
export const finger = new Notice(document.getElementById('finger-notice'));

const OTHERS = [scanner, card, finger];

/** That of a tab whose panel is made when it is first shown. */
export function late(box) {
  const notice = new Notice(box);
  OTHERS.push(notice);
  return notice;
}

/** That of the tab that is shown. */
export function shown() {
  return OTHERS.find((notice) => notice.visible) ?? camera;
}
