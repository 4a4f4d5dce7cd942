/**
 * Pictures that are worked on again, and files: what a page does after the shutter.
 */
import { toBase64 } from './gaopai-identity.js';
import { toBlob, toBytes } from './gaopai-message.js';

/** Text of many pages is recognised for minutes. */
const MERGE_MS = 900_000;

/**
 * Resolves with the pictures of one capture in reading order.
 *
 * @param {any} channel
 * @param {number} devNum
 * @param {import('./gaopai.d.ts').CaptureLimits} options
 */
export async function captureBase64(channel, devNum, options = {}) {
  const [limits, output] = apart(options);
  const messages = await channel.exchangeAll('CameraCaptureBase64', { devNum, ...output }, limits, isLast);
  return messages.map(pictureOf);
}

/**
 * Resolves with the pictures in reading order: their blob, and `path` where `filePath` has them written.
 *
 * @param {any} channel
 * @param {import('./gaopai.d.ts').Processing} options
 */
export async function processImage(channel, { picture, path, ...options } = {}) {
  const imageBase64 = picture && await toBase64(picture);
  const [limits, params] = apart(options);
  const request = { imageBase64, imagePath: path, ...params, base64: true };
  const messages = await channel.exchangeAll('ProcessImage', request, limits, isLast);
  return messages.map((message) => ({ ...pictureOf(message), path: message.imagePath?.[0] ?? null }));
}

/**
 * Resolves with one page of both sides.
 *
 * @param {any} channel
 * @param {import('./gaopai.d.ts').Composing} options
 */
export async function composeCards(channel, { pictures = [], paths = [], camera, ...options } = {}) {
  const [limits, order] = apart(options);
  const imageBase64 = await Promise.all(pictures.map(toBase64));
  const params = { imageBase64, imagePath: paths, devNum: camera, base64: true, ...order };
  const answer = await channel.exchange('ComposeCards', params, limits);
  const { fileBase64, mime, filePath, width, height } = answer;
  return { blob: new Blob([toBytes(fileBase64)], { type: mime }), path: filePath ?? null, width, height };
}

/**
 * Resolves with `{path, pages, blank, blob(), answer}`.
 *
 * @param {any} channel
 * @param {import('./gaopai.d.ts').Merging} options
 */
export async function merge(channel, options = {}) {
  const { pictures = [], paths = [], onProgress, ...rest } = options;
  const [limits, params] = apart({ timeout: MERGE_MS, ...rest });
  const imageBase64 = await Promise.all(pictures.map(toBase64));
  const onNotice = ({ done, total }) => onProgress?.(done, total);
  const request = { imageBase64, imagePath: paths, progress: onProgress !== undefined, ...params };
  const answer = await channel.exchange('MergeFile', request, { ...limits, onNotice });
  const { filePath, pageCount, blankPages, downloadUrl } = answer;
  return { path: filePath, pages: pageCount, blank: blankPages, blob: () => download(downloadUrl, limits.signal), answer };
}

/** Resolves with the file as a Blob, named as it is there. */
export async function fetchFile(channel, path, limits = {}) {
  const { downloadUrl } = await channel.exchange('GetFile', { path }, limits);
  return download(downloadUrl, limits.signal);
}

/** An address is good once: who wants to show a file and save it, too, keeps the Blob. */
async function download(url, signal) {
  const answer = await fetch(url, { signal, referrerPolicy: 'origin' });
  if (!answer.ok) throw new Error(`GetFile: ${answer.status} ${(await answer.text()).trim()}`);
  return answer.blob();
}

const isLast = (message) => message.imageIndex >= message.imageCount;

function pictureOf(message) {
  return {
    blob: toBlob(message),
    width: message.width,
    height: message.height,
    index: message.imageIndex,
    count: message.imageCount,
    verdict: message.verdict ?? null,
    handle: message.handle ?? null,
    corners: message.corners ?? null,
    crop: message.crop ?? null,
  };
}

/** Limits of a call, and what is left: its parameters. */
/** @param {any} options */
function apart({ timeout, wait, resume, signal, onPicture, ...params }) {
  return [definite({ timeout, wait, resume, signal, onPicture }), params];
}

/** Without what is not set, which would take the place of a default. */
export function definite(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
