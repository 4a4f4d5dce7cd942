/** The tab of fingers: take one, then compare another press with it. Pictures are shown only on demand. */
import { text } from './i18n.js';
import { finger as notice } from './notice.js';
import { Readers } from './readers.js';
import { ReadingTab } from './reading-tab.js';

const DIFFER = 7003;

const element = (id) => document.getElementById(id);
const presses = element('finger-presses');

export class FingerTab extends ReadingTab {
  #gaopai;
  #readers;
  /** `{picture, feature}` of readFinger, as long as it is to be compared with. */
  #taken = null;
  #progress = null;
  /** `{similarity, picture, matched}` of the last comparison. */
  #compared = null;

  constructor(gaopai) {
    const readers = new Readers('finger', async (limits) => {
      const { fingerReaders } = await gaopai.call('GetFingerReaderInfo', {}, limits);
      return fingerReaders.map(({ devName }) => devName);
    });
    super('finger', gaopai, notice, readers);
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
    this.#renderPicture('finger-taken', revealed, this.#taken?.picture);
    this.#renderPicture('finger-live', revealed, this.#compared?.picture);
    this.#renderSimilarity(busy);
  }

  get #options() {
    return { timeout: Number(element('finger-wait').value) * 1000, reader: this.#readers.number };
  }

  async #take(signal) {
    const onPress = (progress) => {
      this.#progress = progress;
      if (progress.reason) notice.info(progress.reason);
      this.show();
    };
    const taken = await this.#gaopai.readFinger({ ...this.#options, presses: Number(presses.value), signal, onPress });
    if (!signal.aborted) this.#taken = taken;
    return text('fingerTaken');
  }

  async #match(signal) {
    const { feature } = this.#taken;
    try {
      this.#compared = { ...(await this.#gaopai.matchFinger({ ...this.#options, feature, signal })), matched: true };
      return text('fingerMatches');
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
