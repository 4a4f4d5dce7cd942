/** Types of gaopai.js. Those of the messages are generated: gaopai-protocol.d.ts. */
import type {
  AutoCaptureReason,
  BarCodePush, ButtonPushed, CameraFreePush, CameraWantedPush, CardInfo, CodeInfo, DocumentsPush, Envelope, FaceActionPush, FaceBox, FileEntry,
  FingerPressPush, FunctionName, Functions, NotifyPush, ScanFinishedPush,
  ScannerNoticePush, ScanRowsPush,
  PictureCrop, PictureVerdict, RecordFinished, SocialCardInfo, WatermarkOptions,
} from './gaopai-protocol.d.ts';
import type { FacePreviewOptions, PreviewHandle, PreviewOptions } from './gaopai-preview.d.ts';

export type { FacePreviewOptions, PreviewHandle, PreviewOptions };

/** A function that these types do not know, as of a newer service: `gaopai.call('NewFunction' as OtherFunction)`, untyped. */
export type OtherFunction = string & { readonly '': unique symbol };
export type { CardInfo, CodeInfo, FaceBox, FileEntry, FunctionName, PictureCrop, PictureVerdict, SocialCardInfo, WatermarkOptions };
export type Params<F> = F extends FunctionName
  ? Functions[F]['request']
  : Record<string, unknown>;
export type AnswerOf<F> = F extends FunctionName ? Functions[F]['answer'] : Record<string, unknown>;

export interface ConnectOptions {
  /** Preview frames as JPEG bytes with their outline as coordinates. Default true; false asks for base64 in JSON. */
  binary?: boolean;
  /** The secret that the service asks for, where it was given one. */
  token?: string;
  /** Dial again after a loss. Default true. */
  reconnect?: boolean;
  /** Milliseconds before the first attempt; doubled each time. Default 500. */
  retryFrom?: number;
  /** Milliseconds between attempts at most. Default 10000. */
  retryUpTo?: number;
  /** Milliseconds a call waits for its answer unless it says otherwise. Default 30000. */
  timeout?: number;
  /** Milliseconds a call waits for a connection first, as for a service that starts later; Infinity for ever. Without it a call
   * rejects as soon as it is known why there is none, such as 'not-running' or 'origin-not-allowed', and at last after 30000. */
  wait?: number;
  /**
   * Milliseconds of silence after which the service is asked for a sign of life; without one for as long again the
   * `stale` event is fired. Default 0: never.
   */
  heartbeat?: number;
  /** Of error texts, the client's and, unless its configuration has fixed one, the service's. Default: the browser's. */
  language?: Language;
  /** Shown to pages of other sites where this one has the camera that they want: nothing personal, therefore. */
  title?: string;
}

export type Language = 'zh' | 'en';

export interface Limits {
  /** Milliseconds until the call is rejected with code 'timeout'. */
  timeout?: number;
  /** As in ConnectOptions; the time of `timeout` begins when the call was sent. */
  wait?: number;
  /** Sent again where the connection is lost before the answer: for what may be done twice. Default false. */
  resume?: boolean;
  /** Rejects the call with the signal's reason; the service finishes what it began. */
  signal?: AbortSignal;
}

/** Form of captured pictures; what is missing is as the service is configured. */
export interface PictureForm {
  /** 1 to 100. */
  quality?: number;
  maxBytes?: number;
  dpi?: number;
  /** 0 as processed, 1 grey, 2 black and white. */
  colorMode?: 0 | 1 | 2;
  /** Text alone, or with its place and look. */
  watermark?: string | WatermarkOptions;
}

/** Why an automatic capture waits; `missed`: a page was taken away before it was captured. */
export type WaitReason = AutoCaptureReason['reason'];

export interface AutoCaptureOptions extends PictureForm {
  /** 1 each new page that lies still, 2 at intervals. Default 1. */
  mode?: 1 | 2;
  /** Interval of mode 2, 0.5 to 3600. Default 5. */
  seconds?: number;
  /** Writes files; a name without placeholders is numbered. */
  imagePath?: string;
  /** false writes files by default names, true none. */
  base64?: boolean;
  /** Ends it; its reason is thrown. */
  signal?: AbortSignal;
  /** Whenever the reason to wait changes. */
  onWait?: (reason: WaitReason) => void;
}

export interface AutoCapturedPicture {
  /** null where files are written. */
  blob: Blob | null;
  width: number | null;
  height: number | null;
  /** Number of the capture, from 1. */
  capture: number;
  /** Which of its pictures this is, from 1, and how many there are. */
  index: number;
  count: number;
  /** The files, where `imagePath` was given or `base64` is false; otherwise null. */
  paths: string[] | null;
  verdict: PictureVerdict | null;
}

export interface Composing extends Limits {
  /** Front and back, or one picture with both. */
  pictures?: Blob[];
  /** The same as files below the storage folder. */
  paths?: string[];
  /** `devNum` of the camera that takes one picture with both, where neither is given. */
  camera?: number;
  /** 0 a card at its true size, 1 two pages beside each other, 2 one below the other. */
  layout?: 0 | 1 | 2;
  /** 0 PDF, 1 JPEG. */
  fileType?: 0 | 1;
  /** Also written to this file; its suffix decides the format. */
  filePath?: string;
  dpi?: number;
  watermark?: string | WatermarkOptions;
}

export interface CaptureLimits extends Limits, PictureForm {
  /** Most frames that are merged to one picture, 1 to 8. Default: those that are there, where a sensor is noisy. */
  frames?: number;
  /** A second camera, whose picture is laid into a corner. */
  overlayDevNum?: number;
  /** 0 top left, 1 top right, 2 bottom left, 3 bottom right. Default 3. */
  overlayPosition?: 0 | 1 | 2 | 3;
  /** In percent of the picture's width, 5 to 50. Default 25. */
  overlaySize?: number;
  /** After each picture that arrived, `index` counted from 1. */
  onPicture?: (index: number, count: number) => void;
}

export interface Picture {
  blob: Blob;
  /** Pixels. */
  width: number;
  height: number;
  /** Counted from 1, in reading order. */
  index: number;
  count: number;
  /** Whether it can be read. */
  verdict: PictureVerdict | null;
  /** Of its original, for `processImage` of pages of this site, good for ten minutes; null where none is kept. */
  handle: string | null;
  /** Where it was cut out of its original; null where it was not, or a curved page was flattened. */
  corners: Corners | null;
  /** What became of the crop; `unsure`: an outline was found and not trusted, `processImage` with its corners cuts it. */
  crop: PictureCrop | null;
}

/** [x, y] in pixels of the original, clockwise from the picture's top left. */
export type Corners = [Point, Point, Point, Point];
export type Point = [x: number, y: number];

export interface Processing extends CaptureLimits, Omit<Params<'ProcessImage'>, 'imageBase64' | 'imagePath' | 'base64' | 'watermark'> {
  /** Instead of `handle`: a picture of the page's own. */
  picture?: Blob;
  /** Or a file below the storage folder. */
  path?: string;
}

export interface ProcessedPicture extends Picture {
  /** The file, where `filePath` was given. */
  path: string | null;
}

export interface Merging extends Limits, Omit<Params<'MergeFile'>, 'imageBase64' | 'imagePath' | 'progress'> {
  /** The pages, in this order. */
  pictures?: Blob[];
  /** The same as files below the storage folder. */
  paths?: string[];
  /** After pages that are done, now and then. */
  onProgress?: (done: number, total: number) => void;
}

export interface Merged {
  /** The file that was written; if pages are split by barcode the first, `answer.files` has all. */
  path: string;
  pages: number;
  /** Pages that are blank, from 1. */
  blank: number[];
  /** Downloads it, once. */
  blob(): Promise<Blob>;
  answer: AnswerOf<'MergeFile'>;
}

export interface ScanLimits {
  /** Cancels the scan; complete pages still come, then the signal's reason is thrown. */
  signal?: AbortSignal;
}

export interface ScannedPage {
  /** null for a file in a format that browsers do not show. */
  blob: Blob | null;
  /** Pixels. */
  width: number;
  height: number;
  /** Counted from 1 in each scan. */
  index: number;
  /** How many the scan gives; null while nobody knows, as with a feeder. */
  count: number | null;
  /** The side of a sheet it comes from, from 1; a crop of several documents makes several pictures of one. */
  page: number;
  blank: boolean;
  /** Whether it can be read. */
  verdict: PictureVerdict | null;
  /** Of a pile scanned in two passes: the sheet, from 1, and its side. */
  sheet?: number | null;
  /** With `streams`: which of the pictures of a page. */
  stream?: 'asSet' | 'gray' | 'bw';
  side?: 'front' | 'back';
  /** The file, where the scan was given `imagePath`; otherwise null. */
  path: string | null;
  /** As of a captured picture. */
  handle: string | null;
  corners: Corners | null;
  /** What became of the crop; `unsure`: an outline was found and not trusted, `processImage` with its corners cuts it. */
  crop: PictureCrop | null;
}

export interface Reading {
  /** Milliseconds that the person has to present the card or press the finger; without it as the service is configured. */
  timeout?: number;
  /** The device's place in GetCardReaderInfo or GetFingerReaderInfo. */
  reader?: number;
  /** Ends the wait and rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface CardReading extends Reading {
  /** Digits for a social security card; none is sent to a card unless given. */
  pin?: string;
}

export interface ResidentCard extends CardInfo {
  /** null where it cannot be decoded; `imageReason` says why. */
  portrait: Blob | null;
}

export interface BankCard {
  /** Its digits. */
  number: string;
  /** Year-month, or empty. */
  expiry: string;
}

export interface FingerReading extends Reading {
  /** How often the same finger is pressed, 1 to 8. Default 1. */
  presses?: number;
  /** After each of several presses; `reason` says why one was not taken. */
  onPress?: (progress: { pressed: number; presses: number; reason: string | null }) => void;
}

export interface Finger {
  /** PNG; of several presses the clearest. */
  picture: Blob;
  /** For matchFinger; of several presses with `;` between. */
  feature: string;
}

export interface FingerMatching extends Reading {
  feature?: string;
  /** Counts where a feature is given, too. */
  picture?: Blob;
  /** Similarity from which it is a match. Default 0.9. */
  threshold?: number;
}

export interface FaceMatching {
  /** Whom to compare with. */
  picture?: Blob;
  /** The same as a file below the storage folder; two are compared with each other. */
  path?: string | string[];
  /** Similarity from which it is a match. Default 0.7. */
  threshold?: number;
  /** Milliseconds that the person is waited for; without it as the service is configured. */
  timeout?: number;
  /** `faceCameraNum`; without it the face camera opened last. */
  camera?: number;
  /** Ends the wait and rejects with the signal's reason. */
  signal?: AbortSignal;
  /** What the person has to do, where SetFaceLivingBodyState named a `faceAction`. */
  onAction?: (action: FaceActionPush['action']) => void;
}

export interface RawMessage {
  direction: 'in' | 'out';
  /** Milliseconds since 1970. */
  time: number;
  text: string;
  /** Parsed, or null when the text is not JSON. */
  message: Record<string, unknown> | null;
}

export interface GaopaiEvents {
  open: CustomEvent<Record<string, never>>;
  /** `retryIn` is null when nothing is tried again. */
  close: CustomEvent<{ code: number; reason: string; retryIn: number | null }>;
  /** The connection fell silent, or is alive again; needs `heartbeat`. */
  stale: CustomEvent<{ stale: boolean }>;
  'device-change': CustomEvent<Envelope & NotifyPush>;
  /** An upload with `retry` that waited has succeeded or was given up. */
  'upload-finished': CustomEvent<Envelope & NotifyPush>;
  'scan-finished': CustomEvent<Envelope & ScanFinishedPush>;
  'scanner-notice': CustomEvent<Envelope & ScannerNoticePush>;
  /** Of a scan with `withRows`: rows of the page that is coming. */
  'scan-rows': CustomEvent<Envelope & ScanRowsPush>;
  'record-finished': CustomEvent<Envelope & RecordFinished>;
  /** A camera's button or a foot switch was pressed; call ExternalButton once the connection is open. */
  'button-press': CustomEvent<Envelope & ButtonPushed>;
  /** A page of another site wants a camera that this one has: `by` says which. CloseCamera gives it up. */
  'camera-wanted': CustomEvent<Envelope & CameraWantedPush>;
  /** A camera that this page asked for with `takeOver` is free. */
  'camera-free': CustomEvent<Envelope & CameraFreePush>;
  /** Other codes are in sight of a preview with `barcode` than before, or elsewhere. */
  barcode: CustomEvent<Envelope & BarCodePush>;
  /** Documents came to rest below a camera with `SetCameraDocumentReading`, were read, or are moved. */
  documents: CustomEvent<Envelope & DocumentsPush>;
  /** Of several presses one was taken or refused. */
  'finger-press': CustomEvent<Envelope & FingerPressPush>;
  /** A comparison waits for the person to do something. */
  'face-action': CustomEvent<Envelope & FaceActionPush>;
  message: CustomEvent<RawMessage>;
}

/** The service's number, what the client found itself, or why there is no connection. */
export type ErrorCode = number | 'closed' | 'timeout' | 'version' | Exclude<Diagnosis['reason'], 'reachable' | 'other-version'>;

export declare class GaopaiError extends Error {
  constructor(code: ErrorCode, message: string, func?: string, answer?: Record<string, unknown> | null);
  readonly name: 'GaopaiError';
  readonly code: ErrorCode;
  readonly func: string;
  /** The service's whole answer: for instance the files written before a jam. */
  readonly answer: Record<string, unknown> | null;
}

export declare class Gaopai extends EventTarget {
  constructor(url: string, options?: ConnectOptions);
  readonly url: string;
  readonly state: 'connecting' | 'open' | 'waiting' | 'closed';
  /** Whether an open connection has been silent for twice `heartbeat`. */
  readonly stale: boolean;
  /** Of error texts; may be set at any time. */
  language: Language;

  call<F extends FunctionName | OtherFunction>(func: F, params?: Params<F>, limits?: Limits): Promise<AnswerOf<F>>;
  captureBase64(devNum: number, limits?: CaptureLimits): Promise<Picture[]>;
  autoCapture(devNum: number, options?: AutoCaptureOptions): AsyncGenerator<AutoCapturedPicture, void, undefined>;
  /** Works on a picture again, as often as wanted: the original stays. */
  processImage(options: Processing): Promise<ProcessedPicture[]>;
  merge(options: Merging): Promise<Merged>;
  listFiles(params?: Params<'ListFiles'>, limits?: Limits): Promise<{ files: FileEntry[]; more: boolean }>;
  /** A file that pages of this site made. */
  getFile(path: string, limits?: Limits): Promise<Blob>;
  composeCards(options?: Composing): Promise<{ blob: Blob; path: string | null; width: number; height: number }>;
  preview(devNum: number, canvas: HTMLCanvasElement, options?: PreviewOptions): PreviewHandle;
  /** The same of a face camera; both streams of a pair may be shown at once. */
  previewFace(
    faceCameraNum: number, canvas: HTMLCanvasElement, options?: FacePreviewOptions): Omit<PreviewHandle, 'barcode'>;
  /** Starts when iterated. Leaving the loop early cancels the scan and waits until the scanner is free. */
  scan(params?: Params<'Scan'>, limits?: ScanLimits): AsyncGenerator<ScannedPage, void, undefined>;
  scanToFiles(params?: Params<'Scan'>, limits?: ScanLimits): Promise<AnswerOf<'Scan'>>;
  readCard(kind?: 'resident', options?: CardReading): Promise<ResidentCard>;
  readCard(kind: 'social', options?: CardReading): Promise<SocialCardInfo>;
  readCard(kind: 'bank', options?: CardReading): Promise<BankCard>;
  readFinger(options?: FingerReading): Promise<Finger>;
  /** Rejects with code 7003 where the finger is another one; `error.answer.similarity` tells how near it was. */
  matchFinger(options: FingerMatching): Promise<{ similarity: number; picture: Blob }>;
  /** Rejects with code 8006 where it is somebody else, 8007 where it is no living face. */
  matchFace(options: FaceMatching): Promise<{ similarity: number; picture: Blob; notice: string | null }>;
  send(text: string): void;
  close(): void;
  /** Dials now, where the next attempt would be later. Each call does. */
  retry(): void;

  addEventListener<E extends keyof GaopaiEvents>(
    type: E, listener: (event: GaopaiEvents[E]) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}

export declare function connect(url?: string, options?: ConnectOptions): Gaopai;

export interface Diagnosis {
  reason:
    | 'reachable'
    | 'other-version'
    | 'origin-not-allowed'
    | 'not-running'
    | 'iframe-not-allowed'
    | 'permission-denied'
    | 'permission-needed'
    | 'insecure-page'
    | 'mixed-content';
  /** What is the matter, for a person. */
  message: string;
  /** What to do about it. */
  remedy: string;
}

export declare function diagnose(url?: string, options?: { language?: Language; timeout?: number }): Promise<Diagnosis>;
