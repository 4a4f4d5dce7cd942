/** Panel of one tab: what it shows comes from the service, when it is opened and when it is asked to. */
import { currentLanguage, onLanguage, text } from '../texts/i18n.js';
import { button, make } from './dom.js';

export class Panel {
  /** What the service answered last; null before the first answer. */
  data = null;

  #box;
  #status;
  #content = make('div', { class: 'content' });
  #refresh;
  #head;
  #say = () => '';

  /** `load()` gives what `draw(data)` makes elements of. */
  constructor(box, title, load, draw) {
    this.#box = box;
    this.load = load;
    this.draw = draw;
    this.#status = make('p', { class: 'said', role: 'status' });
    this.#refresh = button('', () => this.show());
    this.#head = make('h2', {});
    this.name = title;
    box.append(make('div', { class: 'head' }, this.#head, this.#status, this.#refresh), this.#content);
    onLanguage(() => this.render());
  }

  /** Asks the service, then shows the answer. */
  async show() {
    await this.run(() => this.load(), (data) => {
      this.data = data;
    });
  }

  /** Does what takes a moment, shows that it does, and says in the end what `say()` says. */
  async run(work, done = (_) => {}, say = () => '') {
    this.#busy(true);
    this.tell(() => text('working'));
    try {
      done(await work());
      this.tell(say);
    } catch (error) {
      if (!error.say) throw error;
      this.tell(() => error.say(), 'error');
    } finally {
      this.#busy(false);
      this.render();
    }
  }

  /** Says a sentence, in the page's language also after another one was chosen. */
  tell(say, kind = '') {
    this.#say = say;
    this.#status.dataset.kind = kind;
    this.#status.textContent = say();
  }

  /** Draws the panel anew; what had the focus keeps it. */
  render() {
    this.#head.textContent = text(this.name);
    this.#refresh.textContent = text('refresh');
    this.#status.textContent = this.#say();
    if (this.data === null) return;
    const focused = this.#box.contains(document.activeElement) ? document.activeElement.id : '';
    this.#content.replaceChildren(...[this.draw(this.data)].flat());
    this.#content.lang = currentLanguage() === 'zh' ? 'zh-CN' : 'en';
    if (focused) document.getElementById(focused)?.focus();
  }

  forget() {
    this.data = null;
    this.#content.replaceChildren();
    this.tell(() => '');
  }

  #busy(busy) {
    this.#box.setAttribute('aria-busy', busy);
    this.#refresh.disabled = busy;
  }
}
