/** Sizes and times for people, in the page's language. */
import { currentLanguage, text } from '../texts/i18n.js';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(count) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10));
  const value = count / 1024 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

export function dateTime(when) {
  const locale = currentLanguage() === 'zh' ? 'zh-CN' : 'en-GB';
  return new Date(when).toLocaleString(locale, { dateStyle: 'short', timeStyle: 'medium' });
}

export function duration(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return text('seconds', { count: Math.round(seconds) });
  if (minutes < 60) return text('minutes', { count: minutes });
  if (minutes < 48 * 60) return text('hours', { count: Math.floor(minutes / 60) });
  return text('days', { count: Math.floor(minutes / 1440) });
}

export function ago(seconds) {
  return text('ago', { duration: duration(seconds) });
}
