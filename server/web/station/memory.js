/** What this browser remembers of how the station is used: no picture, and nothing of any person. */
const PREFIX = 'gaopai.';

/** The object that was kept under a name, or an empty one. */
export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name)) ?? {};
  } catch {
    return {};
  }
}

/** Keeps members beside those that were kept before. */
export function keep(name, members) {
  localStorage.setItem(PREFIX + name, JSON.stringify({ ...recall(name), ...members }));
}
