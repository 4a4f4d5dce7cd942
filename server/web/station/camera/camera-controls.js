/** The camera's own controls: focus, exposure and the like, as the camera has them. */

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

const translated = (name, key) => {
  const made = document.createElement(name);
  made.dataset.i18n = key;
  return made;
};

/** Fires `error` when the service refuses a setting, and `shown` when elements with texts were made. */
export class CameraControls extends EventTarget {
  #panel;
  #rows = document.createElement('div');
  #call;
  #shown = null;

  /** `panel` is hidden while there is nothing to set. `call(func, params)` asks the service. */
  constructor(panel, call) {
    super();
    this.#panel = panel;
    this.#call = call;
    panel.append(translated('h2', 'cameraControls'), this.#rows);
  }

  /** Shows the controls of an open camera, `null` for none; asks the service once for each. */
  async show(devNum) {
    if (devNum === this.#shown) return;
    this.#shown = devNum;
    this.#panel.hidden = true;
    if (devNum === null) return;
    try {
      const { controls } = await this.#call('GetCameraControls', { devNum });
      if (this.#shown !== devNum) return;
      this.#rows.replaceChildren(...controls.map((control) => this.#row(control)));
      this.#panel.hidden = controls.length === 0;
      this.dispatchEvent(new Event('shown'));
    } catch (error) {
      // It was closed, or another one opened, in the meantime.
      if (this.#shown !== devNum) return;
      this.#shown = null;
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    }
  }

  #row(control) {
    const { control: name, minimum: min, maximum: max, step, value, auto, once } = control;
    const id = `control-${name}`;
    const range = element('input', { type: 'range', id, min, max, step });
    range.value = value ?? control.default;
    range.addEventListener('change', () => this.#set(name, { value: range.valueAsNumber }));
    const label = translated('label', name);
    label.htmlFor = id;
    const row = element('div', { className: 'control' }, label, range);
    row.dataset.control = name;
    if (auto !== null) row.append(this.#automatic(name, auto));
    if (once) row.append(this.#once(name));
    return row;
  }

  #automatic(name, auto) {
    const input = element('input', { type: 'checkbox', checked: auto });
    input.addEventListener('change', () => this.#set(name, { auto: input.checked }));
    return element('label', { className: 'automatic' }, input, translated('span', 'automatic'));
  }

  #once(name) {
    const button = translated('button', 'adjustOnce');
    button.type = 'button';
    button.addEventListener('click', async () => {
      button.setAttribute('aria-busy', 'true');
      await this.#set(name, { once: true });
      button.removeAttribute('aria-busy');
    });
    return button;
  }

  async #set(name, setting) {
    const devNum = this.#shown;
    try {
      const { control } = await this.#call('SetCameraControl', { devNum, control: name, ...setting });
      this.#put(control);
    } catch (error) {
      this.dispatchEvent(new CustomEvent('error', { detail: error }));
    }
  }

  #put({ control, value, auto }) {
    const row = this.#panel.querySelector(`[data-control=${control}]`);
    if (row === null) return;
    if (value !== null) row.querySelector('[type=range]').value = value;
    if (auto !== null) row.querySelector('[type=checkbox]').checked = auto;
  }
}
