/** The sentences of the tab of faces. */
export const FACES = {
  zh: {
    faces: '人脸',
    facePreview: '人脸视频',
    infraredPreview: '红外视频',
    infrared: '红外',
    infraredHint: '同时显示红白双目的红外视频',
    noFaceCamera: '没有找到人脸摄像头',
    noFaceCameraHint: '低于 500 万像素的摄像头插上后会自动出现；没有设备时可用 gaopai serve --demo 试用。',
    faceClosed: '人脸摄像头已关闭',
    faceClosedHint: '按“打开”开始预览。离开此页签即关闭。',
  },
  en: {
    faces: 'Faces',
    facePreview: 'Face camera',
    infraredPreview: 'Infrared',
    infrared: 'Infrared',
    infraredHint: 'Show the infrared picture of a pair, too',
    noFaceCamera: 'No face camera found',
    noFaceCameraHint: 'One below 5 megapixels appears here once plugged in; gaopai serve --demo needs none.',
    faceClosed: 'The face camera is closed',
    faceClosedHint: 'Press Open to see it. It is closed on leaving this tab.',
  },
};
