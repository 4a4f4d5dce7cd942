/** What a card or a document says of a person, a row each: masked alike wherever it is read, and copied with one press. */
import { icon } from '../icons.js';
import { text } from '../../texts/i18n.js';

const MASK = '••••••';
const COPIED_STAYS_MS = 1500;

/**
 * Elements of one row of a description list. What is masked is not in the page at all; it can be copied all the same.
 * `failed` hears of an error when the browser does not let it be copied.
 */
export function personalRow(name, content, { revealed, failed, doubt = '' }) {
  const value = Object.assign(document.createElement('dd'), { title: doubt });
  value.dataset.doubt = String(doubt !== '');
  const shown = Object.assign(document.createElement('span'), { textContent: revealed ? content : MASK, className: revealed ? '' : 'masked' });
  value.append(shown, copier(name, content, failed));
  return [Object.assign(document.createElement('dt'), { textContent: name }), value];
}

function copier(name, content, failed) {
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'plain copy' });
  const show = (picture, sentence) => {
    button.innerHTML = icon(picture);
    button.title = sentence;
    button.setAttribute('aria-label', sentence);
  };
  const offer = () => show('copy', text('copyItem', { name }));
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(content);
      show('copied', text('copiedItem', { name }));
      setTimeout(offer, COPIED_STAYS_MS);
    } catch {
      failed({ say: () => text('notCopied') });
    }
  });
  offer();
  return button;
}
