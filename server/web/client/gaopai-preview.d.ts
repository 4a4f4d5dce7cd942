/** Types of live pictures, as gaopai-preview.js draws them. */
import type { CodeInfo, FaceBox, PictureCrop } from './gaopai-protocol.d.ts';
import type { GaopaiError } from './gaopai.d.ts';

export interface PreviewOptions {
  /**
   * After each frame that was drawn: the size of the camera's picture, which a small canvas gets reduced. `dropped` counts
   * those a newer one replaced, `outlines` the pages drawn in; `crop`, in pixels of the camera's picture, is what would become
   * of the crop of a capture now. An outline that is "unsure" is drawn dashed.
   */
  onFrame?: (frame: { width: number; height: number; dropped: number; outlines: number; crop: PictureCrop | null }) => void;
  /** True when no frame came for two seconds, or the connection was lost; false when the picture moves again. */
  onStale?: (stale: boolean) => void;
  /**
   * Have a worker decode and draw, where the browser can. A page that draws on the canvas itself, or has a context of it, sets
   * false; `toDataURL`, and drawing it elsewhere, work in any case. It counts for the first preview on a canvas. Default true.
   */
  worker?: boolean;
  /** Draw the camera's whole pictures, also on a canvas that shows them smaller. Default false. */
  fullSize?: boolean;
  /** 'pause', the default, stops the stream while nobody sees the page; 'continue' does not. */
  whenHidden?: 'pause' | 'continue';
  /** Also read barcodes. Default false. */
  barcode?: boolean;
  /**
   * With `barcode`: all codes in sight, whenever one comes or goes; an empty list when there are none any more. Corners
   * and sides are in pixels of the picture, whose size is the second argument.
   */
  onCodes?: (codes: CodeInfo[], picture: { width: number; height: number }) => void;
  /** The same codes in other places, several times a second while a page moves. */
  onCodesMove?: (codes: CodeInfo[], picture: { width: number; height: number }) => void;
  /** The preview has ended. Without it the error is thrown where `window.onerror` sees it. */
  onError?: (error: GaopaiError) => void;
  /** After a lost connection, set and open the camera as before and go on. Default false. */
  resume?: boolean;
}

export interface FacePreviewOptions extends Omit<PreviewOptions, 'barcode' | 'onCodes' | 'onCodesMove'> {
  /** The infrared stream of a pair (`faceCameraType` 2). Default false. */
  infrared?: boolean;
  /** After each frame: the faces in it, drawn already, or null while liveness detection is off. */
  onFaces?: (faces: FaceBox[] | null) => void;
}

export interface PreviewHandle {
  /** Ends it; resolves when the service has said that no frame follows. */
  stop(): Promise<void>;
  readonly dropped: number;
  /** Whether barcodes are read; may be set while the preview runs. */
  barcode: boolean;
}
