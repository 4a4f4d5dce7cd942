/** The documents in sight: their fields while they lie there, and a form that takes them over with one key. */
import { documentSheet, isDoubtful } from '../identity/document-sheet.js';
import { onLanguage, text } from '../../texts/i18n.js';

const SWITCH = `<label><span data-i18n="sightSwitch"></span>
  <input id="sight-switch" type="checkbox" role="switch" autocomplete="off" disabled></label>`;
const KEY = 'F2';
/** What each field of the form takes: the first of these that a document has, several in a row beside each other. */
const FORM = {
  name: [['name'], ['surname', 'givenNames'], ['seller']],
  number: [['id'], ['number'], ['code']],
  birth: [['birth']],
  address: [['address']],
  endDate: [['endDate'], ['expiry']],
};
const WAITING = { moving: 'sightMoving', reading: 'sightReading', read: 'sightNone' };

export const SIGHT_PANEL = `
  <aside id="sight" class="sight" data-i18n-label="sight" hidden>
    <p id="sight-state" role="status"></p>
    <button id="sight-show" type="button" class="plain" hidden></button>
    <div id="sight-documents"></div>
    <form id="sight-form" data-i18n-label="sightForm" autocomplete="off">
      ${Object.keys(FORM).map((name) => `<label><span data-i18n="field_${name}"></span><input name="${name}" autocomplete="off" spellcheck="false"></label>`).join('')}
      <p class="row"><button id="sight-fill"><span data-i18n="sightFill"></span> <span data-i18n-keys="sightFillKey"></span></button>
        <button type="reset" class="plain" data-i18n="clear"></button></p>
      <p id="sight-filled" role="status"></p>
    </form>
  </aside>`;

const element = (id) => document.getElementById(id);

/** Fires `error`. */
export class Sight extends EventTarget {
  #gaopai;
  #camera = null;
  #state = '';
  #documents = [];
  #filled = 0;
  /** Whether somebody asked to see what was read; until the desk is empty. */
  #revealed = false;

  /** `line` gets the switch. */
  constructor(line, gaopai) {
    super();
    line.insertAdjacentHTML('beforeend', SWITCH);
    this.#gaopai = gaopai;
    element('sight-switch').addEventListener('change', ({ target }) => this.#turn(target.checked));
    gaopai.addEventListener('documents', ({ detail }) => detail.devNum === this.#camera && this.#hear(detail));
    element('sight-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#fill();
    });
    element('sight-form').addEventListener('reset', () => this.#forget());
    element('sight-show').addEventListener('click', () => this.#reveal(!this.#revealed));
    document.addEventListener('visibilitychange', () => document.hidden && this.#reveal(false));
    document.addEventListener('keydown', (event) => {
      if (event.key !== KEY || element('sight').hidden || element('panel-camera').hidden) return;
      event.preventDefault();
      this.#fill();
    });
    onLanguage(() => this.#show());
  }

  /** Documents that were read and still lie there. */
  get found() {
    return this.#documents.length;
  }

  /** Number of the open camera, or null: then nothing is read. */
  set camera(number) {
    if (number === this.#camera) return;
    this.#camera = number;
    this.#end();
    element('sight-switch').disabled = number === null;
  }

  async #turn(enable) {
    if (!enable) this.#end();
    try {
      await this.#gaopai.call('SetCameraDocumentReading', { devNum: this.#camera, enable });
      if (enable && element('sight-switch').checked) this.#hear({ state: 'moving', documents: [] });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {any} push */
  #hear({ state, documents, result, errorMsg }) {
    if (!element('sight-switch').checked) return;
    if (state === 'ended') {
      this.#fail({ code: result, message: errorMsg });
      return;
    }
    this.#state = state;
    this.#documents = documents;
    this.#revealed &&= state !== 'read' || documents.length > 0;
    this.#show();
  }

  #reveal(revealed) {
    this.#revealed = revealed;
    this.#show();
  }

  #fail(error) {
    this.#end();
    this.dispatchEvent(new CustomEvent('error', { detail: error }));
  }

  /** Nothing that was read stays in the page. */
  #end() {
    element('sight-switch').checked = false;
    this.#state = '';
    this.#documents = [];
    this.#revealed = false;
    element('sight-form').reset();
    this.#show();
  }

  #forget() {
    this.#filled = 0;
    for (const input of element('sight-form').querySelectorAll('input')) doubt(input, false);
    this.#show();
  }

  #fill() {
    if (this.#documents.length === 0) return;
    this.#filled = 0;
    for (const [name, choices] of Object.entries(FORM)) {
      const taken = this.#documents.map((one) => taking(one, choices)).find(Boolean);
      if (taken === undefined) continue;
      const input = element('sight-form').elements[name];
      input.value = taken.content;
      doubt(input, taken.doubtful);
      this.#filled += 1;
    }
    this.#show();
  }

  #show() {
    element('sight').hidden = this.#state === '';
    element('sight-state').textContent = this.#state && this.#documents.length === 0 ? text(WAITING[this.#state]) : '';
    const failed = (error) => this.dispatchEvent(new CustomEvent('error', { detail: error }));
    element('sight-documents').replaceChildren(...this.#documents.map((one) => documentSheet(one, { revealed: this.#revealed, failed })));
    element('sight-show').hidden = this.#documents.length === 0;
    element('sight-show').textContent = text(this.#revealed ? 'hidePersonal' : 'showPersonal');
    element('sight-fill').disabled = this.#documents.length === 0;
    element('sight-filled').textContent = this.#filled ? text('sightFilled', { count: this.#filled }) : '';
  }
}

/** The first choice of fields that a document has, as one text. */
function taking(one, choices) {
  const fields = choices.find(([first]) => one.fields[first]);
  if (fields === undefined) return undefined;
  const content = fields.map((name) => one.fields[name]).filter(Boolean).join(' ');
  return { content, doubtful: fields.some((name) => isDoubtful(one, name)) };
}

function doubt(input, doubtful) {
  input.dataset.doubt = String(doubtful);
  input.title = doubtful ? text('sightDoubt') : '';
}
