/** Controls in a row that the Tab key passes in one step; arrows walk among them. */

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

export class Toolbar {
  #controls;

  /** `box` has the role of a toolbar. */
  constructor(box) {
    this.#controls = [...box.querySelectorAll('button, select')];
    this.#reach(this.#controls[0]);
    box.addEventListener('focusin', ({ target }) => this.#reach(target));
    box.addEventListener('keydown', (event) => this.#key(event));
  }

  #key(event) {
    const step = STEPS[event.key];
    const next = this.#controls[this.#controls.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  #reach(reached) {
    for (const control of this.#controls) control.tabIndex = control === reached ? 0 : -1;
  }
}
