/** Profiles: everything about a scan under one name, those of the service and those that this browser keeps. */
import { onLanguage, text } from '../../texts/i18n.js';
import { keep, recall } from '../memory.js';

const MEMORY = 'profiles';

/** Those that there are, to be pressed. */
export const PROFILES = `
  <div id="scan-profiles" class="row profiles" role="group" data-i18n-label="profiles" hidden>
    <span class="profile-list"></span>
  </div>`;
/** Making another is rare: it stands in the sheet of options. */
export const PROFILE_SAVE = '<p class="wide"><button id="profile-save" type="button" data-i18n="profileSave"></button></p>';

/** Fires `scan` with `{profile, name}` when one is pressed. */
export class Profiles extends EventTarget {
  #box = document.getElementById('scan-profiles');
  #save = document.getElementById('profile-save');
  #served = [];
  #own = recall(MEMORY).own ?? {};
  #current;

  /** `current()` gives the parameters that are chosen now. */
  constructor(current) {
    super();
    this.#current = current;
    this.#save.addEventListener('click', () => this.#ask());
    onLanguage(() => this.#show());
    this.#show();
  }

  /** The names of the service's own. */
  set served(names) {
    this.#served = names;
    this.#show();
  }

  set disabled(disabled) {
    for (const button of [this.#save, ...this.#box.querySelectorAll('button')]) button.disabled = disabled;
  }

  #ask() {
    const name = window.prompt(text('profileName'))?.trim();
    if (!name) return;
    this.#keep({ ...this.#own, [name]: this.#current() });
  }

  #keep(own) {
    this.#own = own;
    keep(MEMORY, { own });
    this.#show();
  }

  #show() {
    const served = this.#served.map((name) => this.#press(name, name));
    const own = Object.entries(this.#own).map(([name, profile]) => [this.#press(name, profile), this.#drop(name)]);
    this.#box.querySelector('.profile-list').replaceChildren(...served, ...own.flat());
    this.#box.hidden = served.length + own.length === 0;
  }

  #press(name, profile) {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: name });
    button.addEventListener('click', () => this.dispatchEvent(new CustomEvent('scan', { detail: { profile, name } })));
    return button;
  }

  #drop(name) {
    const button = Object.assign(document.createElement('button'), { type: 'button', className: 'plain profile-drop', textContent: '×' });
    button.setAttribute('aria-label', text('profileDrop', { name }));
    button.addEventListener('click', () => {
      const { [name]: _, ...own } = this.#own;
      this.#keep(own);
    });
    return button;
  }
}
