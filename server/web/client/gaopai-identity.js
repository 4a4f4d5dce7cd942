/**
 * Cards, fingers and faces: what a person holds to a reader or shows a camera, as promises.
 *
 * Nothing of it is kept here: it lives as long as the page holds what was returned.
 */
import { toBytes } from './gaopai-message.js';

const ID_TYPES = { resident: 0, social: 1, bank: 2 };
/** What reading takes once the card or finger is there, and the service's own wait where the page names none. */
const MARGIN_MS = 30_000;
const USUAL_WAIT_MS = 60_000;

/**
 * Resolves with what the card says.
 *
 * @param {any} channel
 * @param {string} kind
 * @param {import('./gaopai.d.ts').CardReading} options
 */
export async function readCard(channel, kind, { timeout, reader, pin, signal } = {}) {
  if (!(kind in ID_TYPES)) throw new TypeError(`readCard: ${kind} is no kind of card; there are ${Object.keys(ID_TYPES)}`);
  const params = { idType: ID_TYPES[kind], timeout, devNum: reader, pin };
  const answer = await ask(channel, 'ReadIDCardInfo', params, { timeout: patience(timeout), signal });
  if (kind === 'bank') return { number: String(answer.idNum), expiry: answer.expiry };
  if (kind === 'social') return answer.IDCardInfo;
  return { ...answer.cardInfo, portrait: picture(answer.cardInfo.imageBase64) };
}

/**
 * Resolves with the finger's picture and its feature, which `matchFinger` takes.
 *
 * @param {any} channel
 * @param {import('./gaopai.d.ts').FingerReading} options
 */
export async function readFinger(channel, { presses = 1, timeout, reader, signal, onPress } = {}) {
  const onNotice = ({ pressed, reason }) => onPress?.({ pressed, presses, reason: reason ?? null });
  const limits = { timeout: presses * patience(timeout), signal, onNotice };
  const answer = await ask(channel, 'ReadFingerInfo', { presses, timeout, devNum: reader }, limits);
  return { picture: picture(answer.fingerImageBase64), feature: answer.fingerFeature };
}

/**
 * Resolves when a live finger matches; otherwise rejects, with the similarity in `error.answer`.
 *
 * @param {any} channel
 * @param {import('./gaopai.d.ts').FingerMatching} options
 */
export async function matchFinger(channel, { feature, picture: given, timeout, threshold, reader, signal } = {}) {
  const fingerImageBase64 = given ? await toBase64(given) : undefined;
  const params = { fingerImageBase64, fingerFeature: feature, timeout, threshold, devNum: reader };
  const answer = await ask(channel, 'FingerMatch', params, { timeout: patience(timeout), signal });
  return { similarity: answer.similarity, picture: picture(answer.fingerImageBase64) };
}

/**
 * Resolves when the person before the open face camera is the one of `picture` (Blob) or `path`; with two paths, or
 * both, those are compared. Otherwise rejects, with the similarity in `error.answer` where there is one.
 *
 * @param {any} channel
 * @param {import('./gaopai.d.ts').FaceMatching} options
 */
export async function matchFace(channel, { picture: given, path, threshold, timeout, camera, signal, onAction } = {}) {
  const faceImageBase64 = given ? await toBase64(given) : undefined;
  const params = { faceImageBase64, faceImagePath: path, threshold, timeout, faceCameraNum: camera };
  const onNotice = ({ event, action }) => event === 'OnFaceAction' && onAction?.(action);
  const answer = await ask(channel, 'FaceMatch', params, { timeout: patience(timeout), signal, onNotice });
  return { similarity: answer.similarity, picture: picture(answer.faceImageBase64), notice: answer.notice ?? null };
}

/** The service goes on waiting for a card, finger or face unless it is told that nobody wants it any more. */
async function ask(channel, func, params, limits) {
  const cancel = () => channel.call('CancelScan').catch(() => {});
  limits.signal?.addEventListener('abort', cancel);
  try {
    return await channel.exchange(func, params, limits);
  } finally {
    limits.signal?.removeEventListener('abort', cancel);
  }
}

function patience(timeout) {
  return timeout === undefined ? USUAL_WAIT_MS : timeout + MARGIN_MS;
}

/** null for none. */
function picture(base64) {
  if (!base64) return null;
  const bytes = toBytes(base64);
  const type = { 0x89: 'image/png', 0x42: 'image/bmp' }[bytes[0]] ?? 'image/jpeg';
  return new Blob([bytes], { type });
}

export async function toBase64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  if (bytes.toBase64) return bytes.toBase64();
  let binary = '';
  for (let at = 0; at < bytes.length; at += 32_768) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  }
  return btoa(binary);
}
