/** Types of the element <gaopai-camera>. */
import type { CaptureLimits, CodeInfo, Gaopai, Params, Picture } from './gaopai.js';

/** A `devNum`, or the parameters of OpenCamera; what is missing of them is the camera's first. */
export type Camera = number | ({ devNum: number } & Partial<Params<'OpenCamera'>>);

export interface GaopaiCameraEvents {
  /** A frame was drawn. */
  frame: CustomEvent<{ width: number; height: number; dropped: number }>;
  /** With the attribute `barcode`: all codes in sight, whenever that changes. */
  codes: CustomEvent<{ codes: CodeInfo[]; picture: { width: number; height: number } }>;
  /** Why there is no picture. */
  error: CustomEvent<unknown>;
}

/** Attributes: `device`, `media`, `resolution`, `fps`, `barcode`, `url`. */
export declare class GaopaiCamera extends HTMLElement {
  /** Its own connection to `url`, unless one was set. */
  gaopai: Gaopai;
  capture(options?: CaptureLimits): Promise<Picture[]>;

  addEventListener<E extends keyof GaopaiCameraEvents>(
    type: E, listener: (event: GaopaiCameraEvents[E]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'gaopai-camera': GaopaiCamera;
  }
}
