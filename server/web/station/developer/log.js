/** Every message of the connection as it went over the wire, pictures shortened. */
import { onLanguage, text } from '../../texts/i18n.js';
import { withoutPersons } from './privacy.js';

const KEPT = 300;
const LONGEST = 120;
const LONGEST_RAW = 2000;

const element = (id) => document.getElementById(id);

export class MessageLog {
  #list = element('log');
  #pause = element('log-pause');
  #entries = [];
  #stale = new Set();

  constructor() {
    this.#pause.addEventListener('click', () => {
      this.#pause.setAttribute('aria-pressed', String(this.#pause.getAttribute('aria-pressed') !== 'true'));
    });
    element('log-clear').addEventListener('click', () => {
      this.#entries = [];
      this.#list.replaceChildren();
    });
    onLanguage(() => this.#entries.forEach(render));
  }

  /** Each message on a line. */
  get lines() {
    return this.#entries.map((entry) => {
      const repeated = entry.count > 1 ? ` (×${entry.count})` : '';
      return `${clock(entry.time)} ${arrow(entry.direction)} ${shortened(entry)}${repeated}`;
    });
  }

  /** Nothing is recorded while paused or while nobody can see it. */
  record(recorded) {
    if (document.hidden || this.#pause.getAttribute('aria-pressed') === 'true') return;
    const { direction, time, text: raw, message } = withoutPersons(recorded);
    const last = nearby(this.#entries, message).find((entry) => isNextFrame(entry, direction, message));
    // Pictures in base64 would weigh hundreds of megabytes.
    const said = { raw: raw.slice(0, LONGEST_RAW), message: brief(message) };
    const entry = last ? Object.assign(last, { ...said, count: last.count + 1 }) : { direction, time, ...said, count: 1 };
    if (!last) this.#entries.push(build(entry));
    if (this.#stale.size === 0) requestAnimationFrame(() => this.#render());
    this.#stale.add(entry);
  }

  #render() {
    const list = this.#list;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    for (const entry of this.#stale) {
      render(entry);
      if (!entry.row.isConnected && this.#entries.includes(entry)) list.append(entry.row);
    }
    this.#stale = new Set();
    for (const entry of this.#entries.splice(0, this.#entries.length - KEPT)) entry.row.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
  }
}

/** Entries that a message may share a row with. Of frames the last two: both streams of a face camera come by turns. */
function nearby(entries, message) {
  const last = entries.slice(-6);
  return message?.func === 'Heartbeat' ? last : last.filter(({ message: before }) => before?.func !== 'Heartbeat').slice(-2);
}

/** Frames of one preview share a row: thirty a second would push all else out of sight. */
function isNextFrame(last, direction, message) {
  if (message?.func === 'Heartbeat') return last.direction === direction && last.message?.func === 'Heartbeat';
  return direction === 'in' && last.direction === 'in' && (message?.devNum ?? message?.faceCameraNum) !== undefined
    && message.func === last.message?.func && message.reqId === last.message.reqId;
}

function build(entry) {
  const row = document.createElement('li');
  row.dataset.direction = entry.direction;
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  details.append(summary);
  details.addEventListener('toggle', () => render(entry));
  row.append(details);
  return Object.assign(entry, { row, details, summary, body: null });
}

function render(entry) {
  const { direction, message, summary, details } = entry;
  summary.dataset.failed = String(direction === 'in' && Boolean(message?.result));
  const parts = { time: clock(entry.time), arrow: arrow(direction), func: nameOf(entry), rest: rest(entry) };
  summary.replaceChildren(...Object.entries(parts).map(([name, content]) => span(name, content)));
  summary.firstChild.nextSibling.title = text(direction === 'out' ? 'sent' : 'received');
  if (!details.open) {
    entry.body?.remove();
    entry.body = null;
    return;
  }
  entry.body ??= details.appendChild(document.createElement('pre'));
  entry.body.textContent = shortened(entry, 2);
}

function nameOf({ message, count }) {
  return `${message?.func ?? '—'}${count > 1 ? ` ×${count}` : ''}`;
}

function rest({ message, raw }) {
  if (message === null) return raw.slice(0, LONGEST);
  const { func, functionName, reqId, success, ...others } = message;
  return JSON.stringify(others).slice(0, LONGEST);
}

function shortened({ message, raw }, indent) {
  return message === null ? raw : JSON.stringify(message, null, indent);
}

/** A message with its long texts cut. */
function brief(message) {
  return message === null ? null : JSON.parse(JSON.stringify(message, shorten));
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
