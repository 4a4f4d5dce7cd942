/** Version of the protocol that this client speaks, offered as a WebSocket subprotocol. */

const PROTOCOL = 'gaopai.v1';

/** Preview frames as JPEG bytes behind a small JSON header: a quarter less to send, nothing to decode. */
const BINARY = `${PROTOCOL}.binary`;

/** Before the secret that a service may ask for. A token travels so: of all that a page can send, this is never part of an address. */
const TOKEN = 'gaopai.token.';

/** Subprotocols of a connection. */
export function offered({ binary, token }) {
  return [binary ? BINARY : PROTOCOL, ...(token ? [TOKEN + token] : [])];
}

/** Fetches what changes, or fails after `timeout` ms. */
export async function fetchWithin(timeout, url, options) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeout);
  try {
    return await fetch(url, { cache: 'no-store', signal: controller.signal, ...options });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Resolves with true if a service answers at `url` that speaks other versions of the protocol only.
 * A browser tells a page no more than that the connection failed.
 */
export async function isOtherVersion(url, timeout = 4000) {
  const health = new URL('/health', url.replace(/^ws/, 'http'));
  try {
    const response = await fetchWithin(timeout, health, {});
    const { protocols } = await response.json();
    return Array.isArray(protocols) && !protocols.includes(PROTOCOL);
  } catch {
    // Nothing that answers, or not to this page: no other version.
    return false;
  }
}
