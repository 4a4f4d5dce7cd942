/** Settings: every key of the configuration by its table, or the whole file; nothing is written before it was shown. */
import { text } from '../texts/i18n.js';
import { badge, button, card, command, make } from './dom.js';
import { showDraft } from './diff.js';
import { Panel } from './panel.js';
import { nameOf, settingRow } from './setting-row.js';

export function settingsPanel(box, session) {
  /** Values that were changed here, by name; null for the default. */
  const drafts = new Map();
  let table = 'server';
  /** The whole file as it is edited; null where keys are. */
  let whole = null;
  const panel = new Panel(box, 'settings', () => session.ask('settings'), draw);
  const forget = panel.forget.bind(panel);
  panel.forget = () => {
    reset();
    forget();
  };

  function reset() {
    drafts.clear();
    whole = null;
  }

  function draw(now) {
    if (!now.path) return card(text('configurationFile'), make('p', {}, text('noFile')), command('gaopai serve --config gaopai.toml', text('copy')));
    const editor = whole === null && !now.error ? byKey(now) : byText(now);
    return [head(now), editor, foot(now)];
  }

  function head({ path, writable, pending, error }) {
    return make('section', { class: 'card' },
      make('p', {}, make('code', {}, path), ' ', writable ? badge('good', text('writable')) : badge('', text('readOnly'))),
      error && make('p', {}, badge('bad', text('mistake')), ' ', error),
      !writable && make('p', { class: 'quiet' }, text('readOnlyHelp')),
      pending.length > 0 && make('p', {}, badge('warn', text('pending')), ' ', pending.flatMap((name) => [make('code', {}, name), ' '])),
      pending.length > 0 && command('systemctl --user restart gaopai.service', text('copy')));
  }

  function byKey({ settings, values }) {
    const tables = [...new Set(settings.map((each) => each.table))];
    const rows = settings.filter((each) => each.table === table).map((setting) => {
      const name = nameOf(setting);
      return settingRow(setting, values[name], drafts.get(name), (value) => change(name, value));
    });
    return make('div', { class: 'settings' },
      make('nav', { 'aria-label': text('tables') }, tables.map(choiceOf)),
      make('section', { class: 'card', 'aria-labelledby': 'table-title' },
        make('h2', { id: 'table-title' }, make('span', {}, titleOf(table), ' ', make('code', {}, `[${table}]`))), rows));
  }

  function choiceOf(name) {
    const count = [...drafts.keys()].filter((each) => inTable(each, name)).length;
    const chosen = () => {
      table = name;
      panel.render();
    };
    const label = [titleOf(name), ' ', count > 0 && badge('count', String(count))];
    const attributes = { type: 'button', class: 'plain', id: `table ${name}`, 'aria-current': name === table && 'true', onclick: chosen };
    return make('button', attributes, label);
  }

  function byText(now) {
    const area = make('textarea', {
      id: 'whole', class: 'whole', rows: 24, spellcheck: 'false', 'aria-label': text('wholeFile'),
      oninput: ({ target }) => { whole = target.value; },
    }, whole ?? now.text);
    return card(text('wholeFile'), make('p', { class: 'quiet' }, text('wholeHelp')), area);
  }

  function foot(now) {
    const byHand = whole !== null || now.error;
    const count = drafts.size;
    return make('div', { class: 'foot card' },
      make('p', { class: 'grows' }, byHand ? text('wholeFile') : text('changed', { count })),
      button(text(byHand ? 'byKeys' : 'editWhole'), () => edit(byHand ? null : now.text), { id: 'edit-whole', disabled: Boolean(now.error) }),
      button(text('discard'), discard, { id: 'discard', disabled: !byHand && count === 0 }),
      button(text('showChanges'), () => draft(now), { id: 'show-changes', class: 'primary', disabled: !byHand && count === 0 }));
  }

  function change(name, value) {
    if (value === undefined) drafts.delete(name);
    else drafts.set(name, value);
    panel.render();
  }

  function edit(text) {
    drafts.clear();
    whole = text;
    panel.render();
  }

  function discard() {
    reset();
    panel.render();
  }

  function draft(now) {
    const changes = now.settings.filter((each) => drafts.has(nameOf(each)))
      .map((each) => ({ table: each.table, key: each.key, value: drafts.get(nameOf(each)) }));
    const wanted = whole !== null || now.error ? { text: whole ?? now.text } : { changes };
    return panel.run(() => session.ask('draft', wanted), (made) => showDraft(made, now.path, now.writable && (() => save(made))));
  }

  function save({ text: written, stamp, later }) {
    const work = async () => {
      await session.ask('save', { text: written, stamp });
      return session.ask('settings');
    };
    return panel.run(work, (now) => {
      reset();
      panel.data = now;
    }, () => text(later.length > 0 ? 'savedLater' : 'saved'));
  }

  return panel;
}

function inTable(name, table) {
  return table ? name.slice(0, name.lastIndexOf('.')) === table : !name.includes('.');
}

function titleOf(table) {
  return table.split('.').map((part) => text(`table-${part}`)).join(' · ');
}
