import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useGaopai, usePreview } from 'gaopai/react';

const query = new URLSearchParams(location.search);

function DocumentCamera({ gaopai }) {
  const { ref, live, error } = usePreview(gaopai, { devNum: Number(query.get('device') ?? 0), fps: 15 });
  return <><canvas ref={ref} /><p id="state">{error ? error.code : live && 'live'}</p></>;
}

function Page() {
  const { gaopai } = useGaopai(query.get('service'));
  const [shown, show] = useState(true);
  const [picture, setPicture] = useState('data:,');
  const capture = async () => {
    const [{ blob }] = await gaopai.captureBase64(0);
    setPicture(URL.createObjectURL(blob));
  };
  return <>
    <button id="toggle" onClick={() => show(!shown)}>Toggle</button>
    <button id="capture" onClick={capture}>Capture</button>
    {shown ? <DocumentCamera gaopai={gaopai} /> : <p id="state">hidden</p>}
    <img id="picture" alt="" src={picture} />
  </>;
}

createRoot(document.querySelector('#root')).render(<StrictMode><Page /></StrictMode>);
