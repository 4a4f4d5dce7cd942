import './node_modules/gaopai/camera.js';

const state = document.querySelector('#state');
const camera = document.createElement('gaopai-camera');
camera.setAttribute('url', new URLSearchParams(location.search).get('service'));
camera.setAttribute('fps', '15');
camera.addEventListener('frame', () => { if (camera.isConnected) state.textContent = 'live'; });
camera.addEventListener('error', ({ detail }) => { state.textContent = String(detail.code); });
document.body.append(camera);
document.querySelector('#toggle').onclick = () => {
  if (camera.isConnected) camera.remove();
  else document.body.append(camera);
  if (!camera.isConnected) state.textContent = 'hidden';
};
document.querySelector('#capture').onclick = async () => {
  const [{ blob }] = await camera.capture();
  document.querySelector('#picture').src = URL.createObjectURL(blob);
};
