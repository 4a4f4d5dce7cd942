/** The page that was taken or chosen last, large, with what one does most to it and to all that are chosen with it. */
import { onLanguage, text } from '../../texts/i18n.js';
import { icon } from '../icons.js';
import { IMAGE_TYPES } from '../pictures/options.js';
import { drawSmall, fitted } from '../pictures/thumbnail.js';
import { Toolbar } from '../toolbar.js';
import { faults, inWords } from '../pictures/verdict.js';
import { sizeOf } from '../pictures/viewer.js';

const tool = (id, picture, key) => `<button id="shown-${id}" type="button" class="tool" data-i18n-title="${key}">${icon(picture)}</button>`;

/** What is told of the page, under it and the tray. */
export const TOLD = `
  <p id="shown-words" class="told" hidden><span id="shown-told"></span></p>`;

export const SHOWN = `
  <div id="shown" class="shown" role="group" data-i18n-label="lastPicture" hidden>
    <button id="shown-open" type="button" class="shown-picture" data-i18n-title="enlargePage"><canvas id="shown-image" role="img" hidden></canvas><svg id="shown-unsure" class="unsure" aria-hidden="true" hidden><polygon/></svg></button>
    <p id="shown-doubt" class="doubt" hidden><span data-i18n="unsure"></span> <button id="shown-crop" type="button" data-i18n="cropHere"></button></p>
    <p id="shown-retaken" class="doubt" role="status" hidden><span></span> <button id="shown-unretake" type="button" data-i18n="cancel"></button></p>
    <div id="shown-tools" class="tools" role="toolbar" data-i18n-label="pageTools">
      ${tool('left', 'left', 'turnPageLeft')}
      ${tool('right', 'right', 'turnPageRight')}
      ${tool('recrop', 'recrop', 'recrop')}
      ${tool('retake', 'retake', 'retake')}
      ${tool('remove', 'remove', 'removePage')}
      <i class="break"></i>
      ${tool('earlier', 'earlier', 'movePageEarlier')}
      ${tool('later', 'later', 'movePageLater')}
      <select id="shown-filter" data-i18n-label="imageType">
        ${IMAGE_TYPES.map((type) => `<option value="${type}" data-i18n="imageType${type}"></option>`).join('')}
      </select>
      <button id="save-button" type="button" class="tool" data-i18n-title="saveFile">${icon('save')}</button>
    </div>
  </div>
  <div id="shown-empty" class="empty"><span class="sheet-outline"></span><p class="quiet" data-i18n="noSheetsHint"></p></div>`;

const element = (id) => document.getElementById(id);

/** Fires `change` with what is to become of the pages that are chosen, `move` with a step, `open`, `recrop` and `save` with the page. */
export class Shown extends EventTarget {
  #pages;
  #page = null;
  /** The picture that was begun last, and how wide. */
  #drawn = {};

  constructor(pages) {
    super();
    this.#pages = pages;
    for (const name of ['select', 'change', 'retake']) pages.addEventListener(name, () => this.#show());
    const changes = { left: { turn: 270 }, right: { turn: 90 } };
    for (const [name, detail] of Object.entries(changes)) {
      element(`shown-${name}`).addEventListener('click', () => this.#tell('change', detail));
    }
    const moves = { earlier: -1, later: 1 };
    for (const [name, step] of Object.entries(moves)) {
      element(`shown-${name}`).addEventListener('click', () => this.#tell('move', step));
    }
    element('shown-filter').addEventListener('change', ({ target }) => this.#tell('change', { imageType: Number(target.value) }));
    element('shown-open').addEventListener('click', () => this.#tell('open', this.#page));
    element('shown-recrop').addEventListener('click', () => {
      if (this.#pages.chosen.length > 1) this.#tell('change', { search: true });
      else this.#tell('recrop', this.#page);
    });
    element('shown-retake').addEventListener('click', () => pages.retake(pages.retaken === this.#page ? null : this.#page.id));
    element('shown-unretake').addEventListener('click', () => pages.retake(null));
    new Toolbar(element('shown-tools'));
    element('shown-crop').addEventListener('click', () => this.#tell('change', { corners: this.#page.unsure }));
    element('shown-remove').addEventListener('click', () => this.#pages.remove(this.#pages.chosen.map(({ id }) => id)));
    element('save-button').addEventListener('click', () => this.#tell('save', this.#page));
    new ResizeObserver(() => this.#draw()).observe(element('shown-open'));
    onLanguage(() => this.#describe());
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #show() {
    const before = this.#page?.blob ?? null;
    this.#page = this.#pages.selected;
    const blob = this.#page?.blob ?? null;
    for (const id of ['shown', 'shown-words']) element(id).hidden = blob === null;
    element('shown-empty').hidden = this.#page !== null;
    this.#describe();
    if (blob === before) return;
    element('shown-image').hidden = true;
    this.#drawn = {};
    this.#draw();
  }

  /** Once for each size of the panel that is larger than those before. */
  #draw() {
    const { blob } = this.#page ?? {};
    const box = element('shown-open').getBoundingClientRect();
    if (!blob || !box.width || !box.height) return undefined;
    const { width } = fitted(this.#page, box);
    if (this.#drawn.blob === blob && this.#drawn.width >= width) return undefined;
    const drawn = { blob, width };
    this.#drawn = drawn;
    return drawSmall(element('shown-image'), this.#page, box, () => this.#drawn === drawn);
  }

  #describe() {
    if (!this.#page?.blob) return;
    const number = this.#pages.number(this.#page.id);
    const { width, height, blob, verdict, edit, unsure } = this.#page;
    const { retaken } = this.#pages;
    element('shown-unsure').toggleAttribute('hidden', !unsure);
    element('shown-doubt').hidden = !unsure || retaken !== null;
    element('shown-retaken').hidden = retaken === null;
    element('shown-retaken').firstElementChild.textContent = retaken ? text('retaking', { number: this.#pages.number(retaken.id) }) : '';
    element('shown-retake').setAttribute('aria-pressed', String(retaken !== null && retaken === this.#page));
    element('shown-unsure').setAttribute('viewBox', `0 0 ${width} ${height}`);
    element('shown-unsure').firstElementChild.setAttribute('points', (unsure ?? []).map(([x, y]) => `${x + 0.5},${y + 0.5}`).join(' '));
    const told = element('shown-told');
    const { length } = this.#pages.chosen;
    told.textContent = [length > 1 ? text('chosen', { count: length }) : '', text('pictureTitle', { number, width, height, size: sizeOf(blob) }), inWords(verdict)].filter(Boolean).join(' · ');
    told.dataset.doubt = String(faults(verdict).length > 0);
    element('shown-image').setAttribute('aria-label', text('pictureAlt', { number }));
    element('shown-filter').value = String(edit.imageType ?? 0);
    const { chosen, size } = this.#pages;
    element('shown-earlier').disabled = this.#pages.place(chosen[0].id) === 0;
    element('shown-later').disabled = this.#pages.place(chosen[0].id) === size - chosen.length;
  }
}
