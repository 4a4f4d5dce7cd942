/** The form of captured pictures: what each request for one carries. */
import { text, word } from '../../texts/i18n.js';

export const OUTPUT = `
  <h2 data-i18n="output"></h2>
  <div class="fields">
    <label><span data-i18n="outputQuality"></span><input id="output-quality" type="number" min="1" max="100" autocomplete="off" data-i18n-placeholder="asConfigured"></label>
    <label><span data-i18n="outputKilobytes"></span><input id="output-kilobytes" type="number" min="1" autocomplete="off" data-i18n-placeholder="asConfigured"></label>
    <label><span data-i18n="outputDpi"></span><input id="output-dpi" type="number" min="1" max="9600" autocomplete="off" data-i18n-placeholder="asConfigured"></label>
    <label><span data-i18n="outputColours"></span><select id="output-colours">
      <option value="" data-i18n="asConfigured"></option>
      <option value="0" data-i18n="outputColours0"></option>
      <option value="1" data-i18n="outputColours1"></option>
      <option value="2" data-i18n="outputColours2"></option>
    </select></label>
  </div>
  <label class="wide"><span data-i18n="watermark"></span><input id="watermark-text" maxlength="200" autocomplete="off" data-i18n-placeholder="asConfigured"></label>
  <div class="fields">
    <label><span data-i18n="watermarkPlace"></span><select id="watermark-place">
      <option value="tiled" data-i18n="watermarkTiled"></option>
      <option value="4" data-i18n="watermarkCentre"></option>
      <option value="8" data-i18n="watermarkCorner"></option>
    </select></label>
    <label class="check"><input id="watermark-time" type="checkbox" autocomplete="off"><span data-i18n="watermarkTime"></span></label>
  </div>
  <label class="wide"><span data-i18n="overlay"></span><select id="overlay" autocomplete="off"></select></label>`;

const element = (id) => document.getElementById(id);

function number(id, factor = 1) {
  const { value } = element(id);
  return value === '' ? undefined : Math.round(Number(value) * factor);
}

export class OutputForm {
  /** Members of a request; what is left empty is as configured. */
  get params() {
    const colours = element('output-colours').value;
    return {
      quality: number('output-quality'),
      maxBytes: number('output-kilobytes', 1000),
      dpi: number('output-dpi'),
      colorMode: colours === '' ? undefined : Number(colours),
      watermark: this.watermark,
      overlayDevNum: number('overlay'),
    };
  }

  /** Those that may be the second one, in a corner of each picture. */
  set cameras(cameras) {
    const select = element('overlay');
    const chosen = cameras.find(({ id }) => String(id) === select.value);
    const options = cameras.map(({ id, devName }) => new Option(word(devName), id));
    select.replaceChildren(new Option(text('overlayNone'), ''), ...options);
    select.value = chosen?.id ?? '';
  }

  get watermark() {
    const words = element('watermark-text').value.trim();
    if (words === '') return undefined;
    const place = element('watermark-place').value;
    return {
      text: words,
      position: place === 'tiled' ? place : Number(place),
      time: element('watermark-time').checked,
    };
  }
}
