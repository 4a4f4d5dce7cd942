/** Messages of the service as they arrive, and the pictures in them. */

/** The picture of a message as a Blob. */
export function toBlob(message) {
  return new Blob([message.picture ?? toBytes(base64Of(message))], { type: typeOf(message) });
}

export function toBytes(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Pages of the standard read either field. */
export function base64Of(message) {
  return message.imageBase64Str ?? message.imgBase64Str;
}

export function typeOf({ mime }) {
  return mime === 'image/jpg' || !mime ? 'image/jpeg' : mime;
}

/** Four bytes with the header's length, the header, the picture. */
export function split(data) {
  const length = new DataView(data).getUint32(0);
  const text = new TextDecoder().decode(new Uint8Array(data, 4, length));
  return { text, picture: new Uint8Array(data, 4 + length) };
}

/** null for what is not a JSON object: a log may still want the text. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
