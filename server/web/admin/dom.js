/** Elements made without markup: whatever a text says, it stays text. */

/** An element with attributes, `on...` listeners and children; false, null and undefined are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== false && child != null));
  return element;
}

/** A table; `heads` are its column titles, `rows` arrays of cells. */
export function table(label, heads, rows) {
  const head = make('tr', {}, heads.map((title) => make('th', { scope: 'col' }, title)));
  const body = rows.map((cells) => make('tr', {}, cells.map((cell) => make('td', {}, cell))));
  const inner = make('table', { 'aria-label': label }, make('thead', {}, head), make('tbody', {}, body));
  return make('div', { class: 'scrolls', tabindex: 0, role: 'region', 'aria-label': label }, inner);
}

export function card(title, ...children) {
  return make('section', { class: 'card' }, make('h2', {}, title), children);
}

/** A card that comes first where there is room for one beside the other no more. */
export function urgentCard(title, ...children) {
  const made = card(title, ...children);
  made.classList.add('urgent');
  return made;
}

/** A word with a colour: `good`, `bad` or none. */
export function badge(kind, word) {
  return make('span', { class: `badge ${kind}` }, word);
}

export function button(word, pressed, attributes = {}) {
  return make('button', { type: 'button', onclick: pressed, ...attributes }, word);
}

/** A command to be typed, with a button that copies it. */
export function command(words, copyWord) {
  const copy = button(copyWord, () => navigator.clipboard.writeText(words), { class: 'plain' });
  return make('div', { class: 'command' }, make('code', { tabindex: 0 }, words), copy);
}
