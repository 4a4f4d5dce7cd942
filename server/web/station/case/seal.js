/** What a reader can verify of a document: signatures, their time, the archive format. */
import { toBase64 } from '../../client/gaopai-identity.js';
import { currentLanguage, text } from '../../texts/i18n.js';

/** Suffix of a signature beside the file that it is of. */
const BESIDE = '.p7s';
/** Texts by where the time of a signature comes from. */
const TIME_TEXTS = { timestamp: 'sealProven', unproven: 'sealUnproven' };

/** Files in pairs of `{file, beside}`, each with the signature that lies beside it, or null. */
export function pairs(files) {
  const isBeside = ({ name }) => name.endsWith(BESIDE);
  const found = files.filter((file) => !isBeside(file)).map((file) => (
    { file, beside: files.find(({ name }) => name === file.name + BESIDE) ?? null }
  ));
  const alone = files.filter((file) => isBeside(file) && !found.some(({ beside }) => beside === file));
  return [...found, ...alone.map((beside) => ({ file: null, beside }))];
}

/** The verdict on a file of this computer, or null if there is no signature to verify. */
export async function verdictOf(gaopai, file, beside) {
  if (beside === null && !/\.pdf$/i.test(file.name)) return null;
  const request = { fileBase64: await toBase64(file), ...(beside && { signatureBase64: await toBase64(beside) }) };
  const verdict = await gaopai.call('VerifyFile', request);
  return verdict.signatures.length > 0 ? verdict : null;
}

/** A verdict in a sentence or two. */
export function inWords({ holds, signatures, problems, pdfa, breaches }) {
  const found = [...new Set([...problems, ...signatures.flatMap((one) => one.problems)])];
  const last = signatures.at(-1);
  const told = holds ? [text('sealHolds')] : [text('sealBroken', { problems: found.map((name) => text(`seal_${name.replace('.', '_')}`)).join(text('listComma')) })];
  if (last) {
    const when = last.time ? new Date(last.time).toLocaleString(currentLanguage() === 'zh' ? 'zh-CN' : 'en-GB') : '—';
    told.push(text(TIME_TEXTS[last.timeSource] ?? 'sealClock', { when, who: last.signer || '—' }));
    if (last.identity !== 'trusted') told.push(text('sealNobody'));
  }
  if (pdfa) told.push(text(breaches.length > 0 ? 'sealBreaks' : 'sealFormat', { level: pdfa }));
  return told.join(' ');
}
