/** The ticked pages as one document. */
import { text } from './i18n.js';

/** Reading the words of two hundred pages takes minutes. */
const PATIENCE_MS = 1_800_000;

const element = (id) => document.getElementById(id);

/** Calls MergeFile; `result` is the newest document's path. */
export class MergeForm {
  result = null;

  #gaopai;
  #tray;

  constructor(gaopai, tray) {
    this.#gaopai = gaopai;
    this.#tray = tray;
  }

  get possible() {
    return this.#tray.chosen.length > 0;
  }

  /** What was done, in a sentence. */
  async merge() {
    const order = {
      imagePath: this.#tray.chosen,
      fileType: Number(element('merge-kind').value),
      filePath: element('merge-name').value.trim(),
      splitByBarCode: Number(element('merge-split').value),
    };
    const merged = await this.#gaopai.call('MergeFile', order, { timeout: PATIENCE_MS });
    this.result = merged.filePath;
    return (merged.files ?? [merged]).map((file) => this.#told(file)).join(' ');
  }

  #told({ filePath, pageCount, blankPages }) {
    const done = text('merged', { path: filePath, count: pageCount });
    return blankPages.length === 0 ? done : `${done} ${text('mergedBlank', { pages: blankPages.join(', ') })}`;
  }
}
