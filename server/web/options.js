/** Every option of SetCameraImageInfo and SetScannerImageInfo, sent the moment it is chosen. */

const OPTIONS = {
  cropType: [0, 1, 2, 3, 4],
  imageType: [0, 1, 2, 3, 4, 5, 6, 7],
  fillBorderType: [0, 1, 2],
  removalForeign: [0, 1, 2],
  rotate: [0, 90, 180, 270],
};
const SWITCHES = ['deskew', 'upright'];
export const MANUAL = 4;
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
  #send;
  #sent = 0;

  /**
   * `panel` is a form, which keeps the radio buttons of two of these apart. `cropTypes` are those to offer.
   * `send(values)` asks the service and rejects when it refuses.
   */
  constructor(panel, cropTypes, send) {
    super();
    this.#panel = panel;
    this.#send = send;
    const offers = { ...OPTIONS, cropType: cropTypes };
    panel.append(...Object.entries(offers).map(([name, values]) => fieldset(name, values)), switches());
    panel.addEventListener('change', () => this.apply());
    panel.addEventListener('submit', (event) => event.preventDefault());
  }

  set disabled(disabled) {
    for (const set of this.#panel.querySelectorAll('fieldset')) set.disabled = disabled;
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
    try {
      await this.#send(chosen);
      this.accepted = chosen;
      this.dispatchEvent(new Event('change'));
    } catch (error) {
      if (turn === this.#sent) this.#revert();
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    }
  }

  #revert() {
    const panel = this.#panel;
    for (const name of SWITCHES) panel.querySelector(`input[name=${name}]`).checked = this.accepted[name];
    for (const name of Object.keys(OPTIONS)) {
      const input = panel.querySelector(`input[name=${name}][value="${this.accepted[name]}"]`);
      const hadFocus = document.activeElement?.name === name;
      input.checked = true;
      if (hadFocus) input.focus();
    }
    this.dispatchEvent(new Event('change'));
  }
}

function fieldset(name, values) {
  const set = document.createElement('fieldset');
  const legend = document.createElement('legend');
  legend.append(span(name), ' ', key(name));
  const chips = document.createElement('div');
  chips.className = 'chips';
  chips.append(...values.map((value, index) => chip(name, value, index === 0)));
  set.append(legend, chips);
  if (values.includes(MANUAL) && name === 'cropType') set.append(hint());
  return set;
}

function chip(name, value, checked) {
  const label = document.createElement('label');
  const input = Object.assign(document.createElement('input'), { type: 'radio', name, value, checked });
  label.append(input, span(`${name}${value}`));
  return label;
}

function switches() {
  const set = document.createElement('fieldset');
  set.className = 'switches';
  set.append(...SWITCHES.map((name) => {
    const label = document.createElement('label');
    const input = Object.assign(document.createElement('input'), { type: 'checkbox', name });
    input.setAttribute('role', 'switch');
    label.append(span(name), key(name), input);
    return label;
  }));
  return set;
}

function span(key) {
  const element = document.createElement('span');
  element.dataset.i18n = key;
  return element;
}

/** The option's name on the wire. */
function key(name) {
  const code = document.createElement('code');
  code.textContent = name;
  return code;
}

function hint() {
  const element = document.createElement('p');
  element.id = 'crop-hint';
  element.className = 'quiet';
  element.hidden = true;
  element.dataset.i18n = 'cropHint';
  return element;
}
