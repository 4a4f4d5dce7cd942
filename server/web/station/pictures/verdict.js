/** What the service thinks of a picture, in words. */
import { text } from '../../texts/i18n.js';

const FAULTS = ['blurred', 'glare', 'cutOff', 'tooDark', 'tooSmall'];
/** From here on the service says that a fault matters. */
const DOUBT = 0.5;

/** Names of the faults that matter; none for a picture that nobody judged. */
export function faults(verdict) {
  return FAULTS.filter((name) => (verdict?.[name] ?? 0) >= DOUBT);
}

/** One sentence; empty for a picture that nobody judged. */
export function inWords(verdict) {
  if (!verdict) return '';
  const found = faults(verdict).map((name) => text(name));
  return found.length === 0 ? text('verdictOk') : text('verdictBad', { faults: found.join(text('listComma')) });
}
