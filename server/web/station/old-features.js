/** What the station uses and Chromium 78 lacks, each where it is missing. The client itself changes nothing of a page. */

/** Gives the prototypes or objects `owners` what they do not have. */
function lend(owners, features) {
  for (const owner of owners) {
    for (const [name, value] of Object.entries(features)) {
      if (!(name in owner)) Object.defineProperty(owner, name, { value, configurable: true, writable: true });
    }
  }
}

lend([Array.prototype, String.prototype, Uint8Array.prototype], {
  at(index) { return this[index < 0 ? this.length + Math.trunc(index) : Math.trunc(index)]; },
});
lend([Array.prototype], {
  toSorted(order) { return [...this].sort(order); },
  toReversed() { return [...this].reverse(); },
  toSpliced(...change) {
    const copy = [...this];
    copy.splice(.../** @type {[number, number, ...any]} */ (change));
    return copy;
  },
  findLast(holds) { return [...this].reverse().find(holds); },
});
lend([String.prototype], {
  replaceAll(found, put) { return this.split(found).join(put); },
});
lend([Element.prototype, Document.prototype, DocumentFragment.prototype], {
  replaceChildren(...children) {
    while (this.lastChild) this.lastChild.remove();
    this.append(...children);
  },
});
lend([Element.prototype], {
  checkVisibility() { return this.getClientRects().length > 0; },
});
lend([AbortSignal], {
  timeout(milliseconds) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), milliseconds);
    return controller.signal;
  },
});

/** What style sheets cannot ask: old.css goes by these. */
function mark(page) {
  const box = Object.assign(document.createElement('div'), { innerHTML: '<i></i><i></i>' });
  box.style.cssText = 'display: flex; flex-direction: column; row-gap: 1px; position: absolute';
  page.append(box);
  page.classList.toggle('no-gap', box.scrollHeight !== 1);
  box.remove();
  page.classList.toggle('no-ratio', !CSS.supports('aspect-ratio', '1'));
}
mark(document.documentElement);
