/** Looks at the page from inside: what a screen could show of its preview, and when a capture was asked for and answered. */
{
  let watching = false;
  let drawn = 0;
  let before = 0;
  const epoch = () => performance.timeOrigin + performance.now();
  const probe = { shown: 0, pressed: null, answered: null };
  window.probe = probe;

  /** Of what is drawn between two of a screen's pictures one is seen. */
  function tick() {
    if (drawn !== before) probe.shown += 1;
    before = drawn;
    if (watching) requestAnimationFrame(tick);
  }

  // Drawn by the page, or by its worker, which tells. Reading the canvas would slow the page down.
  const { drawImage } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.drawImage = function counted(...parts) {
    if (this.canvas.id === 'preview') drawn += 1;
    return drawImage.apply(this, parts);
  };
  window.Worker = class extends Worker {
    constructor(...parts) {
      super(...parts);
      this.addEventListener('message', ({ data }) => { if (data.drawn) drawn += 1; });
    }
  };

  probe.watch = () => {
    watching = true;
    requestAnimationFrame(tick);
  };
  probe.rest = () => { watching = false; };

  /** To be called before the shutter is pressed. */
  probe.arm = () => {
    Object.assign(probe, { pressed: null, answered: null });
    document.getElementById('shutter').addEventListener('click', () => { probe.pressed = epoch(); }, { once: true, capture: true });
  };

  /** Where the page shows the picture that was taken. */
  probe.box = () => {
    const { left, top, width, height } = document.getElementById('shown-open').getBoundingClientRect();
    return [left, top, width, height];
  };

  const head = (data) => (typeof data === 'string' ? data.slice(0, 400) : new TextDecoder().decode(data.slice(0, 400)));
  window.WebSocket = class extends WebSocket {
    constructor(...parts) {
      super(...parts);
      // Before the page's own listener, which takes the answer apart.
      this.addEventListener('message', ({ data }) => {
        if (probe.pressed && probe.answered === null && head(data).includes('"CameraCaptureBase64"')) probe.answered = epoch();
      });
    }
  };
}
