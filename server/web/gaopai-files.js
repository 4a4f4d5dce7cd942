/**
 * Pictures that are worked on again, documents that are made of them, and the files of this site's pages.
 */
import { toBase64 } from './gaopai-identity.js';
import { toBlob, toBytes } from './gaopai-preview.js';

/** `handle`, `picture` (Blob) or `path`, and settings; each picture that came of it. */
export async function processImage(channel, { handle, picture, path, timeout, signal, ...settings }) {
  const imageBase64 = picture ? await toBase64(picture) : undefined;
  const params = { handle, imageBase64, imagePath: path, ...settings, ...(settings.filePath !== undefined && { base64: true }) };
  const isLast = ({ imageIndex, imageCount }) => (imageIndex ?? imageCount) >= imageCount;
  const answers = await channel.answers('ProcessImage', params, { timeout, signal }, isLast);
  return answers.map(pictureOf);
}

/** What a message says of its picture. */
export function pictureOf(message) {
  return {
    blob: toBlob(message),
    width: message.width,
    height: message.height,
    index: message.imageIndex ?? 1,
    count: message.imageCount,
    verdict: message.verdict ?? null,
    handle: message.handle ?? null,
    corners: message.corners ?? null,
    path: message.imagePath?.[0] ?? null,
  };
}

/** Resolves with the answer of MergeFile; `onProgress(done, total)` hears of each page. */
export async function mergeFile(channel, order, { onProgress, ...limits } = {}) {
  const onNotice = ({ event, done, total }) => event === 'OnProgress' && onProgress?.(done, total);
  return channel.exchange('MergeFile', order, { ...limits, onNotice });
}

/** A file of this site's pages as a Blob. */
export async function getFile(channel, path, limits = {}) {
  const { fileBase64, mime } = await channel.exchange('GetFile', { path, base64: true }, limits);
  return new Blob([toBytes(fileBase64)], { type: mime });
}

/** Front and back of a card on one page: `pictures` (Blobs), files at `paths`, or a capture of `camera`. */
export async function composeCards(channel, { pictures = [], paths = [], camera, timeout, signal, ...order }) {
  const imageBase64 = await Promise.all(pictures.map(toBase64));
  const params = { imageBase64, imagePath: paths, devNum: camera, base64: true, ...order };
  const answer = await channel.exchange('ComposeCards', params, { timeout, signal });
  const { fileBase64, mime, filePath, width, height } = answer;
  return { blob: new Blob([toBytes(fileBase64)], { type: mime }), path: filePath ?? null, width, height };
}
