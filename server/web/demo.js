/** The demo page: its connections, its tabs, and the messages of both. */
import { CameraTab } from './camera-tab.js';
import { ConnectionPill, dial } from './connection.js';
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

let scannerTab = null;
const tabs = new Tabs(element('tabs'));
tabs.addEventListener('change', ({ detail }) => {
  if (detail !== 'scanner' || scannerTab !== null) return;
  scannerTab = new ScannerTab(dialScanner());
  translate();
});

/**
 * Requests of a connection run one after the other, and closing a camera would cancel a scan:
 * scanner and camera do not wait for each other because each has its own.
 */
function dialScanner() {
  const connection = dial();
  connection.addEventListener('message', ({ detail }) => {
    // The other connection hears the same notices.
    if (detail.message?.func !== 'Notify') log.record(detail);
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
