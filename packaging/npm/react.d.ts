/** Types of the React hooks. */
import type { DetailedHTMLProps, HTMLAttributes, RefObject } from 'react';
import type { ConnectOptions, Gaopai, PreviewOptions } from './gaopai.js';
import type { Camera, GaopaiCamera } from './camera.js';

export type { Camera };

interface CameraAttributes extends HTMLAttributes<GaopaiCamera> {
  device?: number | string;
  media?: number | string;
  resolution?: number | string;
  fps?: number | string;
  barcode?: boolean | '';
  url?: string;
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      /** The element of `gaopai/camera`. */
      'gaopai-camera': DetailedHTMLProps<CameraAttributes, GaopaiCamera>;
    }
  }
}

/**
 * The connection of this component, closed when it is unmounted. `gaopai` is null until it is mounted. Another `url`
 * or other options connect again.
 */
export declare function useGaopai(
  url?: string, options?: ConnectOptions): { gaopai: Gaopai | null; state: Gaopai['state'] };

/**
 * Opens a camera while the component is mounted and shows it on the canvas that has `ref`. Nothing is opened while
 * `gaopai` or `camera` is null. `error` says why there is no picture.
 */
export declare function usePreview(
  gaopai: Gaopai | null, camera: Camera | null, options?: Pick<PreviewOptions, 'barcode' | 'onCodes' | 'onCodesMove' | 'onFrame'>,
): { ref: RefObject<HTMLCanvasElement | null>; live: boolean; error: unknown };
