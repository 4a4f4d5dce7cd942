/**
 * The element <gaopai-camera>: a camera's live picture, for pages of any framework and of none.
 *
 *   <script type="module">import 'gaopai/camera';</script>
 *   <gaopai-camera device="0" fps="15"></gaopai-camera>
 */
import { connect } from './gaopai.js';
import { showCamera } from './show-camera.js';

/** Attributes, and the parameters of OpenCamera that they are. */
const PARAMETERS = { device: 'devNum', media: 'mediaNum', resolution: 'resolutionNum', fps: 'fps' };

/** Where pages are drawn on a server there are no elements; importing this does nothing there. */
const Base = globalThis.HTMLElement ?? class {};

export class GaopaiCamera extends Base {
  static observedAttributes = [...Object.keys(PARAMETERS), 'barcode', 'url'];

  #gaopai = null;
  #own = false;
  #canvas;
  #end = null;
  #pending = false;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    // A style element would need an exception in a strict content policy.
    const style = new CSSStyleSheet();
    style.replaceSync(':host { display: inline-block } canvas { display: block; width: 100%; height: auto }');
    root.adoptedStyleSheets = [style];
    this.#canvas = root.appendChild(document.createElement('canvas'));
    this.#canvas.setAttribute('part', 'canvas');
  }

  /** The connection: its own, unless one was set. */
  get gaopai() {
    if (!this.#gaopai) {
      this.#gaopai = connect(this.getAttribute('url') ?? undefined);
      this.#own = true;
    }
    return this.#gaopai;
  }

  set gaopai(gaopai) {
    this.#leave();
    this.#gaopai = gaopai;
    this.#restart();
  }

  /** The pictures of one capture: options and results are those of `captureBase64`. */
  capture(options) {
    return this.gaopai.captureBase64(this.#parameters().devNum, options);
  }

  connectedCallback() {
    this.#restart();
  }

  disconnectedCallback() {
    this.#leave();
  }

  attributeChangedCallback(name, before, value) {
    if (before === value) return;
    if (name === 'url' && this.#own) this.#leave();
    this.#restart();
  }

  #parameters() {
    const parameters = { devNum: 0 };
    for (const [attribute, name] of Object.entries(PARAMETERS)) {
      if (this.hasAttribute(attribute)) parameters[name] = Number(this.getAttribute(attribute));
    }
    return parameters;
  }

  /** Once for all that changes together. */
  #restart() {
    if (this.#pending) return;
    this.#pending = true;
    queueMicrotask(() => {
      this.#pending = false;
      this.#end?.();
      this.#end = this.isConnected ? this.#show() : null;
    });
  }

  #show() {
    return showCamera(this.gaopai, this.#parameters(), this.#canvas, {
      barcode: this.hasAttribute('barcode'),
      onFrame: (frame) => this.#tell('frame', frame),
      onCodes: (codes, picture) => this.#tell('codes', { codes, picture }),
      onError: (error) => this.#tell('error', error),
    });
  }

  #leave() {
    this.#end?.();
    this.#end = null;
    if (this.#own) this.#gaopai.close();
    if (this.#own) this.#gaopai = null;
    this.#own = false;
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

if (globalThis.customElements && !customElements.get('gaopai-camera')) {
  customElements.define('gaopai-camera', GaopaiCamera);
}
