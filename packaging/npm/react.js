/** React hooks over gaopai.js: a connection, and a camera's live picture. */
import { useEffect, useRef, useState } from 'react';
import { connect } from './gaopai.js';
import { showCamera } from './show-camera.js';

/** The connection of this component, null until it is mounted, and its state. */
export function useGaopai(url, options) {
  const [current, setCurrent] = useState({ gaopai: null, state: 'connecting' });
  const key = JSON.stringify(options ?? {});
  useEffect(() => {
    const gaopai = connect(url, JSON.parse(key));
    const tell = () => setCurrent({ gaopai, state: gaopai.state });
    gaopai.addEventListener('open', tell);
    gaopai.addEventListener('close', tell);
    tell();
    return () => {
      gaopai.removeEventListener('open', tell);
      gaopai.removeEventListener('close', tell);
      gaopai.close();
    };
  }, [url, key]);
  return current;
}

/** The live picture of a camera: give `ref` to a canvas. Nothing is opened while `camera` is null. */
export function usePreview(gaopai, camera, options = {}) {
  const ref = useRef(null);
  const latest = useRef(options);
  const [shown, setShown] = useState({ live: false, error: null });
  useEffect(() => { latest.current = options; });
  const key = JSON.stringify(camera ?? null);
  const barcode = options.barcode ?? false;
  useEffect(() => {
    if (!gaopai || key === 'null') return undefined;
    let live = false;
    const end = showCamera(gaopai, JSON.parse(key), ref.current, {
      barcode,
      onCodes: (...heard) => latest.current.onCodes?.(...heard),
      onCodesMove: (...heard) => latest.current.onCodesMove?.(...heard),
      onFrame: (frame) => {
        if (!live) setShown({ live: true, error: null });
        live = true;
        latest.current.onFrame?.(frame);
      },
      onError: (error) => setShown({ live: false, error }),
    });
    return () => {
      end();
      setShown({ live: false, error: null });
    };
  }, [gaopai, key, barcode]);
  return { ref, ...shown };
}
