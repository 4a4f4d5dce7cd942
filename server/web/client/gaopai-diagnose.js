/**
 * Says in words why a page cannot reach the service.
 *
 * A failed WebSocket tells a page nothing. A plain request to the service's /health tells
 * more: read with CORS it succeeds only for an allowed origin; sent without CORS it succeeds
 * whenever anything answers; the browser's permissions and the page's own address do the rest.
 */

import { fetchWithin, isOtherVersion } from './gaopai-version.js';

const TEXTS = {
  reachable: {
    zh: ['服务正在运行，并且接受本页面。', '请重新连接；若仍失败，可能缺少令牌或令牌不正确，请查看服务日志。'],
    en: ['The service is running and accepts this page.', 'Connect again; if it still fails, a token may be missing or wrong: look at the log of the service.'],
  },
  'other-version': {
    zh: ['服务正在运行，但与本页面的协议版本不一致。', '请更新高拍服务，或更新本页面使用的客户端。'],
    en: ['The service is running, but speaks another version of the protocol than this page.', 'Update the service, or the client of this page.'],
  },
  'origin-not-allowed': {
    zh: ['服务正在运行，但不接受来自 {origin} 的页面。', '请在本机运行 gaopai allow {origin}，或由管理员把它加入配置文件 [access] 的 origins。'],
    en: ['The service is running but does not accept pages from {origin}.', 'Run gaopai allow {origin} on this computer, or let the administrator add it to origins under [access] in the configuration.'],
  },
  'not-running': {
    zh: ['{address} 上没有服务应答。', '请启动服务（gaopai serve），并检查端口是否一致。'],
    en: ['Nothing answers at {address}.', 'Start the service (gaopai serve) and check that the port is the same.'],
  },
  'iframe-not-allowed': {
    zh: ['本页面位于 iframe 中，外层页面没有允许它访问本机。', '请在 iframe 上添加 allow="loopback-network; local-network-access"。'],
    en: ['This page is inside an iframe whose parent does not let it reach this computer.', 'Add allow="loopback-network; local-network-access" to the iframe.'],
  },
  'permission-denied': {
    zh: ['浏览器禁止本页面访问本机上的程序。', '请在地址栏的网站设置中允许“本地网络”或“本机应用”访问，或由管理员通过浏览器策略放行。'],
    en: ['The browser does not let this page reach programs on this computer.', 'Allow local network access in the site settings beside the address bar, or let the administrator allow it by browser policy.'],
  },
  'permission-needed': {
    zh: ['浏览器正在等待您允许本页面访问本机上的程序。', '请在浏览器的提示中选择“允许”，然后重新连接。'],
    en: ['The browser waits for your permission to let this page reach programs on this computer.', 'Choose Allow in the prompt of the browser, then connect again.'],
  },
  'insecure-page': {
    zh: ['本页面通过 http 打开，浏览器不允许它访问本机上的程序；也可能服务没有运行。', '请通过 https 打开页面，并确认服务（gaopai serve）正在运行。'],
    en: ['This page came over plain http, from where browsers do not reach programs on this computer; or the service is not running.', 'Open the page over https and make sure that the service (gaopai serve) is running.'],
  },
  'mixed-content': {
    zh: ['浏览器不允许 https 页面使用 ws:// 连接。', '请为服务配置证书并使用 wss://。'],
    en: ['This browser does not let an https page use a ws:// address.', 'Give the service a certificate and use wss://.'],
  },
};

/** Newer names first. Chrome asks for loopback-network since 147 and had local-network-access from 142. */
const PERMISSIONS = ['loopback-network', 'local-network-access', 'local-network'];

/**
 * `{reason, message, remedy}`; takes up to `timeout` ms, longer than that a permission prompt is open.
 *
 * @param {string} url
 * @param {{ language?: import('./gaopai.d.ts').Language, timeout?: number }} options
 * @returns {Promise<import('./gaopai.d.ts').Diagnosis>}
 */
export async function diagnose(url = 'ws://127.0.0.1:8082', { language, timeout = 4000 } = {}) {
  const service = new URL(url.replace(/^ws/, 'http'));
  const reason = await findReason(url, new URL('/health', service).href, timeout);
  return describe(reason, service, language ?? (navigator.language.startsWith('zh') ? 'zh' : 'en'));
}

async function findReason(url, health, timeout) {
  if (isRefusedByConstructor(url)) return 'mixed-content';
  if (await answers(health, 'cors', timeout)) return (await isOtherVersion(url, timeout)) ? 'other-version' : 'reachable';
  if (await answers(health, 'no-cors', timeout)) return 'origin-not-allowed';
  // Browsers guard this computer against pages from elsewhere only.
  if (isLoopback(location.hostname)) return 'not-running';
  // First: there every permission counts as denied, and no setting of the browser changes it.
  if (!isSecureContext) return 'insecure-page';
  const permission = await permissionState();
  if (permission === 'denied') return window === window.top ? 'permission-denied' : 'iframe-not-allowed';
  return permission === 'prompt' ? 'permission-needed' : 'not-running';
}

function isLoopback(host) {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Browsers that count ws://127.0.0.1 as mixed content throw before they connect. */
function isRefusedByConstructor(url) {
  if (location.protocol !== 'https:' || !url.startsWith('ws:')) return false;
  try {
    new WebSocket(url).close();
    return false;
  } catch (error) {
    return error.name === 'SecurityError';
  }
}

async function answers(health, mode, timeout) {
  try {
    const response = await fetchWithin(timeout, health, { mode });
    return response.ok || mode === 'no-cors';
  } catch {
    return false;
  }
}

/** 'granted', 'prompt', 'denied', or 'unknown' where the browser has no such permission. */
async function permissionState() {
  for (const name of PERMISSIONS) {
    try {
      return (await navigator.permissions.query({ name: /** @type {any} */ (name) })).state;
    } catch {
      // This browser does not know the name; the next may be its own.
    }
  }
  return 'unknown';
}

function describe(reason, service, language) {
  const [message, remedy] = TEXTS[reason][language].map((text) =>
    text.replace('{origin}', location.origin).replace('{address}', service.host));
  return { reason, message, remedy };
}
