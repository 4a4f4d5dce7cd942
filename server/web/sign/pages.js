/** The pages of the document, each drawn once it comes near. */

/** Height over width of a page that was not drawn yet: A4. */
const UNSEEN = Math.SQRT2;

/** Fires `read` once all pages were shown and the end is in sight, and `trouble` where one did not come. */
export class Pages extends EventTarget {
  #signing;
  #task;
  #scroller;
  #end;
  /** @type {HTMLElement[]} */
  #sheets;
  #coming = new Set();
  #isRead = false;

  constructor(signing, task, scroller, list, end) {
    super();
    this.#signing = signing;
    this.#task = task;
    this.#scroller = scroller;
    this.#end = end;
    this.#sheets = Array.from({ length: task.pages }, (_, index) => this.#sheet(index + 1));
    list.replaceChildren(...this.#sheets);
    const near = new IntersectionObserver((seen) => {
      for (const { isIntersecting, target } of seen) if (isIntersecting) this.#show(target);
    }, { root: scroller, rootMargin: '100%' });
    for (const sheet of this.#sheets) near.observe(sheet);
    scroller.addEventListener('scroll', () => this.#look());
    new ResizeObserver(() => this.#look()).observe(scroller);
  }

  /** Says of each page, and of the place, what they are. */
  name(texts) {
    for (const [index, sheet] of this.#sheets.entries()) {
      const picture = sheet.querySelector('img');
      if (picture) picture.alt = texts.say('page', { page: index + 1, pages: this.#task.pages });
      const place = sheet.querySelector('.place');
      if (place) place.textContent = texts.say('place');
    }
  }

  /** Scrolls by what is seen, less a little that stays in sight. */
  further() {
    this.#scroller.scrollBy({ top: this.#scroller.clientHeight * 0.85, behavior: 'smooth' });
  }

  #sheet(number) {
    const sheet = document.createElement('div');
    sheet.className = 'sheet';
    sheet.dataset.number = String(number);
    sheet.style.aspectRatio = `1 / ${UNSEEN}`;
    return sheet;
  }

  async #show(sheet) {
    const number = Number(sheet.dataset.number);
    if (sheet.firstChild || this.#coming.has(number)) return;
    this.#coming.add(number);
    try {
      const picture = new Image();
      picture.src = URL.createObjectURL(await this.#signing.page(number));
      await picture.decode();
      sheet.style.aspectRatio = `${picture.naturalWidth} / ${picture.naturalHeight}`;
      sheet.append(picture);
      if (number === this.#task.page) sheet.append(this.#place());
      this.dispatchEvent(new Event('shown'));
      this.#look();
    } catch {
      this.dispatchEvent(new Event('trouble'));
    } finally {
      this.#coming.delete(number);
    }
  }

  #place() {
    const [left, top, width, height] = this.#task.place;
    const place = document.createElement('div');
    place.className = 'place';
    Object.assign(place.style, { left: `${100 * left}%`, top: `${100 * top}%`, width: `${100 * width}%`, height: `${100 * height}%` });
    return place;
  }

  #look() {
    const { bottom } = this.#end.getBoundingClientRect();
    if (this.#isRead || bottom > this.#scroller.getBoundingClientRect().bottom + 1) return;
    // Who jumps to the end has passed pages that are to be shown, and that then push the end away.
    const missing = this.#sheets.filter((sheet) => !sheet.firstChild);
    for (const sheet of missing) this.#show(sheet);
    if (missing.length) return;
    this.#isRead = true;
    this.dispatchEvent(new Event('read'));
  }
}
