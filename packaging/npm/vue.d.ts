/** Types of the Vue composables. */
import type { MaybeRefOrGetter, ShallowRef } from 'vue';
import type { ConnectOptions, Gaopai, PreviewOptions } from './gaopai.js';
import type { Camera } from './camera.js';

export type { Camera };

/** The connection of this component, closed when it is unmounted. `gaopai` is null until it is mounted. */
export declare function useGaopai(url?: string, options?: ConnectOptions): {
  gaopai: Readonly<ShallowRef<Gaopai | null>>;
  state: Readonly<ShallowRef<Gaopai['state']>>;
};

/**
 * Opens a camera while the component is mounted and shows it on the canvas whose template ref is `canvas`. Nothing is
 * opened while `gaopai` or `camera` is null; another camera takes the place of the first. `error` says why there is no
 * picture.
 */
export declare function usePreview(
  gaopai: MaybeRefOrGetter<Gaopai | null>, camera: MaybeRefOrGetter<Camera | null>,
  options?: Pick<PreviewOptions, 'barcode' | 'onCodes' | 'onCodesMove' | 'onFrame'>,
): {
  canvas: ShallowRef<HTMLCanvasElement | null>;
  live: Readonly<ShallowRef<boolean>>;
  error: Readonly<ShallowRef<unknown>>;
};
