/** Folders of pictures with their quotas, and limits of what the service keeps. */
import { text } from '../texts/i18n.js';
import { badge, card, make, table } from './dom.js';
import { bytes } from './figures.js';
import { Panel } from './panel.js';
import { meaning } from './setting-row.js';

const KEPT = ['kept_minutes', 'origin_kept_mib', 'all_kept_mib', 'waiting_mib', 'origin_waiting_mib', 'all_waiting_mib', 'message_mib', 'connections', 'connections_per_origin', 'requests_per_second'];

export function storagePanel(box, session) {
  return new Panel(box, 'storage', () => session.ask('storage'), draw);
}

function draw({ places, limits }) {
  const rows = KEPT.map((key) => [make('code', {}, key), String(limits[key]), meaning(`limits.${key}`)]);
  return [
    ...places.map(place),
    card(text('limits'), make('p', { class: 'quiet' }, text('limitsHelp')), table(text('limits'), [text('key'), text('value'), text('meaning')], rows)),
  ];
}

function place({ path, files, used, free, limit, fault, going }) {
  if (fault) return card(path, badge('bad', fault));
  const most = limit ?? used + free;
  const share = most > 0 ? Math.min(1, used / most) : 1;
  const label = text('usedOf', { used: bytes(used), most: bytes(most) });
  const meter = make('meter', { min: 0, max: 1, value: share, high: 0.9, low: 0.8, optimum: 0, 'aria-label': label });
  const rows = [
    [text('files'), String(files)],
    [text('usedBytes'), bytes(used)],
    [text('quota'), limit === null ? text('noQuota') : bytes(limit)],
    [text('freeBytes'), bytes(free)],
  ];
  const kept = going.length > 0
    ? table(text('going'), [text('going'), text('files'), text('size')], going.map(gone))
    : make('p', { class: 'quiet' }, text('goesNever'));
  return card(make('code', {}, path), meter, make('p', { class: 'quiet' }, label), table(path, [text('name'), text('value')], rows), kept);
}

function gone({ days, files, size }) {
  const named = new Map([[null, 'goesLater'], [0, 'goesNow'], [1, 'goesSoon']]);
  const when = text(named.get(days) ?? 'goesWithin', { days });
  return [when, String(files), bytes(size)];
}
