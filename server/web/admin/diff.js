/** Dialog that shows what a change makes of the file before it is written. */
import { text } from '../texts/i18n.js';
import { button, command, make } from './dom.js';

const KINDS = { '+': 'added', '-': 'removed', '@': 'place' };

/** `write()` is called when the person wants the draft to be written; without it the draft can only be copied. */
export function showDraft(draft, path, write) {
  const dialog = make('dialog', { class: 'draft', 'aria-labelledby': 'draft-title' });
  const close = () => dialog.close();
  const confirm = () => {
    close();
    write();
  };
  const nothing = draft.diff.length === 0;
  dialog.append(
    make('h2', { id: 'draft-title' }, text('changesOf', { path })),
    nothing ? make('p', { class: 'quiet' }, text('noChanges')) : lines(draft.diff),
    ...keys('now', draft.now), ...keys('later', draft.later),
    write || nothing ? '' : make('p', {}, text('copyInstead', { path })),
    make('div', { class: 'row ends' },
      button(text('cancel'), close),
      !nothing && !write && button(text('copyFile'), () => navigator.clipboard.writeText(draft.text), { class: 'primary' }),
      !nothing && write && button(text('write'), confirm, { class: 'primary', id: 'write' })),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** A line for each line: what is added or removed is told by its sign, not by its colour alone. */
function lines(diff) {
  const rows = diff.map((line) => make('span', { class: KINDS[line[0]] ?? '' }, `${line}\n`));
  return make('pre', { class: 'diff', tabindex: 0, role: 'region', 'aria-label': text('difference') }, rows);
}

function keys(kind, names) {
  if (names.length === 0) return [];
  const told = make('p', {}, text(kind === 'now' ? 'holdNow' : 'holdLater'), ' ', names.flatMap((name) => [make('code', {}, name), ' ']));
  return kind === 'now' ? [told] : [told, command('systemctl --user restart gaopai.service', text('copy'))];
}
