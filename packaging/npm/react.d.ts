/** Types of the React hooks. */
import type { RefObject } from 'react';
import type { ConnectOptions, Gaopai, PreviewOptions } from './gaopai.js';
import type { Camera } from './camera.js';

export type { Camera };

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
  gaopai: Gaopai | null, camera: Camera | null, options?: Pick<PreviewOptions, 'barcode' | 'onCodes' | 'onFrame'>,
): { ref: RefObject<HTMLCanvasElement | null>; live: boolean; error: unknown };
