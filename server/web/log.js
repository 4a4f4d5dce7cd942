/** Every message of the connection as it went over the wire, pictures shortened. */
import { onLanguage, text } from './i18n.js';
import * as notice from './notice.js';
import { withoutPersons } from './privacy.js';

const KEPT = 300;
const LONGEST = 120;

const element = (id) => document.getElementById(id);
const list = element('log');
const pause = element('log-pause');
let entries = [];
let stale = new Set();

pause.addEventListener('click', () => {
  pause.setAttribute('aria-pressed', String(pause.getAttribute('aria-pressed') !== 'true'));
});
element('log-clear').addEventListener('click', () => {
  entries = [];
  list.replaceChildren();
});
element('log-copy').addEventListener('click', copy);
onLanguage(() => entries.forEach(render));

/** Nothing is recorded while paused or while nobody can see it. */
export function record(recorded) {
  const { direction, time, text: raw, message } = withoutPersons(recorded);
  if (document.hidden || pause.getAttribute('aria-pressed') === 'true') return;
  // Of the last two: both streams of a face camera come by turns.
  const last = entries.slice(-2).find((entry) => isNextFrame(entry, direction, message));
  if (last) Object.assign(last, { raw, message, count: last.count + 1 });
  else append({ direction, time, raw, message, count: 1 });
  if (stale.size === 0) requestAnimationFrame(renderStale);
  stale.add(last ?? entries.at(-1));
}

/** Frames of one preview share a row: thirty a second would push all else out of sight. */
function isNextFrame(last, direction, message) {
  return direction === 'in' && last.direction === 'in' && (message?.devNum ?? message?.faceCameraNum) !== undefined
    && message.func === last.message?.func && message.reqId === last.message.reqId;
}

function append(entry) {
  const row = document.createElement('li');
  row.dataset.direction = entry.direction;
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  const body = document.createElement('pre');
  details.append(summary, body);
  details.addEventListener('toggle', () => render(entry));
  row.append(details);
  entries.push(Object.assign(entry, { row, details, summary, body }));
}

function renderStale() {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  for (const entry of stale) {
    render(entry);
    if (!entry.row.isConnected && entries.includes(entry)) list.append(entry.row);
  }
  stale = new Set();
  for (const entry of entries.splice(0, entries.length - KEPT)) entry.row.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function render(entry) {
  const { direction, message, summary, body, details } = entry;
  summary.dataset.failed = String(direction === 'in' && Boolean(message?.result));
  const parts = { time: clock(entry.time), arrow: arrow(direction), func: nameOf(entry), rest: brief(entry) };
  summary.replaceChildren(...Object.entries(parts).map(([name, content]) => span(name, content)));
  summary.firstChild.nextSibling.title = text(direction === 'out' ? 'sent' : 'received');
  if (details.open) body.textContent = shortened(entry, 2);
}

function nameOf({ message, count }) {
  return `${message?.func ?? '—'}${count > 1 ? ` ×${count}` : ''}`;
}

function brief({ message, raw }) {
  if (message === null) return raw.slice(0, LONGEST);
  const { func, functionName, reqId, success, ...rest } = message;
  return JSON.stringify(rest, shorten).slice(0, LONGEST);
}

function shortened({ message, raw }, indent) {
  return message === null ? raw.slice(0, 2000) : JSON.stringify(message, shorten, indent);
}

function shorten(_, value) {
  if (typeof value !== 'string' || value.length <= LONGEST) return value;
  return `${value.slice(0, 24)}… (${value.length})`;
}

function arrow(direction) {
  return direction === 'out' ? '→' : '←';
}

function clock(time) {
  const date = new Date(time);
  return `${date.toLocaleTimeString('en-GB')}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function span(className, content) {
  return Object.assign(document.createElement('span'), { className, textContent: content });
}

async function copy() {
  const lines = entries.map((entry) => {
    const repeated = entry.count > 1 ? ` (×${entry.count})` : '';
    return `${clock(entry.time)} ${arrow(entry.direction)} ${shortened(entry)}${repeated}`;
  });
  try {
    await navigator.clipboard.writeText(lines.join('\n'));
    notice.shown().info(text('copied'));
  } catch {
    notice.shown().error({ message: text('notCopied') });
  }
}
