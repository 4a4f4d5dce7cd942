/** The settings view: locked until a token of `gaopai admin` opened it, then one panel a tab. */
import './texts.js';
import { currentLanguage, onLanguage, setLanguage, text, translate } from '../texts/i18n.js';
import { Tabs } from '../station/tabs.js';
import { aboutPanel } from './about.js';
import { devicesPanel } from './devices.js';
import { logPanel } from './log.js';
import { originsPanel } from './origins.js';
import { Session } from './session.js';
import { settingsPanel } from './settings.js';
import { storagePanel } from './storage.js';

const PANELS = {
  devices: devicesPanel,
  origins: originsPanel,
  storage: storagePanel,
  about: aboutPanel,
  log: logPanel,
  settings: settingsPanel,
};

const byId = (id) => document.getElementById(id);
const session = new Session();
const panels = Object.fromEntries(
  Object.entries(PANELS).map(([name, make]) => [name, make(byId(`panel-${name}`), session)]),
);
let tabs = null;
let why = () => text('lockedWhy');

function lock(locked) {
  byId('locked').hidden = !locked;
  byId('tabs').hidden = locked;
  byId('end').hidden = locked;
  if (!locked) return;
  for (const [name, panel] of Object.entries(panels)) {
    byId(`panel-${name}`).hidden = true;
    panel.forget();
  }
  byId('locked-why').textContent = why();
}

session.addEventListener('open', () => {
  lock(false);
  if (tabs === null) {
    tabs = new Tabs(byId('tabs'));
    tabs.addEventListener('change', ({ detail }) => session.isOpen && panels[detail].show());
  }
  tabs.follow();
});

session.addEventListener('end', (/** @type {CustomEvent} */ { detail }) => {
  why = detail === null ? () => text('ended') : () => detail.say();
  lock(true);
  byId('main').focus();
});

onLanguage(() => {
  byId('locked-why').textContent = why();
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === currentLanguage()));
  }
});
for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => setLanguage(button.dataset.language));
}
byId('end').addEventListener('click', () => session.end());
// Another token may be pasted into the address of a page that is open already.
window.addEventListener('hashchange', () => session.begin());

translate();
lock(true);
await session.begin();
