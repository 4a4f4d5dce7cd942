/** Tabs: one panel shown at a time, remembered in the address. */

import { keep, recall } from './memory.js';

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Fires `change` with the name of the tab, which is what follows `#` in the address, as its detail. */
export class Tabs extends EventTarget {
  #tabs;

  constructor(list) {
    super();
    this.#tabs = [...list.querySelectorAll('[role=tab]')];
    list.addEventListener('click', ({ target }) => this.#choose(target.closest('[role=tab]')));
    list.addEventListener('keydown', (event) => this.#key(event));
    window.addEventListener('hashchange', () => this.follow());
  }

  /** Shows what the address names; where that is no tab, what this browser showed last. */
  follow() {
    const named = (name) => this.#tabs.find((tab) => tab.dataset.name === name);
    this.#show(named(location.hash.slice(1)) ?? named(recall('tab').name) ?? this.#shown);
  }

  /** Shows the tab of that name. */
  choose(name) {
    this.#choose(this.#tabs.find((tab) => tab.dataset.name === name));
  }

  get #shown() {
    return this.#tabs.find((tab) => tab.getAttribute('aria-selected') === 'true');
  }

  #choose(tab) {
    if (!tab) return;
    // Not a new entry: the way back leads out of the page, not through its tabs.
    keep('tab', { name: tab.dataset.name });
    history.replaceState(null, '', `#${tab.dataset.name}`);
    this.#show(tab);
  }

  #key(event) {
    const last = this.#tabs.length - 1;
    const at = this.#tabs.indexOf(this.#shown);
    const step = STEPS[event.key];
    const to = { Home: 0, End: last }[event.key] ?? (step && (at + step + last + 1) % (last + 1));
    if (to === undefined) return;
    event.preventDefault();
    this.#choose(this.#tabs[to]);
    this.#tabs[to].focus();
  }

  #show(shown) {
    for (const tab of this.#tabs) {
      tab.setAttribute('aria-selected', String(tab === shown));
      tab.tabIndex = tab === shown ? 0 : -1;
      document.getElementById(tab.getAttribute('aria-controls')).hidden = tab !== shown;
    }
    this.dispatchEvent(new CustomEvent('change', { detail: shown.dataset.name }));
  }
}
