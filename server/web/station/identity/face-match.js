/** Who a person is: a chosen picture compared with the one before the camera. Nothing is kept. */
import { onLanguage, text } from '../../texts/i18n.js';

const DIFFER = 8006;
const element = (id) => document.getElementById(id);

export class FaceMatch {
  /** The open face camera's number, or null. */
  #camera = null;
  #gaopai;
  #notice;
  #given = null;
  /** `{ similarity, matched, picture }` of the last comparison. */
  #compared = null;
  #action = null;
  #abort = null;

  constructor(gaopai, notice) {
    this.#gaopai = gaopai;
    this.#notice = notice;
    element('face-file').addEventListener('change', ({ target }) => this.#choose(target.files[0] ?? null));
    element('face-match').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#compare();
    });
    onLanguage(() => this.#show());
  }

  set camera(number) {
    this.#camera = number;
    this.#show();
  }

  cancel() {
    this.#abort?.abort();
  }

  /** Takes the picture to compare with. */
  give(picture) {
    element('face-file').value = '';
    this.#choose(picture);
  }

  forget() {
    this.cancel();
    element('face-file').value = '';
    this.#choose(null);
  }

  #choose(file) {
    this.#given = file;
    this.#compared = null;
    this.#show();
  }

  async #compare() {
    const abort = this.#abort = new AbortController();
    this.#compared = null;
    this.#notice.hide();
    this.#show();
    try {
      const options = { picture: this.#given, camera: this.#camera, signal: abort.signal };
      const { similarity, picture, notice } = await this.#gaopai.matchFace({ ...options, onAction: (action) => this.#ask(action) });
      this.#compared = { similarity, picture, matched: true };
      if (notice) this.#notice.info(() => notice);
    } catch (error) {
      if (!abort.signal.aborted) this.#failed(error);
    } finally {
      this.#abort = null;
      this.#action = null;
      this.#show();
    }
  }

  #failed(error) {
    const similarity = error.answer?.similarity;
    if (error.code === DIFFER) this.#compared = { similarity, picture: null, matched: false };
    else this.#notice.error(error);
  }

  #ask(action) {
    this.#action = action;
    this.#show();
  }

  #show() {
    const busy = this.#abort !== null;
    element('face-compare').disabled = busy || this.#given === null || this.#camera === null;
    element('face-compare').setAttribute('aria-busy', String(busy));
    element('face-file').disabled = busy;
    picture('face-given', this.#given);
    picture('face-live', this.#compared?.picture);
    this.#showResult(busy);
  }

  #showResult(busy) {
    const compared = this.#compared;
    const meter = element('face-similarity');
    element('face-result').dataset.matched = String(compared?.matched ?? '');
    meter.hidden = compared === null;
    meter.value = compared?.similarity ?? 0;
    element('face-verdict').textContent = compared === null
      ? text(busy ? this.#wanted : 'notMatched')
      : text(compared.matched ? 'similarityMatch' : 'similarityDiffer', { similarity: compared.similarity });
  }

  get #wanted() {
    return this.#action === null ? 'lookHere' : `${this.#action}Now`;
  }
}

function picture(id, blob) {
  const image = element(id);
  if (image.blob === (blob ?? null)) return;
  URL.revokeObjectURL(image.src);
  image.removeAttribute('src');
  image.blob = blob ?? null;
  if (blob) image.src = URL.createObjectURL(blob);
  image.hidden = !blob;
}
