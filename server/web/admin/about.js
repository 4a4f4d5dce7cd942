/** Versions, models, dialects, and background work that has failed. */
import { currentLanguage, inLanguage, text } from '../texts/i18n.js';
import { badge, card, command, make, table } from './dom.js';
import { bytes, dateTime, duration } from './figures.js';
import { Panel } from './panel.js';

export function aboutPanel(box, session) {
  const panel = new Panel(box, 'about', load, draw);

  async function load() {
    const about = await session.ask('about');
    panel.data = { about, models: panel.data?.models ?? null };
    panel.render();
    return { about, ...await session.ask('models') };
  }

  return panel;
}

function draw({ about, models }) {
  return [
    make('div', { class: 'columns' }, versionCard(about), make('div', { class: 'stack' }, dialectCard(about), failureCard(about))),
    card(text('models'), models === null ? make('p', { class: 'quiet' }, text('working')) : modelTable(models)),
  ];
}

function versionCard({ version, uptime, system, libraries }) {
  const heads = [text('name'), text('version')];
  return card(text('versions'),
    make('p', {}, text('runs', { duration: duration(uptime) })),
    table(text('versions'), heads, [['gaopai', version], ...Object.entries(system)]),
    make('details', {}, make('summary', {}, text('libraries')), table(text('libraries'), heads, Object.entries(libraries))));
}

function dialectCard({ dialects }) {
  const rows = dialects.map(({ name, enabled, ports, origins }) => [
    name,
    enabled ? badge('good', text('on')) : badge('', text('off')),
    ports.join(currentLanguage() === 'zh' ? '、' : ', '),
    origins === null ? text('asAccess') : origins.join(' '),
  ]);
  return card(text('dialects'), table(text('dialects'), [text('name'), text('state'), text('ports'), text('origins')], rows));
}

function failureCard({ failures }) {
  if (failures.length === 0) return card(text('failures'), badge('good', text('noFailures')));
  const rows = failures.map(({ name, count, error, at }) => [name, String(count), error, dateTime(at)]);
  return card(text('failures'), table(text('failures'), [text('name'), text('count'), text('error'), text('last')], rows));
}

function modelTable(models) {
  const rows = models.map((model) => [
    model.role, make('code', {}, model.name), state(model), bytes(model.size), model.licence,
    inLanguage(model).remedy ? command(inLanguage(model).remedy, text('copy')) : inLanguage(model).purpose,
  ]);
  return table(text('models'), [text('role'), text('name'), text('state'), text('size'), text('licence'), text('remedy')], rows);
}

function state({ ok, inUse, found }) {
  if (inUse) return badge('good', text('inUse'));
  if (ok) return badge('good', text('present'));
  return found ? badge('bad', text('damaged')) : badge('', text('absent'));
}
