/** Looks at the page from inside: what a screen could show of its preview, and when a capture was asked for and answered. */
{
  const SIDE = 16;
  const looked = new OffscreenCanvas(SIDE, SIDE).getContext('2d', { willReadFrequently: true });
  let watching = false;
  let before = '';
  const epoch = () => performance.timeOrigin + performance.now();
  const probe = { shown: 0, pressed: null, answered: null };
  window.probe = probe;

  /** The middle of the picture as text: a camera's noise makes every frame another one. */
  function look(canvas) {
    const [left, top] = [(canvas.width - SIDE) >> 1, (canvas.height - SIDE) >> 1];
    looked.drawImage(canvas, left, top, SIDE, SIDE, 0, 0, SIDE, SIDE);
    return looked.getImageData(0, 0, SIDE, SIDE).data.join();
  }

  function tick() {
    const now = look(document.getElementById('preview'));
    if (now !== before) probe.shown += 1;
    before = now;
    if (watching) requestAnimationFrame(tick);
  }

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
        if (probe.answered === null && head(data).includes('"CameraCaptureBase64"')) probe.answered = epoch();
      });
    }
  };
}
