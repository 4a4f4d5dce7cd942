/** The tab of cards: what a card says, shown only when somebody asks for it. */
import { text } from '../../texts/i18n.js';
import { icon } from '../icons.js';
import { inPlainWords, Notice, strip } from '../notice.js';
import { personalRow } from './personal.js';
import { Readers } from './readers.js';
import { invitation, ReadingTab } from './reading-tab.js';

/** The items of each kind of card in the order of the card; those that are empty are left out. */
const ITEMS = {
  resident: [
    'name', 'englishName', 'gender', 'folk', 'nationality', 'birth', 'address', 'latestAddress', 'id', 'passNumber',
    'issue', 'startDate', 'endDate',
  ],
  social: ['name', 'gender', 'folk', 'birth', 'birthPlace', 'id', 'cardNumber', 'region', 'startDate', 'endDate'],
  bank: ['number', 'expiry'],
};

const WAIT = `
  <p class="live">
    <label id="card-pin-field" hidden><span data-i18n="cardPin"></span><input id="card-pin" form="card" type="password" inputmode="numeric" pattern="[0-9]{4,12}" maxlength="12" autocomplete="off"></label>
    <label><span data-i18n="waitSeconds"></span><input id="card-wait" form="card" type="number" min="0" max="600" step="1" value="20" required></label>
  </p>`;

const PANEL = `
  <section class="desk" data-i18n-label="cards">
    <section class="identity" data-i18n-label="cardSheet">
      <header>
        <button id="card-show" type="button" hidden></button>
        <button id="card-forget" type="button" class="plain" data-i18n="forget" hidden></button>
      </header>
      <div id="card-sheet" class="card-sheet" hidden>
        <dl id="card-items"></dl>
        <figure id="card-portrait-box">
          <div class="portrait"><img id="card-portrait" data-i18n-label="portrait" alt="" hidden></div>
          <figcaption id="card-portrait-reason"></figcaption>
          <button id="card-compare" type="button" data-i18n="compareFace" hidden></button>
        </figure>
      </div>
      ${invitation('card', icon('reader', 'large-icon'))}
    </section>
    ${strip('card-notice', WAIT, true)}
    <form id="card" class="action camera">
      <fieldset id="card-choice" class="grows" data-i18n-label="cards">
        <div class="camera">
          <label class="grows"><span class="unseen" data-i18n="device"></span><select id="card-device" disabled></select></label>
          <button id="card-search" class="search" type="button" data-i18n-title="searchReaders">${icon('search')}</button>
          <label class="fits"><span class="unseen" data-i18n="cardKind"></span>
            <select id="card-kind">
              <option value="resident" data-i18n="cardKindResident"></option>
              <option value="social" data-i18n="cardKindSocial"></option>
              <option value="bank" data-i18n="cardKindBank"></option>
            </select>
          </label>
        </div>
      </fieldset>
      <button id="card-cancel" type="button" disabled data-i18n="cancel"></button>
      <button id="card-read" class="primary" disabled data-i18n="readCard"></button>
    </form>
  </section>`;

const element = (id) => document.getElementById(id);

export class CardTab extends ReadingTab {
  #gaopai;
  #readers;
  /** `{kind, says}`, as long as it is to be seen. */
  #card = null;

  /** `compareWith(portrait)` shows it beside the person. */
  constructor(gaopai, compareWith) {
    element('panel-card').innerHTML = PANEL;
    const readers = new Readers('card', async (limits) => {
      const { cardReaders } = await gaopai.call('GetCardReaderInfo', {}, limits);
      return cardReaders.map(({ devName }) => devName);
    }, 'anyReader');
    super('card', gaopai, new Notice(element('card-notice')), readers);
    this.#gaopai = gaopai;
    this.#readers = readers;
    element('card').addEventListener('submit', (event) => {
      event.preventDefault();
      const order = { pin: element('card-pin').value || undefined, timeout: this.patience * 1000 };
      this.work((signal) => this.#read({ ...order, reader: this.#readers.number, signal }));
    });
    element('card-compare').addEventListener('click', () => compareWith(this.#card.says.portrait));
    element('card-kind').addEventListener('change', () => this.show());
    this.show();
  }

  get full() {
    return this.#card !== null;
  }

  clear() {
    this.#card = null;
    element('card-pin').value = '';
  }

  get patience() {
    return Number(element('card-wait').value);
  }

  invitation(busy) {
    return busy ? [text('presentCard'), text('presentCardHint')] : [text('noCardYet'), text('noCardYetHint')];
  }

  render({ busy, ready, revealed }) {
    const button = element('card-read');
    button.disabled = !ready;
    button.setAttribute('aria-busy', String(busy));
    element('card-choice').disabled = busy;
    element('card-pin-field').hidden = element('card-kind').value !== 'social';
    element('card-sheet').hidden = !this.full;
    this.#renderItems(revealed);
    this.#renderPortrait(revealed);
  }

  async #read(options) {
    const chosen = element('card-kind').value;
    const says = await this.#gaopai.readCard(chosen, options);
    if (!options.signal.aborted) this.#card = { kind: chosen, says };
    return () => text('cardRead');
  }

  /** What is masked is not in the page at all. */
  #renderItems(revealed) {
    const { kind: shown, says } = this.#card ?? { kind: 'bank', says: {} };
    const present = ITEMS[shown].filter((item) => says[item]);
    const look = { revealed, failed: (error) => this.warn(error) };
    element('card-items').replaceChildren(...present.flatMap((item) => personalRow(text(`card_${item}`), says[item], look)));
  }

  #renderPortrait(revealed) {
    const says = this.#card?.says;
    const portrait = element('card-portrait');
    URL.revokeObjectURL(portrait.src);
    portrait.removeAttribute('src');
    element('card-portrait-box').hidden = this.#card?.kind !== 'resident';
    if (revealed && says?.portrait) portrait.src = URL.createObjectURL(says.portrait);
    portrait.hidden = !portrait.hasAttribute('src');
    element('card-compare').hidden = !says?.portrait;
    element('card-portrait-reason').textContent = inPlainWords(says?.imageReason ?? '', 'error_6008');
  }
}
