/** Markup of the tab of faces. */
import { icon } from '../icons.js';
import { strip } from '../notice.js';

const LIFE = `
  <p class="switches live">
    <label data-i18n-title="livingHint"><span data-i18n="living"></span><input id="face-living" type="checkbox" role="switch" autocomplete="off"></label>
    <label data-i18n-title="infraredHint"><span data-i18n="infrared"></span><input id="face-infrared" type="checkbox" role="switch" autocomplete="off"></label>
  </p>`;

export const PANEL = `
  <section class="desk" data-i18n-label="faces">
    <div class="watched">
      <div class="stage">
        <div id="face-pictures" class="faces" hidden>
          <canvas id="face-preview" role="img" data-i18n-label="facePreview"></canvas>
          <canvas id="face-infrared-preview" role="img" data-i18n-label="infraredPreview" hidden></canvas>
        </div>
        <p id="face-life" class="life" hidden></p>
        <div id="face-placeholder" class="placeholder">
          ${icon('face', 'large-icon')}
          <p id="face-placeholder-text"></p>
          <p id="face-placeholder-remedy" class="quiet"></p>
        </div>
      </div>
    <form id="face-match" class="card match" data-i18n-label="matchFace">
      <h2 data-i18n="matchFace"></h2>
      <div class="pair">
        <figure>
          <label class="drop" data-i18n-title="chooseFace"><input id="face-file" type="file" accept="image/*" data-i18n-label="chooseFace"><img id="face-given" alt="" hidden><span data-i18n="chooseFace"></span></label>
          <figcaption data-i18n="givenFace"></figcaption>
        </figure>
        <figure>
          <div class="drop"><img id="face-live" alt="" hidden></div>
          <figcaption data-i18n="liveFace"></figcaption>
        </figure>
      </div>
      <div id="face-result" class="result">
        <meter id="face-similarity" min="0" max="1" low="0.5" high="0.7" optimum="1" data-i18n-label="similarity" hidden></meter>
        <p id="face-verdict" role="status"></p>
      </div>
      <div class="row">
        <label><span data-i18n="faceAction"></span>
          <select id="face-action">
            <option value="none" data-i18n="noAction"></option>
            <option value="blink" data-i18n="blink"></option>
            <option value="turnLeft" data-i18n="turnLeft"></option>
            <option value="turnRight" data-i18n="turnRight"></option>
            <option value="nearer" data-i18n="nearer"></option>
            <option value="random" data-i18n="anyAction"></option>
          </select>
        </label>
        <button id="face-compare" class="primary" disabled data-i18n="compare"></button>
      </div>
    </form>
    </div>
    ${strip('face-notice', LIFE, true)}
    <form id="face" class="action camera">
      <label class="grows"><span class="unseen" data-i18n="device"></span><select id="face-device"></select></label>
      <label><span class="unseen" data-i18n="media"></span><select id="face-media"></select></label>
      <label><span class="unseen" data-i18n="resolution"></span><select id="face-resolution"></select></label>
      <button id="face-open" class="primary" disabled></button>
    </form>
  </section>`;
