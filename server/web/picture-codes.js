/** The barcodes of pictures that were taken: read when somebody wants to know, and remembered with the picture. */

const known = new WeakMap();
let ask = null;

/** Fires `read` with the picture's Blob. */
export const readings = new EventTarget();

/** `call(imageBase64)` asks the service. */
export function readWith(call) {
  ask = call;
}

/** null as long as nobody has read them. */
export function codesOf(blob) {
  return known.get(blob) ?? null;
}

export async function readCodes(blob) {
  if (!known.has(blob)) {
    const { codeInfos } = await ask(await base64(blob));
    known.set(blob, codeInfos);
    readings.dispatchEvent(new CustomEvent('read', { detail: blob }));
  }
  return known.get(blob);
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
