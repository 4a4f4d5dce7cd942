import { connect, diagnose, type GaopaiError, type Picture } from 'gaopai';
import 'gaopai/camera';
import { useGaopai, usePreview } from 'gaopai/vue';

const gaopai = connect('ws://127.0.0.1:8082', { language: 'zh' });
const canvas = document.createElement('canvas');

export async function show(): Promise<Picture | undefined> {
  const { devInfo } = await gaopai.call('GetCameraInfo');
  await gaopai.call('OpenCamera', { devNum: devInfo[0]?.id ?? 0, fps: 15 });
  gaopai.preview(0, canvas, { onFrame: ({ width, height }) => console.log(width * height) });
  const [picture] = await gaopai.captureBase64(0, { quality: 80 });
  for await (const page of gaopai.scan({ devIndex: 0 })) console.log(page.path?.length, page.blob?.size);
  return picture;
}

export const explain = (error: GaopaiError): string => `${error.code} ${error.message}`;
export const reason = async (): Promise<string> => (await diagnose()).remedy;

const element = document.createElement('gaopai-camera');
element.addEventListener('codes', ({ detail }) => console.log(detail.codes.length, detail.picture.width));
element.capture({ dpi: 300 }).then(([picture]) => console.log(picture?.blob));

export function setup() {
  const { gaopai: connection, state } = useGaopai();
  const { canvas: shown, live, error } = usePreview(connection, { devNum: 0 });
  return { shown, text: () => (live.value ? state.value : String(error.value)) };
}
