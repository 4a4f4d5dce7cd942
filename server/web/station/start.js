/**
 * Starts the station as this browser understands it, or says which browsers do. Every browser reads this file: it is no
 * module, and old JavaScript.
 */
(function () {
  var page = document.documentElement;

  /** What the station is written for: Chromium 110, Firefox 121. */
  function isNew() {
    return 'toSorted' in Array.prototype && 'checkVisibility' in Element.prototype && CSS.supports('selector(:has(a))');
  }

  /** What it can be made to work in: Chromium 78. */
  function isOld() {
    return 'fromEntries' in Object && 'arrayBuffer' in Blob.prototype && 'createImageBitmap' in window
      && 'ResizeObserver' in window && 'HTMLDialogElement' in window && 'replaceWith' in Element.prototype;
  }

  function load(kind, attributes) {
    var made = document.createElement(kind);
    for (var name in attributes) made.setAttribute(name, attributes[name]);
    document.head.appendChild(made);
  }

  function start() {
    if (isNew()) return load('script', { type: 'module', src: 'station/station.js' });
    if (!isOld()) return;
    page.className = 'is-old';
    load('link', { rel: 'stylesheet', href: 'station/station.legacy.css' });
    // Its elements have to be there, for which a module waits by itself.
    addEventListener('DOMContentLoaded', function () { load('script', { src: 'station/station.legacy.js' }); });
  }

  addEventListener('load', function () {
    if (!page.hasAttribute('data-started')) document.getElementById('too-old').hidden = false;
  });
  start();
})();
