/** Says so where the station does not start. Every browser understands this file: it is no module, and old JavaScript. */
(function () {
  addEventListener('load', function () {
    if (!document.documentElement.hasAttribute('data-started')) document.getElementById('too-old').hidden = false;
  });
})();
