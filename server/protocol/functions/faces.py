"""Functions of face cameras and face matching."""

from __future__ import annotations

from server.errors import (
    BadName,
    Cancelled,
    DecoderUnavailable,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DeviceNotOpen,
    DevicePermission,
    DeviceTimeout,
    FaceModelMissing,
    FaceNotLive,
    FacesDiffer,
    FaceTooDark,
    FaceTooSmall,
    FileMissing,
    FileOfAnotherOrigin,
    FileUnreadable,
    LivenessUnclear,
    LocalizedText,
    ModeNotSupported,
    NoFace,
    NoSuchDevice,
    PathOutside,
    PictureTooLarge,
    PictureUnreadable,
    SeveralPeople,
)
from server.protocol.function import DeviceReference, Example, Function
from server.protocol.messages import faces

_OPENING = (
    NoSuchDevice,
    ModeNotSupported,
    DeviceBusy,
    DeviceGone,
    DeviceTimeout,
    DevicePermission,
    DeviceFailed,
)
_USING = (NoSuchDevice, DeviceNotOpen, DeviceBusy, DeviceGone, DeviceTimeout, DeviceFailed)
_READING = (
    PictureUnreadable,
    PictureTooLarge,
    DecoderUnavailable,
    PathOutside,
    BadName,
    FileMissing,
    FileOfAnotherOrigin,
    FileUnreadable,
)

_LOOKING = (FaceModelMissing, NoFace, FaceTooSmall, FaceTooDark, SeveralPeople)
_JUDGING = (FacesDiffer, FaceNotLive, LivenessUnclear)

_PAIR = faces.FaceCameraEntry(
    face_camera_name="USB Camera",
    face_camera_medias=("MJPG", "YUY2"),
    face_camera_type=2,
    face_camera_resolutions=("1600x1200", "1280x960", "1024x768", "640x480"),
)
_FACE = faces.FaceBox(
    left=500,
    top=200,
    right=700,
    bottom=460,
    live=True,
    score=0.98,
    verdict="live",
    reason="it reaches the threshold",
)


def _switched_off(request: faces.GetFaceCamraBuffRequest) -> bool:
    return not request.enable


def _camera(request: faces.GetFaceCamraBuffRequest | faces.CloseFaceCameraRequest) -> DeviceReference:
    return DeviceReference("face camera", request.face_camera_num)


def _camera_of_match(request: faces.FaceMatchRequest) -> DeviceReference | None:
    return DeviceReference("face camera", request.face_camera_num) if request.with_person else None


FUNCTIONS = (
    Function(
        name="GetFaceCameraInfo",
        request=faces.GetFaceCameraInfoRequest,
        answer=faces.GetFaceCameraInfoAnswer,
        since="V1.5",
        summary=LocalizedText(
            "获取人脸设备信息，红白双目摄像头为一个设备。",
            "List the face cameras; a colour and infrared pair is one of them.",
        ),
        example=Example({}, faces.GetFaceCameraInfoAnswer(face_camera_info=(_PAIR,))),
    ),
    Function(
        name="OpenFaceCamera",
        request=faces.OpenFaceCameraRequest,
        answer=faces.OpenFaceCameraAnswer,
        errors=_OPENING,
        since="V1.5",
        summary=LocalizedText("打开人脸摄像头。", "Open a face camera."),
        example=Example(
            {"faceCameraNum": 0, "faceMediaNum": 0, "faceResolutionNum": 0, "faceFps": 15},
            faces.OpenFaceCameraAnswer(),
        ),
    ),
    Function(
        name="GetFaceCamraBuff",
        spellings=("GetFaceCameraBuff",),
        request=faces.GetFaceCamraBuffRequest,
        answer=faces.GetFaceCamraBuffAnswer,
        pushes=(faces.FaceFrame,),
        errors=(*_USING, ModeNotSupported),
        stops=_switched_off,
        device=_camera,
        since="V1.5",
        summary=LocalizedText(
            "开始或停止回传人脸视频。开始后没有单独的应答，第一帧即应答；停止后回一条应答，此后不再有帧。",
            "Start or stop a face camera's preview. Starting has no answer of its own: the first frame is "
            "the answer. Stopping has one, and no frame follows it.",
        ),
        example=Example(
            {"faceCameraNum": 0, "enable": False},
            faces.GetFaceCamraBuffAnswer(face_camera_num=0),
            faces.FaceFrame(
                face_camera_num=0,
                result=0,
                img_base64_str="/9j/4AAQ...",
                mime="image/jpg",
                width=1280,
                height=720,
                faces=(_FACE,),
            ),
        ),
    ),
    Function(
        name="CloseFaceCamera",
        request=faces.CloseFaceCameraRequest,
        answer=faces.CloseFaceCameraAnswer,
        errors=(NoSuchDevice,),
        stops=True,
        device=_camera,
        since="V1.5",
        summary=LocalizedText(
            "关闭人脸摄像头。没有打开的摄像头时也返回成功。",
            "Close a face camera. Success also when none is open.",
        ),
        example=Example({"faceCameraNum": 0}, faces.CloseFaceCameraAnswer()),
    ),
    Function(
        name="SetFaceLivingBodyState",
        request=faces.SetFaceLivingBodyStateRequest,
        answer=faces.SetFaceLivingBodyStateAnswer,
        errors=(NoSuchDevice, DeviceNotOpen, FaceModelMissing),
        since="V1.5",
        summary=LocalizedText(
            "打开或关闭人脸活体检测：视频帧带有 faces，FaceMatch 的现场人脸须通过。"
            "每个连接和设备各自记住，可在打开前设置。",
            "Switch liveness detection on or off: frames carry faces, and the live face of FaceMatch must "
            "pass. Kept for each connection and device, also before opening.",
        ),
        example=Example(
            {"faceCameraNum": 0, "faceLivingBody": 1},
            faces.SetFaceLivingBodyStateAnswer(living_by=("cues", "action")),
        ),
    ),
    Function(
        name="FaceMatch",
        request=faces.FaceMatchRequest,
        answer=faces.FaceMatchAnswer,
        errors=(*_USING, *_READING, *_LOOKING, *_JUDGING, Cancelled),
        long=True,
        device=_camera_of_match,
        since="V1.5",
        summary=LocalizedText(
            "人脸比对：一个文件和图片、两个文件，或其中一个与打开的人脸摄像头比对。",
            "Compare faces: a file with a picture, two files, or one of them with the open face camera.",
        ),
        example=Example(
            {
                "faceImageBase64": "",
                "faceImagePath": "/var/lib/gaopai/a.jpg;/var/lib/gaopai/b.jpg",
                "threshold": 0.7,
            },
            faces.FaceMatchAnswer(face_image_base64="/9j/4AAQ...", similarity=0.83),
        ),
    ),
)
