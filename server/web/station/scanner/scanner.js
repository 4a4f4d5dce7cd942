/** Which scanner, and how it is to scan. */
import { onLanguage, text, word } from '../../texts/i18n.js';

/** A search of the network takes the service up to half a minute, a scanner that warms up as long. */
const SEARCH_MS = 90_000;
const DRIVERS_CHOICE = -1;
const USUAL_RESOLUTION = '200';
const OWN_SIZE = 'User Defined';
/** A mode or a source that no driver has: colour where there is some; the feeder where it holds paper. */
const AUTOMATIC = 'auto';
const GLASS = 'Flatbed';

const element = (id) => document.getElementById(id);
/** The lists of GetScannerInfo, and the selects that show them. */
const SELECTS = {
  scanSources: 'scan-source',
  scanModes: 'scan-mode',
  scanResolutions: 'scan-resolution',
  scanPapers: 'scan-paper',
};

/** Fires `change` when something can or can no longer be scanned with, `offer` when another scanner is chosen, and `error`. */
export class ScannerPanel extends EventTarget {
  searching = false;

  #gaopai;
  #names = [];
  #offer = null;
  #device = element('scan-device');
  #search = element('scan-search');
  #ownSize = element('scan-size');
  #selects = Object.fromEntries(Object.entries(SELECTS).map(([list, id]) => [list, element(id)]));

  constructor(gaopai) {
    super();
    this.#gaopai = gaopai;
    this.#device.addEventListener('change', () => this.#attempt(() => this.#describe()));
    this.#search.addEventListener('click', () => this.refresh());
    this.#selects.scanPapers.addEventListener('change', () => this.#showSize());
    onLanguage(() => this.#name());
  }

  get hasDevices() {
    return this.#names.length > 0;
  }

  /** Whether it is known what the scanner can do. */
  get ready() {
    return this.#offer !== null;
  }

  /** Further parameters of Scan that the scanner follows. */
  get extras() {
    return this.#offer?.scanExtras ?? [];
  }

  /** The parameters of Scan. */
  get order() {
    const [paperWidth, paperHeight] = ['scan-width', 'scan-height'].map((id) => Number(element(id).value));
    return {
      devIndex: this.#device.selectedIndex,
      scanSource: numberOf(this.#selects.scanSources),
      scanMode: numberOf(this.#selects.scanModes),
      scanResolution: numberOf(this.#selects.scanResolutions),
      scanPaperSize: numberOf(this.#selects.scanPapers),
      ...(this.#ownSize.hidden ? {} : { paperWidth, paperHeight }),
    };
  }

  set disabled(disabled) {
    for (const set of [element('scan').querySelector('fieldset'), element('scan-passes')]) set.disabled = disabled;
  }

  /** Asks which scanners there are, and what the chosen one can do. Choices stay where they are still there. */
  async refresh() {
    await this.#attempt(async () => {
      this.#become({ searching: true });
      const { scannerName } = await this.#gaopai.call('GetScannerName', {}, { timeout: SEARCH_MS });
      const chosen = scannerName.indexOf(this.#names[this.#device.selectedIndex]);
      this.#names = scannerName;
      this.#device.replaceChildren(...scannerName.map((name) => new Option(word(name))));
      this.#device.selectedIndex = scannerName.length === 0 ? -1 : Math.max(0, chosen);
      await this.#describe();
    });
  }

  async #describe() {
    this.#become({ offer: null, searching: true });
    if (!this.hasDevices) return;
    const asked = { devIndex: this.#device.selectedIndex };
    const offer = await this.#gaopai.call('GetScannerInfo', asked, { timeout: SEARCH_MS });
    if (asked.devIndex === this.#device.selectedIndex) this.#become({ offer });
  }

  async #attempt(action) {
    try {
      await action();
    } catch (error) {
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    } finally {
      this.#become({ searching: false });
    }
  }

  #become({ searching = this.searching, offer = this.#offer }) {
    this.searching = searching;
    this.#search.setAttribute('aria-busy', String(searching));
    if (offer !== this.#offer) this.#show(offer);
    this.dispatchEvent(new Event('change'));
  }

  #show(offer) {
    this.#offer = offer;
    for (const [list, select] of Object.entries(this.#selects)) {
      fill(select, offer?.[list] ?? [], this.#automaticOf(list));
    }
    this.#name();
    this.#showSize();
    // While a scanner is asked again what was chosen stays.
    if (offer) this.dispatchEvent(new Event('offer'));
  }

  /** The text of a list's automatic choice, null where it has none. */
  #automaticOf(list) {
    if (list === 'scanModes' && this.extras.includes('scanMode')) return 'scanModeAuto';
    const sources = list === 'scanSources' && Array.isArray(this.#offer?.[list]) ? this.#offer[list] : [];
    return sources.includes(GLASS) && sources.length > 1 ? 'scanSourceAuto' : null;
  }

  /** Puts the drivers' words into the language of the page. */
  #name() {
    for (const select of Object.values(this.#selects)) {
      for (const option of select.options) {
        option.textContent = option.dataset.text ? text(option.dataset.text) : word(option.dataset.word);
      }
    }
    [...this.#device.options].forEach((option, at) => { option.textContent = word(this.#names[at]); });
    this.#device.disabled = !this.hasDevices;
  }

  #showSize() {
    this.#ownSize.hidden = this.#selects.scanPapers.selectedOptions[0]?.dataset.word !== OWN_SIZE;
  }
}

function fill(select, words, automatic) {
  // While a scanner is asked again its lists are empty.
  const before = select.selectedOptions[0]?.dataset.word ?? select.dataset.before ?? USUAL_RESOLUTION;
  select.dataset.before = before;
  select.replaceChildren(...(words === DRIVERS_CHOICE ? [ownOption(DRIVERS_CHOICE, 'driversChoice')] : words.map(optionOf)));
  if (automatic !== null) select.append(ownOption(AUTOMATIC, automatic));
  select.disabled = words === DRIVERS_CHOICE || words.length === 0;
  const again = [...select.options].findIndex((option) => option.dataset.word === before);
  if (again > 0) select.selectedIndex = again;
}

function optionOf(driversWord, index) {
  const option = new Option('', index);
  option.dataset.word = driversWord;
  return option;
}

/** One that is no word of a driver: it is named by a sentence of ours. */
function ownOption(value, key) {
  const option = new Option('', String(value));
  option.dataset.text = key;
  option.dataset.word = `our ${key}`;
  return option;
}

function numberOf(select) {
  return select.value === AUTOMATIC ? AUTOMATIC : Number(select.value);
}
