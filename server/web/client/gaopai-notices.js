/** Events that the service tells of by itself, and what a page hears them as. */
export const NOTICES = {
  OnDeviceChanged: 'device-change',
  OnUploadFinished: 'upload-finished',
  OnScanFinished: 'scan-finished',
  OnScannerNotice: 'scanner-notice',
  OnScanRows: 'scan-rows',
  OnBarCode: 'barcode',
  OnDocuments: 'documents',
  OnFingerPress: 'finger-press',
  OnFaceAction: 'face-action',
  OnRecordFinished: 'record-finished',
  OnExternalButton: 'button-press',
  OnCameraWanted: 'camera-wanted',
  OnCameraFree: 'camera-free',
};
