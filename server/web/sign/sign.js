/** The page at which people sign: they read, write, and are done. */
import { Pad } from './pad.js';
import { Pages } from './pages.js';
import { Signing } from './signing.js';
import { Texts } from './texts.js';

/** Errors after which one may write again. */
const TOO_LONG = 4026;
const NOTHING = 4027;
const UNREAD = 4028;
/** Error of the service for a signing that has ended. */
const GONE = 4020;
/** Time for which the thanks are shown before the window closes where it may, in milliseconds. */
const THANKS_MS = 8000;

const texts = new Texts();
const signing = new Signing();
const element = (id) => document.getElementById(id);
let task = null;
let pad = null;
let pages = null;
let isRead = false;
/** What is said, so that it can be said in the other language. */
const shown = { hint: 'readFirst', said: '', ended: '' };

function say() {
  texts.fill();
  element('title').textContent = texts.say('title');
  if (task) {
    element('task').textContent = texts.say(task.reason ? 'taskWithReason' : 'task', task);
    element('pad-title').textContent = texts.say('padTitle', task);
    element('ink').setAttribute('aria-label', texts.say('ink'));
    element('document').setAttribute('aria-label', task.name);
    pages?.name(texts);
  }
  element('hint').textContent = texts.say(shown.hint);
  element('said').textContent = shown.said && texts.say(shown.said);
  if (shown.ended) {
    element('ended-title').textContent = texts.say(`${shown.ended}Title`);
    element('ended-text').textContent = texts.say(`${shown.ended}Text`);
  }
}

function tell(where, key) {
  shown[where] = key;
  say();
}

function end(how) {
  if (shown.ended) return;
  signing.end();
  for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  element('document').hidden = true;
  element('choices').hidden = true;
  element('ended').hidden = false;
  element('ended').dataset.how = how;
  tell('ended', how);
  if (how === 'signed' || how === 'left') setTimeout(() => window.close(), THANKS_MS);
}

async function come() {
  try {
    task = await signing.open();
  } catch {
    end('gone');
    return;
  }
  if (!task) {
    end('closed');
    return;
  }
  texts.language = task.language;
  pages = new Pages(signing, task, element('document'), element('pages'), element('end'));
  pages.addEventListener('shown', () => say());
  pages.addEventListener('trouble', () => tell('hint', 'noPage'));
  pages.addEventListener('read', () => signing.ask('read').then(mayWrite, () => {}));
  element('ink').style.aspectRatio = `${task.size[0]} / ${task.size[1]}`;
  element('room').style.setProperty('--ratio', String(task.size[0] / task.size[1]));
  element('document').hidden = false;
  element('choices').hidden = false;
  if (!task.readToEnd) mayWrite();
  say();
  element('document').focus();
}

function mayWrite() {
  isRead = true;
  element('write').disabled = false;
  element('further').hidden = true;
  tell('hint', 'mayWrite');
}

function write() {
  if (!isRead) return;
  element('pad').showModal();
  if (pad) return;
  pad = new Pad(element('ink'), task.size);
  pad.addEventListener('begin', () => signing.ask('begin').catch(() => {}));
  pad.addEventListener('change', () => {
    const isEmpty = pad.strokes.length === 0;
    element('again').disabled = isEmpty;
    element('done').disabled = isEmpty;
    tell('said', pad.isFull ? 'tooLong' : '');
  });
}

async function finish() {
  hold(true);
  tell('said', 'sealing');
  try {
    await signing.ask('done', { strokes: pad.strokes, pointer: pad.pointer });
    end('signed');
  } catch (refusal) {
    const told = { 0: 'failed', [NOTHING]: 'nothing', [TOO_LONG]: 'tooLong', [UNREAD]: 'unread' }[refusal.code];
    if (!told) end(refusal.code === GONE ? 'gone' : 'unsealed');
    tell('said', told ?? '');
    hold(false);
  }
}

function hold(held) {
  pad.held = held;
  element('done').disabled = held;
  element('again').disabled = held;
  element('back').disabled = held;
}

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => {
    texts.language = button.dataset.language;
    say();
  });
}
element('further').addEventListener('click', () => pages.further());
element('write').addEventListener('click', write);
element('back').addEventListener('click', () => element('pad').close());
element('again').addEventListener('click', () => pad.clear());
element('done').addEventListener('click', finish);
element('leave').addEventListener('click', () => element('leaving').showModal());
element('stay').addEventListener('click', () => element('leaving').close());
element('go').addEventListener('click', () => {
  signing.leave();
  end('left');
});
// While it is sealed, Escape would only hide it.
element('pad').addEventListener('cancel', (event) => pad.held && event.preventDefault());
signing.addEventListener('gone', () => end('gone'));
window.addEventListener('pagehide', () => signing.leave());
say();
come();
