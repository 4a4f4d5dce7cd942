/** The log of the last hour. */
import { text } from '../texts/i18n.js';
import { badge, button, make, table } from './dom.js';
import { dateTime } from './figures.js';
import { Panel } from './panel.js';

const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR'];
const SHOWN = 500;

export function logPanel(box, session) {
  let least = 'DEBUG';
  let words = '';
  const panel = new Panel(box, 'log', () => session.ask('log'), draw);

  function draw({ lines }) {
    const found = lines.filter((line) => LEVELS.indexOf(line.level) >= LEVELS.indexOf(least) && asText(line).includes(words));
    const shown = found.slice(-SHOWN).reverse();
    const rows = shown.map((line) => [dateTime(line.created * 1000), level(line.level), make('code', {}, line.logger), line.place, line.message]);
    const heads = [text('time'), text('level'), text('source'), text('request'), text('message')];
    return [
      filters(shown),
      make('p', { class: 'quiet' }, text('lines', { shown: shown.length, count: lines.length })),
      rows.length > 0 ? make('div', { class: 'log' }, table(text('log'), heads, rows)) : make('p', { class: 'quiet' }, text('noLines')),
    ];
  }

  function filters(shown) {
    const options = LEVELS.map((each) => make('option', { value: each, selected: each === least }, text(`least-${each}`)));
    const choose = make('select', { id: 'log-level', onchange: ({ target }) => set(() => { least = target.value; }) }, options);
    const search = make('input', { id: 'log-words', value: words, onchange: ({ target }) => set(() => { words = target.value; }) });
    const copy = button(text('copyLog'), () => navigator.clipboard.writeText(shown.map(asText).join('\n')), { id: 'log-copy' });
    return make('div', { class: 'row filters' },
      make('label', { for: 'log-level' }, make('span', {}, text('level')), choose),
      make('label', { class: 'grows', for: 'log-words' }, make('span', {}, text('search')), search),
      copy);
  }

  function set(change) {
    change();
    panel.render();
  }

  return panel;
}

function level(name) {
  return badge({ ERROR: 'bad', WARNING: 'warn' }[name] ?? '', name);
}

function asText({ created, level: name, logger, place, message }) {
  return `${new Date(created * 1000).toISOString()} ${name} ${logger} [${place}] ${message}`;
}
