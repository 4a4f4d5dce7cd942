/** Every option of SetCameraImageInfo and SetScannerImageInfo, sent the moment it is chosen. */
import { icon } from '../icons.js';
import { onLanguage, text } from '../../texts/i18n.js';
import { keep, recall } from '../memory.js';
import { drawing } from './option-pictures.js';

const OPTIONS = {
  cropType: [0, 1, 2, 3, 4],
  imageType: [0, 8, 3, 1, 2, 4, 5, 6, 7],
  fillBorderType: [0, 1, 2],
  removalForeign: [0, 1, 2, 3],
  rotate: [0, 90, 180, 270],
};
const SWITCHES = ['deskew', 'upright'];
/** Options behind "more" that the row has, too, where it is wide enough: on or off, and what on means. */
const TOGGLES = { deskew: true, fillBorderType: 1, removalForeign: 1 };
/** What the row does not always show. */
/** Crops that are rare stand in the sheet, too. */
const RARE_CROPS = [3, 4];
const BEHIND = ['rotate', ...SWITCHES, 'fillBorderType', 'removalForeign'];
/** Pixels between the sheet and the edge of the window, and those that it has at least. */
const EDGE = 8;
const LEAST = 220;
export const IMAGE_TYPES = OPTIONS.imageType;
export const MANUAL = 4;
/** What a camera's page is made of unless somebody said otherwise: cut out, and shown as what it is. */
const BEGINNING = { cropType: 1, imageType: 8 };
/** A place on one desk is none on the next. */
const FORGOTTEN = { cropType: MANUAL };
export const CROP_TYPES = OPTIONS.cropType;
/** There is no picture to draw a rectangle on before a page is scanned. */
export const SCANNER_CROP_TYPES = CROP_TYPES.filter((type) => type !== MANUAL);

/** Fires `change` when the service took a setting and `error` when it did not. */
export class ImageOptions extends EventTarget {
  /** What the service works with now. */
  accepted = {
    ...Object.fromEntries(Object.entries(OPTIONS).map(([name, [first]]) => [name, first])),
    ...Object.fromEntries(SWITCHES.map((name) => [name, false])),
  };

  #panel;
  #further = false;
  #send;
  #sent = 0;

  /**
   * `panel` is a form, which keeps the radio buttons of two of these apart. `cropTypes` are those to offer.
   * `send(values)` asks the service and rejects when it refuses. `extras` is the markup of what else is behind "more".
   */
  constructor(panel, cropTypes, send, extras = '') {
    super();
    this.#panel = panel;
    this.#send = send;
    panel.innerHTML = markup(panel.id, cropTypes, extras);
    panel.addEventListener('change', ({ target }) => {
      if (target.matches('.shortcut')) this.#set(target.dataset.option, target.value);
      else if (this.#isOption(target.name)) this.apply();
      // What such a crop does is seen on the picture, over which the sheet lies.
      if (target.name === 'cropType' && target.closest('.drawer')) this.#open(false);
    });
    panel.addEventListener('submit', (event) => event.preventDefault());
    for (const toggle of panel.querySelectorAll('.toggle')) toggle.addEventListener('click', () => this.#toggle(toggle.dataset.option));
    this.#hearMore();
    this.#recall(cropTypes);
    this.#reflect();
    onLanguage(() => this.#reflect());
  }

  set disabled(disabled) {
    for (const set of this.#panel.querySelectorAll('fieldset')) set.disabled = disabled;
  }

  /** Whether something of the extras differs from what is usual. */
  set further(on) {
    this.#further = on;
    this.#reflect();
  }

  get chosen() {
    const value = (name) => Number(this.#panel.querySelector(`input[name=${name}]:checked`).value);
    const on = (name) => this.#panel.querySelector(`input[name=${name}]`).checked;
    return {
      ...Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, value(name)])),
      ...Object.fromEntries(SWITCHES.map((name) => [name, on(name)])),
    };
  }

  /** Sends what is chosen; what is refused is put back to what was accepted last. */
  async apply() {
    const chosen = this.chosen;
    const turn = (this.#sent += 1);
    this.#reflect();
    try {
      await this.#send(chosen);
      this.accepted = chosen;
      keep(this.#panel.id, chosen);
      this.dispatchEvent(new Event('change'));
    } catch (error) {
      if (turn === this.#sent) this.#revert();
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    }
  }

  /** Chooses what was chosen last in this browser. */
  #recall(cropTypes) {
    const kept = { ...(cropTypes.includes(MANUAL) && BEGINNING), ...recall(this.#panel.id) };
    for (const [name, value] of Object.entries(kept)) {
      const input = SWITCHES.includes(name) ? this.#panel.querySelector(`input[name=${name}]`) : null;
      if (input) input.checked = value;
      else if (name in OPTIONS && value !== FORGOTTEN[name]) this.#check(name, value);
    }
  }

  #check(name, value) {
    const input = this.#radio(name, value);
    if (input) input.checked = true;
  }

  /** Chooses a value as a hand would. */
  choose(name, value) {
    if (this.chosen[name] !== value) this.#set(name, value);
  }

  #isOption(name) {
    return name in OPTIONS || SWITCHES.includes(name);
  }

  #radio(name, value) {
    return this.#panel.querySelector(`input[name=${name}][value="${value}"]`);
  }

  #set(name, value) {
    if (SWITCHES.includes(name)) this.#panel.querySelector(`input[name=${name}]`).checked = value;
    else this.#radio(name, value).checked = true;
    this.apply();
  }

  #toggle(name) {
    const off = typeof TOGGLES[name] === 'boolean' ? false : 0;
    this.#set(name, this.chosen[name] === off ? TOGGLES[name] : off);
  }

  #revert() {
    for (const name of SWITCHES) this.#panel.querySelector(`input[name=${name}]`).checked = this.accepted[name];
    for (const name of Object.keys(OPTIONS)) {
      const input = this.#radio(name, this.accepted[name]);
      const hadFocus = /** @type {any} */ (document.activeElement)?.name === name;
      input.checked = true;
      if (hadFocus) input.focus();
    }
    this.#reflect();
    this.dispatchEvent(new Event('change'));
  }

  /** Brings the row in line with what is chosen behind "more". */
  #reflect() {
    const { chosen } = this;
    this.#panel.querySelector('.shortcut').value = String(chosen.imageType);
    this.#panel.querySelector('.colour-name').textContent = text(`imageType${chosen.imageType}`);
    for (const toggle of this.#panel.querySelectorAll('.toggle')) {
      toggle.setAttribute('aria-pressed', String(Number(chosen[toggle.dataset.option]) !== 0));
    }
    const hidden = this.#further || RARE_CROPS.includes(chosen.cropType) || BEHIND.some((name) => Number(chosen[name]) !== 0);
    const more = this.#panel.querySelector('.more-button');
    more.dataset.set = String(hidden);
    more.title = hidden ? text('moreSet') : '';
  }

  #open(opened) {
    const drawer = this.#panel.querySelector('.drawer');
    drawer.hidden = !opened;
    // It ends in the window, wherever the row above it stands.
    const room = window.innerHeight - drawer.getBoundingClientRect().top - EDGE;
    drawer.style.maxHeight = `${Math.max(LEAST, room)}px`;
    this.#panel.querySelector('.more-button').setAttribute('aria-expanded', String(opened));
  }

  #hearMore() {
    const button = this.#panel.querySelector('.more-button');
    const drawer = this.#panel.querySelector('.drawer');
    const open = (opened) => this.#open(opened);
    button.addEventListener('click', () => open(drawer.hidden));
    drawer.querySelector('.drawer-close').addEventListener('click', () => {
      open(false);
      button.focus();
    });
    this.#panel.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || drawer.hidden) return;
      open(false);
      button.focus();
    });
  }
}

function markup(id, cropTypes, extras) {
  const rest = ['imageType', 'fillBorderType', 'removalForeign', 'rotate'];
  return `
    <div class="bar">
      ${tiles(cropTypes.filter((type) => !RARE_CROPS.includes(type)), cropTypes.includes(MANUAL) ? CARD : '')}
      <fieldset>
        <legend class="unseen" data-i18n="improve"></legend>
        <div class="quick"><label class="tile colour">${icon('colour')}<span class="colour-name"></span><select class="shortcut" data-option="imageType" data-i18n-label="imageType">
          ${OPTIONS.imageType.map((value) => `<option value="${value}" data-i18n="imageType${value}"></option>`).join('')}
        </select></label>
        ${Object.keys(TOGGLES).map(toggle).join('')}
        <button type="button" class="tile more-button" aria-expanded="false" aria-controls="${id}-drawer">${icon('more')}<span data-i18n="more"></span></button></div>
      </fieldset>
    </div>
    <div id="${id}-drawer" class="drawer" hidden>
      <header><h2 data-i18n="more"></h2><button type="button" class="plain drawer-close" data-i18n-label="close">${icon('close')}</button></header>
      ${cropTypes.includes(MANUAL) ? '<p id="crop-hint" class="quiet" data-i18n="cropHint" hidden></p>' : ''}
      ${choices('cropType', cropTypes.filter((type) => RARE_CROPS.includes(type)), false)}
      ${rest.map((name) => choices(name, OPTIONS[name])).join('')}
      <fieldset>
        <legend data-i18n="improve"></legend>
        <div class="choices">${SWITCHES.map(switchOf).join('')}</div>
      </fieldset>
      ${extras}
    </div>`;
}

const CARD = `<button id="card-tile" type="button" class="tile" aria-pressed="false" data-i18n-hint="idCardHint">${icon('card')}<span data-i18n="idCard"></span></button>`;

function tiles(cropTypes, further) {
  const tile = (value, index) => `
    <label class="tile" data-i18n-hint="cropType${value}Hint"><input type="radio" name="cropType" value="${value}" ${index === 0 ? 'checked' : ''}>
      ${icon(`cropType${value}`)}<span data-i18n="cropType${value}"></span></label>`;
  return `
    <fieldset>
      <legend class="unseen"><span data-i18n="cropType"></span> <code>cropType</code></legend>
      <div class="tiles">${cropTypes.map(tile).join('')}${further}</div>
    </fieldset>`;
}

/** Each value as a picture, its name and a sentence; the first is chosen unless all others stand elsewhere. */
export function choices(name, values, whole = true) {
  const choice = (value, index) => `
    <label class="choice"><input type="radio" name="${name}" value="${value}" ${whole && index === 0 ? 'checked' : ''}>${drawing(`${name}${value}`)}
      <span class="words"><b data-i18n="${name}${value}"></b><small data-i18n="${name}${value}Hint"></small></span></label>`;
  return `
    <fieldset>
      <legend><span data-i18n="${name}"></span> <code>${name}</code></legend>
      <div class="choices">${values.map(choice).join('')}</div>
    </fieldset>`;
}

/** An option that is on or off. */
export function switchOf(name) {
  return `<label class="choice"><input type="checkbox" name="${name}" role="switch">${drawing(name)}
    <span class="words"><b data-i18n="${name}"></b><small data-i18n="${name}Hint"></small> <code>${name}</code></span></label>`;
}

function toggle(name) {
  return `<button type="button" class="tile toggle" data-option="${name}" aria-pressed="false" data-i18n-hint="${name}Hint">${icon(name)}<span data-i18n="${name}Quick"></span></button>`;
}
