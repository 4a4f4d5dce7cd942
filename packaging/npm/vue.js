/** Vue composables over gaopai.js: a connection, and a camera's live picture. */
import { onBeforeUnmount, onMounted, shallowRef, toValue, watch } from 'vue';
import { connect } from './gaopai.js';
import { showCamera } from './show-camera.js';

/** The connection of this component, null until it is mounted, and its state. */
export function useGaopai(url, options) {
  const gaopai = shallowRef(null);
  const state = shallowRef('connecting');
  onMounted(() => {
    const connection = connect(url, options);
    const tell = () => { state.value = connection.state; };
    connection.addEventListener('open', tell);
    connection.addEventListener('close', tell);
    gaopai.value = connection;
  });
  onBeforeUnmount(() => gaopai.value?.close());
  return { gaopai, state };
}

/** The live picture of a camera on the canvas whose template ref is `canvas`. Nothing is opened while `camera` is null. */
export function usePreview(gaopai, camera, options = {}) {
  const canvas = shallowRef(null);
  const live = shallowRef(false);
  const error = shallowRef(null);
  const wanted = () => JSON.stringify(toValue(camera) ?? null);
  watch([() => toValue(gaopai), canvas, wanted], ([connection, element, key], _, onCleanup) => {
    live.value = false;
    error.value = null;
    if (!connection || !element || key === 'null') return;
    onCleanup(showCamera(connection, JSON.parse(key), element, {
      ...options,
      onFrame: (frame) => {
        live.value = true;
        options.onFrame?.(frame);
      },
      onError: (reason) => {
        live.value = false;
        error.value = reason;
      },
    }));
  }, { immediate: true, flush: 'post' });
  return { canvas, live, error };
}
