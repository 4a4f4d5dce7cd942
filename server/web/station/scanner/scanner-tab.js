/** The scanner's tab: pages from a scanner to the case. */
import { onLanguage, text } from '../../texts/i18n.js';
import { announce, permitted } from '../announce.js';
import { icon } from '../icons.js';
import { keep, recall } from '../memory.js';
import { Notice, strip } from '../notice.js';
import { ImageOptions, SCANNER_CROP_TYPES } from '../pictures/options.js';
import { drawSmall } from '../pictures/thumbnail.js';
import { editOf } from '../case/rework.js';
import { ComingPage } from './coming-page.js';
import { PROFILE_SAVE, PROFILES, Profiles } from './profiles.js';
import { SCAN_EXTRAS, ScanExtras } from './scan-extras.js';
import { ScannerPanel } from './scanner.js';

const PASSES = `
  <fieldset id="scan-passes" data-i18n-label="scannerSettings">
    <p class="switches live">
      <label><span data-i18n="twoPasses"></span><input id="scan-both" type="checkbox" role="switch" autocomplete="off"></label>
      <label id="scan-order" hidden><select id="scan-back-order" data-i18n-label="backOrder">
        <option value="reversed" data-i18n="backReversed"></option><option value="same" data-i18n="backSame"></option>
      </select></label>
      <label><span data-i18n="tellDone"></span><input id="scan-tell" type="checkbox" role="switch" autocomplete="off"></label>
    </p>
  </fieldset>`;

const EXTRAS = `
  ${SCAN_EXTRAS}
  <label class="wide"><span data-i18n="scanName"></span><input id="scan-name" form="scan" spellcheck="false" autocomplete="off" data-i18n-placeholder="fileNameEmpty"></label>
  ${PROFILE_SAVE}`;

const PANEL = `
  <section class="desk" data-i18n-label="scanner">
    <form id="scan" class="card scan">
      <fieldset data-i18n-label="scannerSettings">
        <div class="row">
          <label class="grows"><span data-i18n="device"></span><select id="scan-device" disabled></select></label>
          <button id="scan-search" class="search" type="button" data-i18n-title="searchAgain">${icon('search')}</button>
          <label><span data-i18n="scanSource"></span><select id="scan-source" disabled></select></label>
        </div>
        <div class="row">
          <label class="grows"><span data-i18n="scanMode"></span><select id="scan-mode" disabled></select></label>
          <label class="grows"><span data-i18n="scanResolution"></span><select id="scan-resolution" disabled></select></label>
          <label class="grows"><span data-i18n="scanPaper"></span><select id="scan-paper" disabled></select></label>
          <div id="scan-size" class="size" hidden>
            <label><span data-i18n="scanWidth"></span><input id="scan-width" type="number" min="10" max="3100" step="any" value="210"></label>
            <label><span data-i18n="scanHeight"></span><input id="scan-height" type="number" min="10" max="3100" step="any" value="297"></label>
          </div>
        </div>
        ${PROFILES}
      </fieldset>
    </form>
    <form id="scan-options" class="options" data-i18n-label="options"></form>
    <div id="scan-stage" class="stage feeder">
      <canvas id="scan-page" class="arrived" role="img" hidden></canvas>
      <canvas id="scan-coming" class="arrived" role="img" hidden></canvas>
      <p id="scan-arrived" class="in-sight" data-found="true" hidden></p>
      <div id="scan-placeholder" class="placeholder">
        ${icon('scanner', 'large-icon')}
        <p id="scan-placeholder-text"></p>
        <p id="scan-placeholder-remedy" class="quiet"></p>
      </div>
    </div>
    ${strip('scan-notice', PASSES, true)}
    <div class="action scan-bar">
      <button id="scan-anew" type="button" hidden data-i18n="scanAnew"></button>
      <button id="scan-cancel" type="button" disabled data-i18n="cancel"></button>
      <button id="scan-button" class="primary large" form="scan" disabled></button>
    </div>
  </section>`;

const CANCELLED = 1009;
const SIDES_UNEQUAL = 2018;
const MEMORY = 'scanner';

const element = (id) => document.getElementById(id);

export class ScannerTab {
  #gaopai;
  #pages;
  #case;
  #drafts;
  #number;
  #notice;
  #scanner;
  #options;
  #extras;
  #profiles;
  #scanned = 0;
  /** Of a pile whose backs come next: the last page of each sheet, by its number; null for any other scan. */
  #fronts = null;
  /** A scan that a fault ended, and that may go on: its side, its pages so far, and the last of each sheet. */
  #paused = null;
  #busy = false;
  /** The page that arrived last, of the scan that is under way or was the last one; null before. */
  #arrived = null;
  #coming;
  /** Devices changed during a scan, behind which the question for them would wait. */
  #stale = false;

  /** Pages go to `pages`, which `station` shows; `drafts` knows of a scan that was cut off; `number` is that of the case. */
  constructor(gaopai, { pages, station, drafts, number }) {
    element('panel-scanner').innerHTML = PANEL;
    this.#gaopai = gaopai;
    this.#pages = pages;
    this.#case = station;
    this.#drafts = drafts;
    this.#number = number;
    this.#notice = new Notice(element('scan-notice'));
    this.#coming = new ComingPage(element('scan-coming'));
    this.#scanner = new ScannerPanel(gaopai);
    const send = (values) => gaopai.call('SetScannerImageInfo', values);
    this.#options = new ImageOptions(element('scan-options'), SCANNER_CROP_TYPES, send, EXTRAS);
    this.#extras = new ScanExtras(element('scan-options'));
    this.#profiles = new Profiles(() => ({ ...this.#asked, ...this.#options.accepted, imagePath: this.#name }));
    element('scan-tell').checked = recall(MEMORY).tell ?? false;
    this.#hearService();
    this.#hearParts();
    this.#show();
  }

  #hearService() {
    this.#gaopai.addEventListener('open', () => {
      this.#options.apply();
      this.#scanner.refresh();
      this.#turnOver(null);
      this.#gaopai.call('GetServiceInfo').then(({ profiles }) => { this.#profiles.served = profiles; }, () => {});
    });
    this.#gaopai.addEventListener('close', () => this.#show());
    this.#gaopai.addEventListener('scanner-notice', ({ detail }) => this.#busy && this.#notice.ask(() => detail.message));
    this.#gaopai.addEventListener('scan-rows', ({ detail }) => this.#busy && this.#coming.take(detail).then(() => this.#show(), () => {}));
    this.#gaopai.addEventListener('device-change', ({ detail }) => detail.kind === 'scanner' && this.#devicesChanged());
  }

  #hearParts() {
    const failed = ({ detail }) => this.#notice.error(detail);
    this.#scanner.addEventListener('change', () => this.#show());
    this.#scanner.addEventListener('offer', () => this.#extras.offer(this.#scanner.extras));
    this.#extras.addEventListener('change', () => {
      this.#notice.hide();
      this.#options.further = Object.keys(this.#extras.order).length > 0;
    });
    for (const part of [this.#scanner, this.#options]) part.addEventListener('error', failed);
    this.#options.addEventListener('change', () => this.#notice.hide());
    element('scan').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#work();
    });
    element('scan-cancel').addEventListener('click', () => this.#gaopai.call('CancelScan').catch((error) => this.#notice.error(error)));
    element('scan-anew').addEventListener('click', () => {
      this.#notice.hide();
      this.#turnOver(this.#fronts);
    });
    element('scan-both').addEventListener('change', () => this.#turnOver(null));
    element('scan-tell').addEventListener('change', async ({ target }) => {
      keep(MEMORY, { tell: target.checked });
      if (target.checked) await permitted();
    });
    this.#profiles.addEventListener('scan', ({ detail }) => this.#work(detail.profile));
    onLanguage(() => this.#show());
  }

  /** What the next scan is of: anything, or the backs of a pile. */
  #turnOver(fronts) {
    this.#paused = null;
    this.#fronts = fronts;
    this.#show();
  }

  /** The parameters of Scan; of a `profile` the chosen ones do not count. */
  #order(profile, name) {
    const { devIndex, doubleFeed } = this.#asked;
    // Of one that goes on only this may be asked anew: what passed for two sheets was an envelope.
    if (this.#paused) return { devIndex, resume: true, ...(doubleFeed && { doubleFeed }) };
    const chosen = profile ? { devIndex, profile } : { ...this.#asked, imagePath: name };
    const order = { ...chosen, withRows: true };
    if (this.#fronts) return { ...order, side: 'back', backOrder: element('scan-back-order').value };
    return element('scan-both').checked ? { ...order, side: 'front' } : order;
  }

  get #asked() {
    return { ...this.#scanner.order, ...this.#extras.order };
  }

  get #name() {
    return this.#number.named(element('scan-name').value, '.jpg');
  }

  async #scan(profile) {
    const paused = this.#paused;
    if (!paused) {
      this.#scanned = 0;
      this.#showArrived(null);
    }
    const arrived = this.#case.tray.expect('coming');
    const edit = editOf(this.#options.accepted);
    const name = this.#name;
    const fronts = this.#fronts;
    const sheets = paused?.sheets ?? new Map(fronts);
    const added = paused?.added ?? [];
    await this.#drafts.note('scan', { since: Date.now(), name });
    const order = this.#order(profile, name);
    const passed = paused?.passed ?? order.side;
    try {
      for await (const { side, sheet, ...page } of this.#gaopai.scan(order)) {
        const fields = { ...page, from: 'scanner', edit };
        const { id } = fronts ? this.#pages.add(fields, sheets.get(sheet) ?? null) : this.#pages.put(fields);
        this.#showArrived(this.#pages.page(id));
        if (side) sheets.set(sheet, id);
        added.push(id);
        this.#scanned += 1;
        this.#show();
      }
      this.#turnOver(passed === 'front' ? sheets : null);
    } catch (error) {
      this.#paused = error.answer?.resumePage ? { passed, added, sheets } : null;
      // Which front a back belongs to is not known then; the fronts are still waited for.
      if (error.code === SIDES_UNEQUAL) this.#pages.remove(added);
      throw error;
    } finally {
      arrived();
      await this.#drafts.note('scan', undefined);
    }
  }

  async #work(profile = null) {
    if (this.#busy) return;
    this.#begin(true);
    this.#notice.hide();
    try {
      await this.#scan(profile);
      const count = this.#scanned;
      if (this.#fronts) this.#notice.ask(() => text('turnOver', { count }));
      else this.#notice.info(() => text('scanned', { count }));
      if (element('scan-tell').checked) announce(text(this.#fronts ? 'turnOver' : 'scanned', { count }));
    } catch (error) {
      if (error.code === CANCELLED) this.#notice.info(() => text('cancelled'));
      else this.#notice.error(error);
    } finally {
      this.#begin(false);
      if (this.#stale) this.#devicesChanged();
    }
  }

  /** Shows a page as large as there is room for, as soon as it is there. */
  #showArrived(page) {
    this.#arrived = page;
    this.#coming.leave();
    element('scan-page').hidden = true;
    const { clientWidth: width, clientHeight: height } = element('scan-stage');
    if (!page?.blob || !width) return;
    drawSmall(element('scan-page'), page, { width, height }, () => this.#arrived === page).then(() => this.#show(), () => {});
  }

  #begin(busy) {
    this.#busy = busy;
    this.#coming.end();
    this.#show();
  }

  async #devicesChanged() {
    this.#stale = this.#busy;
    if (this.#stale) return;
    await this.#scanner.refresh();
    this.#notice.info(() => text('devicesChanged'));
  }

  /** Brings everything that depends on the state of things in line with it. */
  #show() {
    const button = element('scan-button');
    button.disabled = this.#gaopai.state !== 'open' || this.#busy || !this.#scanner.ready;
    button.setAttribute('aria-busy', String(this.#busy));
    button.textContent = text(this.#paused ? 'scanOn' : this.#fronts ? 'scanBacks' : 'scan');
    element('scan-order').hidden = this.#fronts === null;
    this.#profiles.disabled = this.#busy;
    element('scan-cancel').disabled = !this.#busy;
    element('scan-anew').hidden = this.#busy || !this.#paused;
    this.#scanner.disabled = this.#busy;
    this.#options.disabled = this.#busy;
    const drawn = !element('scan-page').hidden;
    element('scan-page').setAttribute('aria-label', text('scanNewest'));
    element('scan-coming').setAttribute('aria-label', text('scanComing'));
    element('scan-placeholder').hidden = drawn || this.#coming.seen;
    element('scan-arrived').hidden = !drawn;
    element('scan-arrived').textContent = text('scanned', { count: this.#scanned });
    element('scan-stage').classList.toggle('is-scanning', this.#busy);
    const [title, remedy] = this.#placeholder();
    element('scan-placeholder-text').textContent = title;
    element('scan-placeholder-remedy').textContent = remedy;
  }

  #placeholder() {
    if (this.#gaopai.state !== 'open') return [text('connecting'), ''];
    if (this.#busy) return [text('coming'), text('scanned', { count: this.#scanned })];
    if (this.#scanner.searching) return [text('searching'), text('searchingHint')];
    if (!this.#scanner.hasDevices) return [text('noScanner'), text('noScannerHint')];
    return [text('readyToScan'), text('readyToScanHint')];
  }
}
