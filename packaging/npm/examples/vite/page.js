import { connect, diagnose } from 'gaopai';

const $ = (id) => document.getElementById(id);
const pages = [];

// A service at another port: ?service=ws://127.0.0.1:9000
const gaopai = connect(new URLSearchParams(location.search).get('service') ?? undefined);

// Why the service cannot be reached, and what to do about it.
gaopai.addEventListener('close', async () => {
  const { message, remedy } = await diagnose(gaopai.url);
  $('status').textContent = `${message} ${remedy}`;
});

async function start() {
  const { devInfo: [camera] } = await gaopai.call('GetCameraInfo');
  await gaopai.call('OpenCamera', { devNum: camera.id, fps: 15 });
  // One page, cut out, made a clean colour document.
  await gaopai.call('SetCameraImageInfo', { devNum: camera.id, cropType: 1, imageType: 3 });
  gaopai.preview(camera.id, document.querySelector('canvas'), { resume: true });
  $('status').textContent = camera.devName;
  $('take').disabled = false;
  $('take').onclick = () => attempt(() => take(camera.id));
  $('save').onclick = () => attempt(save);
}

async function take(camera) {
  for (const { blob } of await gaopai.captureBase64(camera)) {
    pages.push(blob);
    $('tray').append(Object.assign(new Image(), { src: URL.createObjectURL(blob), alt: `Page ${pages.length}` }));
  }
  $('save').disabled = false;
}

async function save() {
  const merged = await gaopai.merge({ pictures: pages });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await merged.blob());
  link.download = merged.path.split('/').pop();
  link.textContent = `${link.download}, ${merged.pages} pages`;
  $('status').replaceChildren(link);
}

// Texts of errors say what happened and what to do; they may be shown as they are.
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    $('status').textContent = error.message;
  }
}

attempt(start);
