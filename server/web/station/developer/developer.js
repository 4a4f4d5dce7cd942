/** The developer's mode: the log of messages, messages by hand, and code to copy. */
import { text, translate } from '../../texts/i18n.js';
import { MessageLog } from './log.js';
import { shown as shownNotice } from '../notice.js';
import { SAMPLES } from './samples.js';

const STORED = 'gaopai.developer';

const DEVELOPER = `
  <section class="card log" data-i18n-label="messages">
    <h2>
      <span data-i18n="messages"></span>
      <span class="buttons">
        <button id="log-pause" type="button" class="plain" aria-pressed="false" data-i18n="pause"></button>
        <button id="log-copy" type="button" class="plain" data-i18n="copy"></button>
        <button id="log-clear" type="button" class="plain" data-i18n="clear"></button>
      </span>
    </h2>
    <ol id="log" tabindex="0" data-i18n-label="messages"></ol>
  </section>
  <form id="hand" class="card">
    <label><span data-i18n="handWritten"></span>
      <textarea id="hand-text" rows="6" spellcheck="false">{"func":"GetServiceInfo","reqId":"1"}</textarea>
    </label>
    <button data-i18n="send"></button>
  </form>
  <section class="card sample" data-i18n-label="sample">
    <h2><span data-i18n="sample"></span> <a href="gaopai.js" download>gaopai.js</a></h2>
    <pre tabindex="0"><code id="sample"></code></pre>
  </section>`;

const element = (id) => document.getElementById(id);

export class Developer {
  #gaopai;
  #log;
  #on = false;

  constructor(gaopai) {
    element('developer-panel').innerHTML = DEVELOPER;
    this.#gaopai = gaopai;
    this.#log = new MessageLog();
    element('developer').checked = localStorage.getItem(STORED) === 'on';
    element('developer').addEventListener('change', ({ target }) => {
      localStorage.setItem(STORED, target.checked ? 'on' : 'off');
      this.#show();
    });
    element('hand').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    element('hand-text').addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && event.ctrlKey) this.#send();
    });
    element('log-copy').addEventListener('click', () => this.#copy());
    this.#show();
  }

  /** Nothing is kept for a log that nobody asked for. */
  record(message) {
    if (this.#on) this.#log.record(message);
  }

  /** Shows the code of a tab. */
  set tab(name) {
    element('sample').textContent = SAMPLES[name];
  }

  #show() {
    this.#on = element('developer').checked;
    element('developer-panel').hidden = !this.#on;
    document.body.classList.toggle('is-developer', this.#on);
    translate();
  }

  #send() {
    try {
      this.#gaopai.send(element('hand-text').value);
    } catch (error) {
      shownNotice().error(error);
    }
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#log.lines.join('\n'));
      shownNotice().info(() => text('copied'));
    } catch {
      shownNotice().warn(() => text('notCopied'));
    }
  }
}
