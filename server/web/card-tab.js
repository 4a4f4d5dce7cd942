/** The tab of cards: what a card says, shown only when somebody asks for it. */
import { text } from './i18n.js';
import { card as notice } from './notice.js';
import { Readers } from './readers.js';
import { ReadingTab } from './reading-tab.js';

const MASK = '••••••';
/** The items of each kind of card in the order of the card; those that are empty are left out. */
const ITEMS = {
  resident: [
    'name', 'englishName', 'gender', 'folk', 'nationality', 'birth', 'address', 'latestAddress', 'id', 'passNumber',
    'issue', 'startDate', 'endDate',
  ],
  social: ['name', 'gender', 'folk', 'birth', 'birthPlace', 'id', 'cardNumber', 'region', 'startDate', 'endDate'],
  bank: ['number', 'expiry'],
};

const element = (id) => document.getElementById(id);
const kind = element('card-kind');
const pin = element('card-pin');
const portrait = element('card-portrait');

export class CardTab extends ReadingTab {
  #gaopai;
  #readers;
  /** `{kind, says}`, as long as it is to be seen. */
  #card = null;

  constructor(gaopai) {
    const readers = new Readers('card', async (limits) => {
      const { cardReaders } = await gaopai.call('GetCardReaderInfo', {}, limits);
      return cardReaders.map(({ devName }) => devName);
    }, 'anyReader');
    super('card', gaopai, notice, readers);
    this.#gaopai = gaopai;
    this.#readers = readers;
    element('card').addEventListener('submit', (event) => {
      event.preventDefault();
      const order = { pin: pin.value || undefined, timeout: Number(element('card-wait').value) * 1000 };
      this.work((signal) => this.#read({ ...order, reader: this.#readers.number, signal }));
    });
    kind.addEventListener('change', () => this.show());
    this.show();
  }

  get full() {
    return this.#card !== null;
  }

  clear() {
    this.#card = null;
    pin.value = '';
  }

  invitation(busy) {
    return busy ? [text('presentCard'), text('presentCardHint')] : [text('noCardYet'), text('noCardYetHint')];
  }

  render({ busy, ready, revealed }) {
    const button = element('card-read');
    button.disabled = !ready;
    button.setAttribute('aria-busy', String(busy));
    element('card-choice').disabled = busy;
    element('card-pin-field').hidden = kind.value !== 'social';
    element('card-sheet').hidden = !this.full;
    this.#renderItems(revealed);
    this.#renderPortrait(revealed);
  }

  async #read(options) {
    const chosen = kind.value;
    const says = await this.#gaopai.readCard(chosen, options);
    if (!options.signal.aborted) this.#card = { kind: chosen, says };
    return text('cardRead');
  }

  /** What is masked is not in the page at all. */
  #renderItems(revealed) {
    const { kind: shown, says } = this.#card ?? { kind: 'bank', says: {} };
    const present = ITEMS[shown].filter((item) => says[item]);
    const parts = present.flatMap((item) => [term(text(`card_${item}`)), value(revealed ? says[item] : MASK, revealed)]);
    element('card-items').replaceChildren(...parts);
  }

  #renderPortrait(revealed) {
    const says = this.#card?.says;
    URL.revokeObjectURL(portrait.src);
    portrait.removeAttribute('src');
    element('card-portrait-box').hidden = this.#card?.kind !== 'resident';
    if (revealed && says?.portrait) portrait.src = URL.createObjectURL(says.portrait);
    portrait.hidden = !portrait.hasAttribute('src');
    element('card-portrait-reason').textContent = says?.imageReason ?? '';
  }
}

function term(name) {
  return Object.assign(document.createElement('dt'), { textContent: name });
}

function value(content, revealed) {
  return Object.assign(document.createElement('dd'), { textContent: content, className: revealed ? '' : 'masked' });
}
