/** One key of the configuration: what it is for, and the control that changes it. */
import { currentLanguage, text } from '../texts/i18n.js';
import { badge, make } from './dom.js';
import { SETTING_TEXTS } from './setting-texts.js';

export function nameOf({ table, key }) {
  return table ? `${table}.${key}` : key;
}

/**
 * `value` is that of the file, undefined where its default holds. `changed(value)` is called with the new one, null for
 * the default, undefined where the file's own holds again. `draft` is what it is changed to, `words` why that is refused; one that
 * is `fixed` cannot be changed, and the name of one that stands among those of other tables is told `whole`.
 */
export function settingRow(setting, value, { draft, words, fixed, whole }, changed) {
  const name = nameOf(setting);
  const id = `set ${name}`;
  const about = `about ${name}`;
  const now = draft === undefined ? value : (draft ?? undefined);
  const tell = (chosen) => changed(same(chosen, value) ? undefined : chosen);
  const control = CONTROLS[setting.kind](setting, now, tell);
  control.id = id;
  control.setAttribute('aria-describedby', words ? `${about} wrong` : about);
  if (words) control.setAttribute('aria-invalid', 'true');
  if (fixed) control.setAttribute('disabled', '');
  const when = setting.atOnce ? badge('good', text('atOnce')) : badge('', text('afterRestart'));
  return make('div', { class: `setting ${draft === undefined ? '' : 'changed'}` },
    make('div', { class: 'what' },
      make('label', { for: id }, make('code', {}, whole ? name : setting.key), ' ', when),
      make('p', { id: about, class: 'quiet' }, meaning(name), ' ', text('default', { value: shown(setting.default) }))),
    make('div', {}, control, words && make('p', { id: 'wrong', class: 'wrong' }, words)));
}

/** Meaning of a key, from the guide to the configuration. */
export function meaning(name) {
  const [zh, en] = SETTING_TEXTS[name] ?? ['', ''];
  return currentLanguage() === 'zh' ? zh : en;
}

/** The same of a value of the file and of a control, where null and undefined both stand for the default. */
function same(one, other) {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

function shown(value) {
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return text('nothing');
  if (typeof value === 'boolean') return text(value ? 'on' : 'off');
  return Array.isArray(value) ? value.map((each) => JSON.stringify(each)).join(', ') : String(value);
}

const CONTROLS = {
  flag: (setting, now, tell) => choice([true, false], setting, now, tell, (value) => text(value ? 'on' : 'off')),
  choice: (setting, now, tell) => choice(setting.choices, setting, now, tell, String),
  number: (setting, now, tell) => make('input', {
    type: 'number', step: setting.whole ? 1 : 'any', value: now ?? '', placeholder: setting.default ?? '',
    onchange: ({ target }) => tell(target.value === '' ? null : Number(target.value)),
  }),
  text: (setting, now, tell) => make('input', {
    value: now ?? '', placeholder: setting.default, autocomplete: 'off', spellcheck: 'false',
    onchange: ({ target }) => tell(target.value === '' ? null : target.value),
  }),
  list: (setting, now, tell) => make('textarea', {
    rows: Math.min(8, Math.max(2, (now ?? []).length + 1)), spellcheck: 'false',
    placeholder: now === undefined ? (setting.default ?? []).join('\n') || text('oneALine') : text('nothing'),
    onchange: ({ target }) => tell(lines(target.value, setting.default)),
  }, (now ?? []).join('\n')),
  file: () => make('p', { class: 'quiet', tabindex: -1 }, text('fileOnly')),
};

function choice(values, setting, now, tell, say) {
  const byDefault = make('option', { value: '', selected: now === undefined }, text('byDefault', { value: shown(setting.default) }));
  const options = values.map((value, index) => make('option', { value: index, selected: value === now }, say(value)));
  const chosen = ({ target }) => tell(target.value === '' ? null : values[Number(target.value)]);
  return make('select', { onchange: chosen }, byDefault, options);
}

/** None is the default, unless the default is some. */
function lines(written, byDefault) {
  const items = written.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  return items.length > 0 || byDefault?.length > 0 ? items : null;
}
