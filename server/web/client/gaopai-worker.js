/** Draws pictures on one canvas outside of the page, so that neither waits for the other. */
import { Painter } from './gaopai-painter.js';

let painter = null;

globalThis.onmessage = async ({ data: { canvas, picture, size } }) => {
  if (canvas) painter = new Painter(canvas);
  else if (!picture) painter.rest();
  else {
    try {
      postMessage({ drawn: await painter.paint(picture, size) });
    } catch (error) {
      postMessage({ error });
    }
  }
};
postMessage({ ready: true });
