/** Devices, who uses them, and what `gaopai doctor` finds. */
import { currentLanguage, inLanguage, text, word } from '../texts/i18n.js';
import { badge, card, command, make, table, urgentCard } from './dom.js';
import { Panel } from './panel.js';

export function devicesPanel(box, session) {
  const panel = new Panel(box, 'devices', load, draw);

  async function load() {
    const { devices, problems } = await session.ask('devices');
    panel.data = { devices, problems, checks: panel.data?.checks ?? null };
    panel.render();
    // These take seconds, for which the devices need not wait.
    const { checks } = await session.ask('checks');
    return { devices, problems, checks };
  }

  return panel;
}

function draw({ devices, problems, checks }) {
  return make('div', { class: 'columns' }, [
    card(text('foundDevices'), ...deviceCard(devices, problems)),
    urgentCard(text('checks'), ...(checks === null ? [make('p', { class: 'quiet' }, text('checking'))] : checkCard(checks))),
  ]);
}

function deviceCard(devices, problems) {
  const rows = devices.map(({ kind, name, inUse, page }) => [
    text(`kind-${kind}`),
    word(name),
    inUse ? badge('', page ? text('usedBy', { page }) : text('used')) : badge('good', text('free')),
  ]);
  const listed = rows.length > 0
    ? table(text('foundDevices'), [text('kind'), text('name'), text('state')], rows)
    : make('p', { class: 'quiet' }, text('noDevices'));
  return [listed, ...problems.map((each) => problemOf(text(`kind-${each.kind}`), each[currentLanguage()], '', 'bad', text('problem')))];
}

function checkCard(checks) {
  const wrong = checks.filter(({ ok }) => !ok);
  const good = checks.filter(({ ok }) => ok);
  const needed = wrong.filter(({ optional }) => !optional);
  const optional = wrong.filter((each) => each.optional);
  return [
    make('p', {}, verdictOf(needed.length, optional.length)),
    ...needed.map((each) => findingOf(each, 'bad', text('missing'))),
    ...optional.map((each) => findingOf(each, '', text('without'))),
    make('details', {}, make('summary', {}, text('fine', { count: good.length })), goodTable(good)),
  ];
}

/** Nothing is called well above what there is to do. */
function verdictOf(needed, optional) {
  if (needed > 0) return badge('bad', text('wrong', { count: needed }));
  return optional > 0 ? badge('warn', text('works', { count: optional })) : badge('good', text('allWell'));
}

function goodTable(good) {
  return table(text('checks'), [text('check'), text('found')], good.map((each) => [inLanguage(each).name, inLanguage(each).reason]));
}

function findingOf(check, kind, state) {
  const { name, reason, remedy } = inLanguage(check);
  const finding = problemOf(name, reason, check.command === remedy ? '' : remedy, kind, state);
  if (check.command) finding.append(command(check.command, text('copy')));
  return finding;
}

function problemOf(name, reason, remedy, kind, state) {
  const head = make('p', {}, badge(kind, state), ' ', make('strong', {}, name));
  return make('div', { class: `finding ${kind}` }, head, make('p', {}, reason), remedy && make('p', { class: 'quiet' }, remedy));
}
