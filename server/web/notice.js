/** One calm line under the picture: what was done, or what went wrong. */
import { text } from './i18n.js';

const INFO_STAYS_MS = 6000;

const box = document.getElementById('notice');
const line = document.getElementById('notice-text');
const dismiss = document.getElementById('notice-close');
let timer = null;

dismiss.addEventListener('click', hide);

export function info(message) {
  show(message, 'info');
  timer = setTimeout(hide, INFO_STAYS_MS);
}

/** Stays until it is dismissed or something else is said. */
export function error({ code, message }) {
  show(code === undefined ? message : text('error', { code, message }), 'error');
}

export function hide() {
  show('', '');
}

function show(message, kind) {
  clearTimeout(timer);
  box.dataset.kind = kind;
  dismiss.hidden = message === '';
  line.textContent = message;
}
