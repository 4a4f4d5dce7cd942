/** The tab of fingers: take one, then compare another press with it. Pictures are shown only on demand. */
import { text } from '../../texts/i18n.js';
import { icon } from '../icons.js';
import { Notice, strip } from '../notice.js';
import { Readers } from './readers.js';
import { invitation, ReadingTab } from './reading-tab.js';

const DIFFER = 7003;

const WAIT = `
  <p class="live">
    <label><span data-i18n="presses"></span><select id="finger-presses"><option>1</option><option>2</option><option selected>3</option><option>5</option><option>8</option></select></label>
    <label><span data-i18n="waitSeconds"></span><input id="finger-wait" form="finger" type="number" min="0" max="600" step="1" value="10" required></label></p>`;

const PANEL = `
  <section class="desk" data-i18n-label="fingers">
    <section class="identity" data-i18n-label="fingerSheet">
      <header>
        <button id="finger-show" type="button" hidden></button>
        <button id="finger-forget" type="button" class="plain" data-i18n="forget" hidden></button>
      </header>
      <div id="finger-sheet" class="finger-sheet" hidden>
        <figure><div class="print"><img id="finger-taken" data-i18n-label="takenFinger" alt="" hidden></div><figcaption data-i18n="takenFinger"></figcaption></figure>
        <div id="finger-result" class="result">
          <meter id="finger-similarity" min="0" max="1" low="0.5" high="0.9" optimum="1" data-i18n-label="similarity" hidden></meter>
          <p id="finger-verdict"></p>
        </div>
        <figure><div id="finger-live-box" class="print"><img id="finger-live" data-i18n-label="liveFinger" alt="" hidden></div><figcaption data-i18n="liveFinger"></figcaption></figure>
      </div>
      ${invitation('finger', icon('finger', 'large-icon'))}
    </section>
    ${strip('finger-notice', WAIT, true)}
    <form id="finger" class="action camera">
      <fieldset id="finger-choice" class="grows" data-i18n-label="fingers">
        <div class="camera">
          <label class="grows"><span class="unseen" data-i18n="device"></span><select id="finger-device" disabled></select></label>
          <button id="finger-search" class="search" type="button" data-i18n-title="searchReaders">${icon('search')}</button>
        </div>
      </fieldset>
      <button id="finger-cancel" type="button" disabled data-i18n="cancel"></button>
      <button id="finger-match" type="button" disabled data-i18n="matchFinger"></button>
      <button id="finger-take" class="primary" disabled data-i18n="takeFinger"></button>
    </form>
  </section>`;

const element = (id) => document.getElementById(id);

export class FingerTab extends ReadingTab {
  #gaopai;
  #readers;
  /** `{picture, feature}` of readFinger, as long as it is to be compared with. */
  #taken = null;
  #progress = null;
  /** `{similarity, picture, matched}` of the last comparison. */
  #compared = null;

  constructor(gaopai) {
    element('panel-finger').innerHTML = PANEL;
    const readers = new Readers('finger', async (limits) => {
      const { fingerReaders } = await gaopai.call('GetFingerReaderInfo', {}, limits);
      return fingerReaders.map(({ devName }) => devName);
    });
    super('finger', gaopai, new Notice(element('finger-notice')), readers);
    this.#gaopai = gaopai;
    this.#readers = readers;
    element('finger').addEventListener('submit', (event) => {
      event.preventDefault();
      this.work((signal) => this.#take(signal));
    });
    element('finger-match').addEventListener('click', () => this.work((signal) => this.#match(signal), { keeping: true }));
    this.show();
  }

  get full() {
    return this.#taken !== null;
  }

  clear(keeping = false) {
    if (!keeping) this.#taken = null;
    this.#compared = null;
    this.#progress = null;
  }

  get patience() {
    return Number(element('finger-wait').value);
  }

  invitation(busy) {
    if (!busy) return [text('noFingerYet'), text('noFingerYetHint')];
    return [text('pressFinger'), this.#progress === null ? '' : text('pressAgain', this.#progress)];
  }

  render({ busy, ready, revealed }) {
    element('finger-take').disabled = !ready;
    element('finger-match').disabled = !ready || !this.full;
    element('finger-take').setAttribute('aria-busy', String(busy && !this.full));
    element('finger-match').setAttribute('aria-busy', String(busy && this.full));
    element('finger-choice').disabled = busy;
    element('finger-sheet').hidden = !this.full;
    element('finger-sheet').classList.toggle('is-waiting', busy);
    this.#renderPicture('finger-taken', revealed, this.#taken?.picture);
    this.#renderPicture('finger-live', revealed, this.#compared?.picture);
    this.#renderSimilarity(busy);
  }

  get #options() {
    return { timeout: this.patience * 1000, reader: this.#readers.number };
  }

  async #take(signal) {
    const onPress = (progress) => {
      this.#progress = progress;
      this.wait();
      if (progress.reason) this.say(progress.reason);
      this.show();
    };
    const taken = await this.#gaopai.readFinger({ ...this.#options, presses: Number(element('finger-presses').value), signal, onPress });
    if (!signal.aborted) this.#taken = taken;
    return () => text('fingerTaken');
  }

  async #match(signal) {
    const { feature } = this.#taken;
    try {
      this.#compared = { ...(await this.#gaopai.matchFinger({ ...this.#options, feature, signal })), matched: true };
      return () => text('fingerMatches');
    } catch (error) {
      if (error.code === DIFFER) this.#compared = { similarity: error.answer.similarity, matched: false };
      throw error;
    }
  }

  /** What is hidden is not in the page at all. */
  #renderPicture(id, revealed, blob) {
    const image = element(id);
    URL.revokeObjectURL(image.src);
    image.removeAttribute('src');
    if (revealed && blob) image.src = URL.createObjectURL(blob);
    image.hidden = !image.hasAttribute('src');
  }

  #renderSimilarity(busy) {
    const compared = this.#compared;
    const meter = element('finger-similarity');
    element('finger-result').dataset.matched = String(compared?.matched ?? '');
    meter.hidden = compared === null;
    meter.value = compared?.similarity ?? 0;
    element('finger-verdict').textContent = compared === null
      ? text(busy ? 'pressFinger' : 'notCompared')
      : text(compared.matched ? 'similarityMatch' : 'similarityDiffer', { similarity: compared.similarity });
  }
}
