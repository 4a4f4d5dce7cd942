/** Settings: every key of the configuration by its table, or the whole file; nothing is written before it was shown. */
import { currentLanguage, text } from '../texts/i18n.js';
import { badge, button, card, command, make } from './dom.js';
import { showDraft } from './diff.js';
import { Panel } from './panel.js';
import { meaning, nameOf, settingRow } from './setting-row.js';

export function settingsPanel(box, session) {
  /** Values that were changed here, by name; null for the default. */
  const drafts = new Map();
  let table = 'server';
  /** The whole file as it is edited; null where keys are. */
  let whole = null;
  /** Words that are looked for in names and meanings; empty for the chosen table. */
  let sought = '';
  /** The name of the value that was refused last, and what says why; or null. */
  let refused = null;
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
    // What holds without a file is shown all the same; there is no place to write to.
    if (!now.path) return [card(text('configurationFile'), make('p', {}, text('noFile')), command('gaopai serve --config gaopai.toml', text('copy'))), byKey(now)];
    const editor = whole === null && !now.error ? byKey(now) : byText(now);
    return [head(now), editor, foot(now)];
  }

  function head({ path, writable, pending, error, errorZh }) {
    return make('section', { class: 'card' },
      make('p', {}, make('code', {}, path), ' ', writable ? badge('good', text('writable')) : badge('', text('readOnly'))),
      error && make('p', {}, badge('bad', text('mistake')), ' ', currentLanguage() === 'zh' ? errorZh : error),
      !writable && make('p', { class: 'quiet' }, text('readOnlyHelp')),
      pending.length > 0 && make('p', {}, badge('warn', text('pending')), ' ', pending.flatMap((name) => [make('code', {}, name), ' '])),
      pending.length > 0 && command('systemctl --user restart gaopai.service', text('copy')));
  }

  function byKey({ path, settings, values }) {
    const tables = [...new Set(settings.map((each) => each.table))];
    const shown = sought === '' ? settings.filter((each) => each.table === table) : settings.filter((each) => isSought(nameOf(each), sought));
    const rows = shown.map((setting) => {
      const name = nameOf(setting);
      const words = refused?.name === name ? refused.say() : '';
      return settingRow(setting, values[name], { draft: drafts.get(name), words, fixed: !path, whole: sought !== '' }, (value) => change(name, value));
    });
    const title = sought === '' ? [titleOf(table), ' ', make('code', {}, `[${table}]`)] : [text('foundSettings', { count: rows.length })];
    return make('div', { class: 'settings' },
      make('nav', { 'aria-label': text('tables') },
        make('input', { id: 'seek', type: 'search', value: sought, placeholder: text('seek'), 'aria-label': text('seek'), autocomplete: 'off', oninput: seek }),
        tables.map(choiceOf)),
      make('section', { class: 'card', 'aria-labelledby': 'table-title' }, make('h2', { id: 'table-title' }, make('span', {}, title)), rows));
  }

  function seek({ target }) {
    sought = target.value.trim();
    const { selectionStart } = target;
    panel.render();
    document.getElementById('seek').setSelectionRange(selectionStart, selectionStart);
  }

  function choiceOf(name) {
    const count = [...drafts.keys()].filter((each) => inTable(each, name)).length;
    const chosen = () => {
      table = name;
      sought = '';
      panel.render();
    };
    const label = [titleOf(name), ' ', count > 0 && badge('count', String(count))];
    const attributes = { type: 'button', class: 'plain', id: `table ${name}`, 'aria-current': name === table && sought === '' && 'true', onclick: chosen };
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
    refused = null;
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
    return panel.run(() => session.ask('draft', wanted).catch(pointOut), (made) => showDraft(made, now.path, now.writable && (() => save(made))));
  }

  /** A value that is refused is said beside its key, where the hand goes next. */
  function pointOut(refusal) {
    const name = refusal.setting;
    if (now(name)) {
      refused = { name, say: () => refusal.say() };
      sought = '';
      table = now(name).table;
      setTimeout(() => document.getElementById(`set ${name}`)?.focus());
    }
    throw refusal;
  }

  function now(name) {
    return panel.data.settings.find((each) => nameOf(each) === name);
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

/** Whether each of some words is in the name or the meaning of a key. */
function isSought(name, words) {
  const told = `${name} ${meaning(name)} ${titleOf(name.split('.').slice(0, -1).join('.'))}`.toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => told.includes(word));
}

function inTable(name, table) {
  return table ? name.slice(0, name.lastIndexOf('.')) === table : !name.includes('.');
}

function titleOf(table) {
  return table.split('.').map((part) => text(`table-${part}`)).join(' · ');
}
