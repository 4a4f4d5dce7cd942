import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { diagnose } from 'gaopai';
import { useGaopai, usePreview } from 'gaopai/react';

// A service at another port: ?service=ws://127.0.0.1:9000
const SERVICE = new URLSearchParams(location.search).get('service') ?? undefined;
const CAMERA = { devNum: 0, fps: 15 };

function Page() {
  const { gaopai, state } = useGaopai(SERVICE);
  const { ref, live, error } = usePreview(gaopai, CAMERA);
  const [pages, setPages] = useState([]);
  const [said, say] = useState(null);

  // Why the service cannot be reached, and what to do about it.
  useEffect(() => {
    if (state === 'closed') diagnose(gaopai.url).then(({ message, remedy }) => say(`${message} ${remedy}`));
  }, [gaopai, state]);

  // One page, cut out, made a clean colour document.
  useEffect(() => {
    if (live) attempt(() => gaopai.call('SetCameraImageInfo', { devNum: CAMERA.devNum, cropType: 1, imageType: 3 }));
  }, [gaopai, live]);

  // Texts of errors say what happened and what to do; they may be shown as they are.
  async function attempt(work) {
    try {
      await work();
    } catch (failure) {
      say(failure.message);
    }
  }

  async function take() {
    const taken = await gaopai.captureBase64(CAMERA.devNum);
    setPages((before) => [...before, ...taken.map(({ blob }) => ({ blob, url: URL.createObjectURL(blob) }))]);
  }

  async function save() {
    const merged = await gaopai.merge({ pictures: pages.map(({ blob }) => blob) });
    const name = merged.path.split('/').pop();
    say(<a href={URL.createObjectURL(await merged.blob())} download={name}>{name}, {merged.pages} pages</a>);
  }

  return <>
    <p id="status" role="status">{error?.message ?? said ?? (live ? 'Ready' : 'Connecting …')}</p>
    <canvas ref={ref} />
    <p>
      <button id="take" disabled={!live} onClick={() => attempt(take)}>Take the page</button>{' '}
      <button id="save" disabled={!pages.length} onClick={() => attempt(save)}>Save as PDF</button>
    </p>
    <div id="tray">{pages.map(({ url }, index) => <img key={url} src={url} alt={`Page ${index + 1}`} />)}</div>
  </>;
}

createRoot(document.querySelector('#page')).render(<StrictMode><Page /></StrictMode>);
