/** The barcodes of pictures that were taken, read when somebody wants to know. */
import { toBase64 } from '../../client/gaopai-identity.js';

let ask = null;

/** `call(imageBase64)` asks the service. */
export function readWith(call) {
  ask = call;
}

export async function readCodes(blob) {
  const { codeInfos } = await ask(await toBase64(blob));
  return codeInfos;
}
