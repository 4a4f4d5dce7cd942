/** What a scan can do beside source, mode, resolution and paper: in the sheet of options, as far as the scanner can. */
import { choices, switchOf } from '../pictures/options.js';

const CHOICES = {
  dropBlank: ['none', 'backs', 'all'],
  dropout: ['none', 'red', 'green', 'blue'],
  streams: ['asSet', 'bw', 'gray'],
};
/** Parameters that are on or left out, and what on means. */
const SWITCHES = { turnBacks: true, threshold: 'own', doubleFeed: 'ignore' };

export const SCAN_EXTRAS = `
  ${Object.entries(CHOICES).map(([name, values]) => choices(name, values)).join('')}
  <fieldset id="scan-switches">
    <legend data-i18n="scanSwitches"></legend>
    <div class="choices">${Object.keys(SWITCHES).map(switchOf).join('')}</div>
  </fieldset>`;

/** Nothing of it outlives the page: a double feed that passes unseen tomorrow is a page that is lost. Fires `change`. */
export class ScanExtras extends EventTarget {
  #panel;
  #offered = [];

  /** `panel` is the form that holds `SCAN_EXTRAS`. */
  constructor(panel) {
    super();
    this.#panel = panel;
    panel.addEventListener('change', ({ target }) => this.#has(target.name) && this.dispatchEvent(new Event('change')));
    this.offer([]);
  }

  /** Shows what a scanner can do, by the parameters of Scan; what it cannot do is no longer asked for. */
  offer(names) {
    this.#offered = names;
    for (const name of Object.keys(CHOICES)) this.#inputs(name)[0].closest('fieldset').hidden = !names.includes(name);
    for (const name of Object.keys(SWITCHES)) this.#inputs(name)[0].closest('label').hidden = !names.includes(name);
    this.#panel.querySelector('#scan-switches').hidden = !Object.keys(SWITCHES).some((name) => names.includes(name));
    this.dispatchEvent(new Event('change'));
  }

  /** The parameters of Scan that differ from what is usual. */
  get order() {
    const chosen = (name) => this.#inputs(name).find(({ checked }) => checked).value;
    const order = {};
    for (const [name, [usual]] of Object.entries(CHOICES)) {
      const value = chosen(name);
      if (this.#offered.includes(name) && value !== usual) order[name] = name === 'streams' ? ['asSet', value] : value;
    }
    for (const [name, on] of Object.entries(SWITCHES)) {
      if (this.#offered.includes(name) && this.#inputs(name)[0].checked) order[name] = on;
    }
    return order;
  }

  #has(name) {
    return name in CHOICES || name in SWITCHES;
  }

  #inputs(name) {
    return [...this.#panel.querySelectorAll(`input[name=${name}]`)];
  }
}
