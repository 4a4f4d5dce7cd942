/** What was read from a document: its kind, how far it was verified, and its fields. */
import { personalRow } from './personal.js';
import { text } from '../../texts/i18n.js';

/** The zone itself is for programs. */
const UNSHOWN = new Set(['mrz']);

/** Whether a field of a document was not read surely, or does not agree with others. */
export function isDoubtful({ problems }, name) {
  return problems.some((problem) => problem.split('.')[0] === name);
}

/** A document as an element. Fields are masked unless `revealed`; `failed` hears of an error when one cannot be copied. */
export function documentSheet(one, { revealed, failed }) {
  const sheet = Object.assign(document.createElement('section'), { className: 'document-sheet' });
  const title = Object.assign(document.createElement('h2'), { textContent: text(`document_${one.type}`) });
  title.append(' ', verdictOf(one));
  const list = document.createElement('dl');
  for (const [name, content] of Object.entries(one.fields)) {
    const doubt = isDoubtful(one, name) ? text('sightDoubt') : '';
    if (!UNSHOWN.has(name)) list.append(...personalRow(text(`field_${name}`), content, { revealed, failed, doubt }));
  }
  sheet.append(title, list);
  return sheet;
}

function verdictOf({ valid, expired, fields }) {
  const badge = Object.assign(document.createElement('span'), { className: 'badge', textContent: text(`sightValid_${valid}`) });
  badge.dataset.valid = String(valid);
  if (!expired) return badge;
  const until = (fields.endDate ?? fields.expiry).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3');
  badge.textContent = text('sightExpired', { until });
  badge.dataset.valid = 'false';
  return badge;
}
