/** The capture station: its connections, its tabs, the case, and the messages of all. */
import { CameraTab } from './camera/camera-tab.js';
import { CardTab } from './identity/card-tab.js';
import { Case } from './case/case.js';
import { CaseNumber } from './case/case-number.js';
import { ConnectionPill, dial } from './connection.js';
import { Developer } from './developer/developer.js';
import { Drafts } from './case/drafts.js';
import { FaceTab } from './identity/face-tab.js';
import { FingerTab } from './identity/finger-tab.js';
import { Found } from './case/found.js';
import { currentLanguage, onLanguage, setLanguage, text, translate } from '../texts/i18n.js';
import { Pages } from './case/pages.js';
import { readWith } from './pictures/picture-codes.js';
import { ScannerTab } from './scanner/scanner-tab.js';
import { Tabs } from './tabs.js';
import { toBase64 } from '../client/gaopai-identity.js';

const HEARTBEAT_MS = 1000;
/** Whoever waits longer than that for what a card shows goes on without it. */
const SIDE_MS = 8000;
const SIDES = { 'id-card-front': 'front', 'id-card-back': 'back' };
/** Tabs that take pages. */
const TAKING = new Set(['document-camera', 'scanner']);

const element = (id) => document.getElementById(id);

// The page's own service, also for the console: gaopai.call('GetServiceInfo').then(console.log)
const gaopai = dial({ heartbeat: HEARTBEAT_MS });
Object.assign(window, { gaopai });
readWith((imageBase64) => gaopai.call('RecogBarCode', { imageBase64 }));
const pages = new Pages();
const drafts = new Drafts(pages);
const developer = new Developer(gaopai);
gaopai.addEventListener('message', ({ detail }) => developer.record(detail));
const connection = new ConnectionPill(gaopai);
// Reading the words of a pile takes minutes, during which a camera answers all the same.
const number = new CaseNumber();
const station = new Case(dialOwn(), pages, number);
number.drafts = drafts;
new CameraTab(gaopai, connection, { pages, tray: station.tray, sideOf });

const LATER = {
  scanner: (own) => new ScannerTab(own, { pages, station, drafts, number }),
  card: (own) => new CardTab(own, compareWith),
  finger: (own) => new FingerTab(own),
  face: (own) => new FaceTab(own),
};
/** Made when they are first shown. */
const made = {};
const tabs = new Tabs(element('tabs'));
tabs.addEventListener('change', (/** @type {CustomEvent} */ { detail: shown }) => {
  for (const [name, tab] of Object.entries(made)) if (name !== shown) tab.leave?.();
  element('main').dataset.tab = shown;
  developer.tab = shown;
  if (!(shown in LATER) || shown in made) return;
  made[shown] = LATER[shown](dialOwn());
  translate();
});

pages.addEventListener('retake', () => {
  if (pages.retaken !== null && !TAKING.has(element('main').dataset.tab)) tabs.choose('document-camera');
});

/**
 * Requests of a connection run one after the other, and closing a camera would cancel a scan:
 * devices do not wait for each other because each kind has its own.
 */
function dialOwn() {
  const own = dial();
  number.follow(own);
  own.addEventListener('message', ({ detail }) => {
    // The first connection hears the same notices, except those that go back to a request.
    if (detail.message?.func !== 'Notify' || detail.message.reqId) developer.record(detail);
  });
  return own;
}

/** Made when a card is first taken: the next side does not wait for the one before to be read. */
let reader = null;

/** Resolves with 'front' or 'back', or null where a picture does not say. */
async function sideOf(blob) {
  reader ??= dialOwn();
  try {
    const order = { imageBase64: await toBase64(blob), crop: false };
    const { documents } = await reader.call('RecogDocument', order, { timeout: SIDE_MS });
    return SIDES[documents[0]?.type] ?? null;
  } catch {
    return null;
  }
}

/** Shows the tab of faces with the portrait of a card. */
function compareWith(portrait) {
  tabs.choose('face');
  made.face.compareWith(portrait);
}

function bringBack() {
  drafts.addEventListener('error', () => station.notice.warn(() => text('draftsFailed')));
  drafts.addEventListener('elsewhere', () => { station.elsewhere = true; });
  drafts.addEventListener('here', () => { station.elsewhere = false; });
  drafts.addEventListener('here', () => new Found(gaopai, pages, drafts, station.notice), { once: true });
  station.addEventListener('here', () => drafts.takeOver());
  drafts.open();
}

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => setLanguage(button.dataset.language));
}
onLanguage(() => {
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === currentLanguage()));
  }
});
translate();
tabs.follow();
document.documentElement.dataset.started = '';
bringBack();
