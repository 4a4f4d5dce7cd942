/** The connection as the header shows it, and why there is none. */
import { connect, diagnose } from '../client/gaopai.js';
import { currentLanguage, onLanguage, text } from '../texts/i18n.js';

const element = (id) => document.getElementById(id);
const pill = element('connection');

/** A connection to the service that the page came from. */
export function dial(options = {}) {
  // After # because that part of an address is sent to nobody and logged by nobody.
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined;
  const gaopai = connect(location.origin.replace(/^http/, 'ws'), {
    language: currentLanguage(), token, title: `${text('title')} · ${text('subtitle')}`, ...options,
  });
  onLanguage(() => { gaopai.language = currentLanguage(); });
  return gaopai;
}

/** Fires `change` when the connection is there, is lost, or it is known why. */
export class ConnectionPill extends EventTarget {
  /** What `diagnose` found; null while connected or unknown. */
  diagnosis = null;

  #gaopai;
  #retryAt = 0;

  constructor(gaopai) {
    super();
    this.#gaopai = gaopai;
    gaopai.addEventListener('open', () => this.#know(null));
    gaopai.addEventListener('stale', () => this.#show());
    gaopai.addEventListener('close', ({ detail }) => {
      this.#retryAt = Date.now() + detail.retryIn;
      this.#explain();
    });
    onLanguage(() => {
      this.#show();
      if (this.diagnosis) this.#explain();
    });
    element('connection-now').addEventListener('click', () => gaopai.retry());
    setInterval(() => this.#show(), 1000);
  }

  async #explain() {
    const diagnosis = await diagnose(this.#gaopai.url, { language: currentLanguage() });
    this.#know(this.#gaopai.state === 'open' ? null : diagnosis);
  }

  #know(diagnosis) {
    this.diagnosis = diagnosis;
    this.#show();
    this.dispatchEvent(new Event('change'));
  }

  /** Seconds count down beside the state, not in it: what changes each second is read aloud to nobody. */
  #show() {
    const { state, stale } = this.#gaopai;
    const seconds = Math.max(1, Math.round((this.#retryAt - Date.now()) / 1000));
    const sentence = { open: stale ? 'silent' : 'connected', connecting: 'connecting' }[state] ?? 'disconnected';
    pill.dataset.state = stale ? 'stale' : state;
    const said = element('connection-text');
    if (said.textContent !== text(sentence)) said.textContent = text(sentence);
    element('connection-now').hidden = sentence !== 'disconnected';
    element('connection-retry').textContent = sentence === 'disconnected' ? text('retryIn', { seconds }) : '';
  }
}
