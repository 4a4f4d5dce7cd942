/** The demo page: its connections, its tabs, and the messages of all. */
import { CameraTab } from './camera-tab.js';
import { CardTab } from './card-tab.js';
import { ConnectionPill, dial } from './connection.js';
import { FaceTab } from './face-tab.js';
import { FingerTab } from './finger-tab.js';
import { currentLanguage, onLanguage, setLanguage, translate } from './i18n.js';
import * as log from './log.js';
import * as notice from './notice.js';
import { readWith } from './picture-codes.js';
import { ScannerTab } from './scanner-tab.js';
import { Tabs } from './tabs.js';

const element = (id) => document.getElementById(id);

// The page's own service, also for the console: gaopai.call('GetServiceInfo').then(console.log)
const gaopai = dial();
window.gaopai = gaopai;
gaopai.addEventListener('message', ({ detail }) => log.record(detail));
readWith((imageBase64) => gaopai.call('RecogBarCode', { imageBase64 }));
new CameraTab(gaopai, new ConnectionPill(gaopai));

const LATER = { scanner: ScannerTab, card: CardTab, finger: FingerTab, face: FaceTab };
/** Made when they are first shown. */
const made = {};
const tabs = new Tabs(element('tabs'));
tabs.addEventListener('change', ({ detail: shown }) => {
  for (const [name, tab] of Object.entries(made)) if (name !== shown) tab.leave?.();
  if (!(shown in LATER) || shown in made) return;
  made[shown] = new LATER[shown](dialOwn());
  translate();
});

/**
 * Requests of a connection run one after the other, and closing a camera would cancel a scan:
 * devices do not wait for each other because each kind has its own.
 */
function dialOwn() {
  const connection = dial();
  connection.addEventListener('message', ({ detail }) => {
    // The first connection hears the same notices, except those that go back to a request.
    if (detail.message?.func !== 'Notify' || detail.message.reqId) log.record(detail);
  });
  return connection;
}

function sendByHand() {
  try {
    gaopai.send(element('hand-text').value);
  } catch (error) {
    notice.shown().error(error);
  }
}

element('hand').addEventListener('submit', (event) => {
  event.preventDefault();
  sendByHand();
});
element('hand-text').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.ctrlKey) sendByHand();
});
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
