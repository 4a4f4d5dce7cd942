/** What a person's card, document, finger or face says is nothing for the log of messages. */

const PERSONAL = new Set(['ReadIDCardInfo', 'ReadFingerInfo', 'FingerMatch', 'FaceMatch', 'RecogText', 'RecogDocument', 'OnDocuments']);
/** Text that is nobody's. */
const PLAIN = new Set(['func', 'functionName', 'reqId', 'errorMsg', 'imageReason', 'form', 'type', 'state', 'event', 'problems', 'imagePath']);
const MASK = '•••';

/** A message as it may be shown: personal text is masked, where there is any. */
export function withoutPersons(recorded) {
  const { message } = recorded;
  if (!PERSONAL.has(message?.event ?? message?.func ?? message?.functionName)) return recorded;
  const masked = mask(message);
  return { ...recorded, message: masked, text: JSON.stringify(masked) };
}

function mask(value, key = '') {
  if (value === null || typeof value !== 'object') {
    const personal = typeof value === 'string' ? value !== '' && !PLAIN.has(key) : key === 'idNum';
    return personal ? MASK : value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mask(inner, name)]));
}
