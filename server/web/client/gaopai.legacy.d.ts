/** Types of gaopai.legacy.js, a classic script for old browsers: the global `Gaopai`, or `require` by a bundler. */
import type { connect, ConnectOptions } from './gaopai.js';

export * from './gaopai.js';
export as namespace Gaopai;

/** For pages of Vue 2; both take the place of any type that `vue` has for options. */
export declare namespace vue2 {
  /** A mixin: `gaopai`, the connection of the component, null until it is mounted, and `gaopaiState`. */
  function withGaopai(url?: string, options?: ConnectOptions): {
    data(): { gaopai: ReturnType<typeof connect> | null; gaopaiState: ReturnType<typeof connect>['state'] };
    mounted(): void;
    beforeDestroy(): void;
  };
  /** A component with a canvas: props `gaopai`, `camera`, `barcode`, events `frame`, `codes`, `error`. */
  const CameraPreview: { name: string; [option: string]: unknown };
}
