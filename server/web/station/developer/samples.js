/** Code of each tab, for authors to copy. */

const camera = `import { connect } from './gaopai.js';
const gaopai = connect();
await gaopai.call('OpenCamera', {
  devNum: 0, mediaNum: 0,
  resolutionNum: 0, fps: 15 });
gaopai.preview(0, canvas);
const [{ blob, handle, corners }] =
  await gaopai.captureBase64(0);
const [turned] =
  await gaopai.processImage({
    handle, corners, rotate: 90 });`;

const scanner = `import { connect } from './gaopai.js';
const gaopai = connect();
const files = [];
const order = { devIndex: 0,
  scanSource: 1, imagePath: '' };
for await (const { blob, path }
    of gaopai.scan(order)) {
  files.push(path);
  show(blob);
}
const { blob } =
  await gaopai.merge({
    paths: files, fileType: 2,
    onProgress: show });
open(URL.createObjectURL(
  await blob()));`;

const card = `import { connect } from './gaopai.js';
const gaopai = connect();
const { name, id, portrait } =
  await gaopai.readCard('resident',
    { timeout: 20_000 });
const { number } =
  await gaopai.readCard('bank');`;

const finger = `import { connect } from './gaopai.js';
const gaopai = connect();
const { feature } =
  await gaopai.readFinger({
    presses: 3,
    onPress: ({ pressed }) =>
      show(pressed) });
const { similarity } =
  await gaopai.matchFinger({
    feature, timeout: 10_000 });`;

const face = `import { connect } from './gaopai.js';
const gaopai = connect();
await gaopai.call('OpenFaceCamera', {
  faceCameraNum: 0, faceFps: 15 });
const preview =
  gaopai.previewFace(0, canvas);
await gaopai.call(
  'SetFaceLivingBodyState', {
    faceCameraNum: 0,
    faceLivingBody: 1 });
const { similarity } =
  await gaopai.matchFace({
    picture: portrait });`;

export const SAMPLES = { 'document-camera': camera, scanner, card, finger, face };
