/** The page's language: chosen, remembered, and put into the elements that name a text. */
import { DICTIONARIES } from './texts.js';
import { WORDS } from './words.js';

const STORED = 'gaopai.language';

let language = localStorage.getItem(STORED) ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
if (!(language in DICTIONARIES)) language = 'en';
const listeners = [];

/** @returns {'zh' | 'en'} */
export function currentLanguage() {
  return language === 'zh' ? 'zh' : 'en';
}

/** What has texts in both languages, Chinese ones under `zh`: those of the current language. */
export function inLanguage(texts) {
  return language === 'zh' ? texts.zh : texts;
}

/** The sentence for `key` with `{name}` replaced by the value of that name. */
export function text(key, values = {}) {
  const sentence = DICTIONARIES[language][key];
  if (sentence === undefined) throw new Error(`no text for ${key} in ${language}`);
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Whether there is a sentence for `key`. */
export function isText(key) {
  return key in DICTIONARIES[language];
}

/** What a driver calls a choice, in the page's language where the word is known. */
export function word(driversWord) {
  return WORDS[language][driversWord] ?? driversWord;
}

/** Calls `listener` whenever the language was put into the page. */
export function onLanguage(listener) {
  listeners.push(listener);
}

export function setLanguage(chosen) {
  language = chosen;
  localStorage.setItem(STORED, chosen);
  translate();
}

/** Puts the language into the page; called once at the start, then by `setLanguage`. */
export function translate() {
  fill(document);
  for (const listener of listeners) listener();
}

function fill(root) {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = `${text('title')} · ${text('subtitle')}`;
  for (const element of root.querySelectorAll('[data-i18n]')) element.textContent = text(element.dataset.i18n);
  for (const element of root.querySelectorAll('[data-i18n-keys]')) showKeys(element, text(element.dataset.i18nKeys));
  for (const element of root.querySelectorAll('[data-i18n-label]')) {
    element.setAttribute('aria-label', text(element.dataset.i18nLabel));
  }
  for (const element of root.querySelectorAll('[data-i18n-title]')) {
    element.title = text(element.dataset.i18nTitle);
    element.setAttribute('aria-label', element.title);
  }
  // Of what has a visible word: that is its name.
  for (const element of root.querySelectorAll('[data-i18n-hint]')) element.title = text(element.dataset.i18nHint);
  for (const element of root.querySelectorAll('[data-i18n-placeholder]')) {
    element.placeholder = text(element.dataset.i18nPlaceholder);
  }
}

/** `<kbd>` is the one tag a sentence may hold; it becomes an element, never markup. */
function showKeys(element, sentence) {
  const parts = sentence.split(/<kbd>|<\/kbd>/);
  element.replaceChildren(...parts.map((part, index) => {
    if (index % 2 === 0) return part;
    const key = document.createElement('kbd');
    key.textContent = part;
    return key;
  }));
}
