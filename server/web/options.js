/** Every option of SetCameraImageInfo, sent the moment it is chosen. */

const OPTIONS = {
  cropType: [0, 1, 2, 3, 4],
  imageType: [0, 1, 2, 3, 4, 5, 6, 7],
  fillBorderType: [0, 1, 2],
  removalForeign: [0, 1, 2],
  rotate: [0, 90, 180, 270],
};
export const MANUAL = 4;

const panel = document.getElementById('options');

/** Fires `change` when the service took a setting and `error` when it did not. */
export class ImageOptions extends EventTarget {
  /** What the service works with now. */
  accepted = Object.fromEntries(Object.entries(OPTIONS).map(([name, [first]]) => [name, first]));

  #send;
  #sent = 0;

  /** `send(values)` asks the service and rejects when it refuses. */
  constructor(send) {
    super();
    this.#send = send;
    panel.append(...Object.entries(OPTIONS).map(([name, values]) => fieldset(name, values)));
    panel.addEventListener('change', () => this.apply());
  }

  get chosen() {
    const value = (name) => Number(panel.querySelector(`input[name=${name}]:checked`).value);
    return Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, value(name)]));
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
    for (const [name, value] of Object.entries(this.accepted)) {
      const input = panel.querySelector(`input[name=${name}][value="${value}"]`);
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
  const code = document.createElement('code');
  code.textContent = name;
  legend.append(span(name), ' ', code);
  const chips = document.createElement('div');
  chips.className = 'chips';
  chips.append(...values.map((value, index) => chip(name, value, index === 0)));
  set.append(legend, chips);
  if (name === 'cropType') set.append(hint());
  return set;
}

function chip(name, value, checked) {
  const label = document.createElement('label');
  const input = Object.assign(document.createElement('input'), { type: 'radio', name, value, checked });
  label.append(input, span(`${name}${value}`));
  return label;
}

function span(key) {
  const element = document.createElement('span');
  element.dataset.i18n = key;
  return element;
}

function hint() {
  const element = document.createElement('p');
  element.id = 'crop-hint';
  element.className = 'quiet';
  element.hidden = true;
  element.dataset.i18n = 'cropHint';
  return element;
}
