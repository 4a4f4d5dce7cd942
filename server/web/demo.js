/** The demo page: one connection, and what each control asks of it. */
import { CameraPanel } from './camera.js';
import { CropArea } from './croparea.js';
import * as gallery from './gallery.js';
import { connect, diagnose } from './gaopai.js';
import { currentLanguage, onLanguage, setLanguage, text, translate } from './i18n.js';
import * as log from './log.js';
import * as notice from './notice.js';
import { ImageOptions, MANUAL } from './options.js';

const element = (id) => document.getElementById(id);
const shutter = element('shutter');
const picture = element('picture');

// The page's own service, also for the console: gaopai.call('GetServiceInfo').then(console.log)
const gaopai = connect(location.origin.replace(/^http/, 'ws'), { language: currentLanguage() });
window.gaopai = gaopai;
const camera = new CameraPanel(gaopai);
const area = new CropArea();
const options = new ImageOptions(sendOptions);
let diagnosis = null;
let retryAt = 0;

async function sendOptions({ cropType, ...rest }) {
  area.turnTo(rest.rotate);
  const manual = cropType === MANUAL ? { cropRect: area.rectIn(turnedSize(rest.rotate)) } : {};
  try {
    await gaopai.call('SetCameraImageInfo', { devNum: camera.devNum, cropType, ...manual, ...rest });
  } catch (error) {
    area.turnTo(options.accepted.rotate);
    throw error;
  }
}

function turnedSize(rotate) {
  const { width, height } = camera.size;
  return rotate % 180 === 0 ? { width, height } : { width: height, height: width };
}

async function refresh() {
  try {
    await camera.refresh();
    if (camera.hasDevices) await options.apply();
  } catch (error) {
    notice.error(error);
  }
}

async function capture() {
  if (shutter.disabled || shutter.getAttribute('aria-busy') === 'true') return;
  shutter.setAttribute('aria-busy', 'true');
  try {
    const pictures = await gaopai.captureBase64(camera.devNum);
    gallery.add(pictures);
    notice.info(text('captured', { count: pictures.length }));
  } catch (error) {
    notice.error(error);
  } finally {
    shutter.removeAttribute('aria-busy');
  }
}

async function save() {
  if (camera.state !== 'open') return;
  try {
    const params = { devNum: camera.devNum, imagePath: element('file-name').value.trim() };
    const { imagePath } = await gaopai.call('CameraCapture', params);
    notice.info(text('saved', { paths: imagePath.join(', ') }));
  } catch (error) {
    notice.error(error);
  }
}

function sendByHand() {
  try {
    gaopai.send(element('hand-text').value);
  } catch (error) {
    notice.error(error);
  }
}

async function explain() {
  diagnosis = await diagnose(gaopai.url, { language: currentLanguage() });
  if (gaopai.state === 'open') diagnosis = null;
  show();
}

/** Brings everything that depends on the state of things in line with it. */
function show() {
  showConnection();
  const open = camera.state === 'open' && gaopai.state === 'open';
  shutter.disabled = !open;
  element('save-button').disabled = shutter.disabled;
  picture.hidden = !open;
  element('figures').hidden = !open;
  area.shown = open && options.accepted.cropType === MANUAL;
  element('crop-hint').hidden = options.accepted.cropType !== MANUAL;
  showPlaceholder(open);
  if (open) fit();
}

function showConnection() {
  const pill = element('connection');
  const state = gaopai.state;
  pill.dataset.state = state;
  const seconds = Math.max(1, Math.round((retryAt - Date.now()) / 1000));
  const sentence = { open: 'connected', connecting: 'connecting' }[state] ?? 'disconnected';
  pill.textContent = text(sentence, { seconds });
}

function showPlaceholder(open) {
  const [title, remedy] = placeholder();
  element('placeholder').hidden = open;
  element('placeholder-text').textContent = title;
  element('placeholder-remedy').textContent = remedy;
}

function placeholder() {
  if (diagnosis && gaopai.state !== 'open') return [diagnosis.message, diagnosis.remedy];
  if (gaopai.state !== 'open') return [text('connecting'), ''];
  if (!camera.hasDevices) return [text('noDevice'), text('noDeviceHint')];
  return camera.state === 'opening' ? [text('waiting'), ''] : [text('closed'), text('closedHint')];
}

function showFigures() {
  element('figures').textContent = text('figures', camera.frame);
}

let fitted = '';

/** The largest box of the picture's shape inside the stage: the crop area lies exactly on it. */
function fit() {
  const { width, height } = camera.frame;
  const { clientWidth, clientHeight } = element('stage');
  const key = [width, height, clientWidth, clientHeight].join();
  if (key === fitted) return;
  fitted = key;
  const scale = Math.min(clientWidth / width, clientHeight / height);
  picture.style.width = `${width * scale}px`;
  picture.style.height = `${height * scale}px`;
}

gaopai.addEventListener('message', ({ detail }) => log.record(detail));
gaopai.addEventListener('open', () => {
  diagnosis = null;
  show();
  refresh();
});
gaopai.addEventListener('close', ({ detail }) => {
  retryAt = Date.now() + detail.retryIn;
  camera.show();
  explain();
});
gaopai.addEventListener('device-change', async () => {
  await refresh();
  notice.info(text('devicesChanged'));
});
camera.addEventListener('change', show);
camera.addEventListener('choice', () => options.apply());
camera.addEventListener('frame', () => {
  showFigures();
  fit();
});
camera.addEventListener('error', ({ detail }) => notice.error(detail));
options.addEventListener('change', () => {
  notice.hide();
  show();
});
options.addEventListener('error', ({ detail }) => notice.error(detail));
area.addEventListener('change', () => options.apply());
shutter.addEventListener('click', capture);
element('save').addEventListener('submit', (event) => {
  event.preventDefault();
  save();
});
element('hand').addEventListener('submit', (event) => {
  event.preventDefault();
  sendByHand();
});
element('hand-text').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.ctrlKey) sendByHand();
});
document.addEventListener('keydown', (event) => {
  const free = event.target === document.body || event.target.id === 'crop';
  if (!free || (event.key !== ' ' && event.key !== 'Enter')) return;
  event.preventDefault();
  capture();
});
for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => setLanguage(button.dataset.language));
}
onLanguage(() => {
  gaopai.language = currentLanguage();
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === currentLanguage()));
  }
  camera.show();
  if (diagnosis) explain();
});
new ResizeObserver(() => camera.frame && fit()).observe(element('stage'));
setInterval(showConnection, 1000);
translate();
