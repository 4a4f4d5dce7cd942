/**
 * A camera that is open while it is shown: what the hooks and the element have in common.
 */

/** Per connection and camera: when the last one that showed it has given it back. */
const closings = new WeakMap();

/**
 * Opens a camera and shows it on `canvas`; returns a function that ends both.
 *
 * `camera` is a devNum, opened as the service's list has it first, or the parameters of OpenCamera. Who shows it
 * again at once, as frameworks do when they mount twice, waits until it was closed. `onError` hears why there is
 * no picture; `onFrame` and the other options are those of `preview`.
 */
export function showCamera(gaopai, camera, canvas, { onError, ...options } = {}) {
  const parameters = { mediaNum: 0, resolutionNum: 0, ...(typeof camera === 'object' ? camera : { devNum: camera }) };
  const { devNum } = parameters;
  const cameras = closings.get(gaopai) ?? new Map();
  closings.set(gaopai, cameras);
  let preview = null;
  let ended = false;
  const fail = (error) => { if (!ended) onError?.(error); };

  const opened = (cameras.get(devNum) ?? Promise.resolve()).then(async () => {
    if (ended) return false;
    try {
      await gaopai.call('OpenCamera', parameters);
    } catch (error) {
      fail(error);
      return false;
    }
    if (!ended) preview = gaopai.preview(devNum, canvas, { ...options, resume: true, onError: fail });
    return true;
  });

  return () => {
    if (ended) return;
    ended = true;
    cameras.set(devNum, opened.then(async (isOpen) => {
      if (!isOpen) return;
      // A connection that is gone has given the camera back already.
      await preview?.stop().catch(() => {});
      await gaopai.call('CloseCamera', { devNum }).catch(() => {});
    }));
  };
}
