import { useGaopai, usePreview } from 'gaopai/react';

export function DocumentCamera() {
  const { gaopai, state } = useGaopai(undefined, { reconnect: false });
  const { ref, live, error } = usePreview(gaopai, { devNum: 0, fps: 15 }, { barcode: true, onCodes: (codes) => console.log(codes[0]?.codeNum) });
  return <figure><gaopai-camera device={1} fps={15} barcode /><canvas ref={ref} /><figcaption>{error instanceof Error ? error.message : live ? 'live' : state}</figcaption></figure>;
}
