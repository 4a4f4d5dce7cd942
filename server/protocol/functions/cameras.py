"""Functions of the document camera."""

from __future__ import annotations

from server.errors import (
    BadName,
    BadSuffix,
    ControlNotSupported,
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DeviceNotOpen,
    DevicePermission,
    DeviceTimeout,
    FileExists,
    FontMissing,
    LocalizedText,
    ModelDamaged,
    ModeNotSupported,
    NamePartMissing,
    NoSuchDevice,
    NotRecording,
    PathOutside,
    PictureTooLarge,
    PictureUnreadable,
    StorageFailed,
    StorageFull,
)
from server.protocol.function import DeviceReference, Example, Function
from server.protocol.messages import auto_capture, camera_controls, cameras, recording

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
_MAKING = (PictureUnreadable, PictureTooLarge, FontMissing, ModelDamaged)
_SAVING = (BadSuffix, BadName, PathOutside, FileExists, StorageFull, StorageFailed, NamePartMissing)

_MJPG = cameras.MediaEntry(media_name="MJPG", media_type="MJPG", resolutions=("1600x1200", "1280x960"))
_FOCUS = camera_controls.ControlEntry(
    control="focus", minimum=0, maximum=255, step=1, default=0, value=120, auto=False, once=True
)
_SCANNER = cameras.CameraEntry(id=0, dev_name="Document Scanner", media_types=(_MJPG,))


def _switched_off(request: cameras.GetCameraVideoBuffRequest) -> bool:
    return not request.enable


def _camera(request: cameras.GetCameraVideoBuffRequest | cameras.CloseCameraRequest) -> DeviceReference:
    return DeviceReference("camera", request.dev_num)


FUNCTIONS = (
    Function(
        name="GetCameraInfo",
        request=cameras.GetCameraInfoRequest,
        answer=cameras.GetCameraInfoAnswer,
        since="V1.3",
        summary=LocalizedText("获取设备信息。", "List the document cameras."),
        example=Example({}, cameras.GetCameraInfoAnswer(dev_info=(_SCANNER,))),
    ),
    Function(
        name="OpenCamera",
        request=cameras.OpenCameraRequest,
        answer=cameras.OpenCameraAnswer,
        errors=_OPENING,
        since="V1.3",
        summary=LocalizedText(
            "打开摄像头。打开后需调用 GetCameraVideoBuff 才会回传视频；再次调用可更换参数。",
            "Open a camera. Video comes after GetCameraVideoBuff; calling again changes the parameters.",
        ),
        example=Example(
            {"devNum": 0, "mediaNum": 0, "resolutionNum": 0, "fps": 15}, cameras.OpenCameraAnswer()
        ),
    ),
    Function(
        name="GetCameraVideoBuff",
        request=cameras.GetCameraVideoBuffRequest,
        answer=cameras.GetCameraVideoBuffAnswer,
        pushes=(cameras.CameraFrame,),
        errors=_USING,
        stops=_switched_off,
        device=_camera,
        since="V1.3",
        summary=LocalizedText(
            "开始或停止回传视频。开始后没有单独的应答，第一帧即应答；停止后回一条应答，此后不再有帧。",
            "Start or stop the preview. Starting has no answer of its own: the first frame is the answer. "
            "Stopping has one, and no frame follows it.",
        ),
        example=Example(
            {"devNum": 0, "enable": False},
            cameras.GetCameraVideoBuffAnswer(dev_num=0),
            cameras.CameraFrame(
                dev_num=0,
                result=0,
                image_base64_str="/9j/4AAQ...",
                img_base64_str="/9j/4AAQ...",
                mime="image/jpg",
                width=1280,
                height=720,
            ),
        ),
    ),
    Function(
        name="CloseCamera",
        request=cameras.CloseCameraRequest,
        answer=cameras.CloseCameraAnswer,
        errors=(NoSuchDevice,),
        stops=True,
        device=_camera,
        since="V1.3",
        summary=LocalizedText(
            "关闭摄像头。没有打开的摄像头时也返回成功。", "Close a camera. Success also when none is open."
        ),
        example=Example({"devNum": 0}, cameras.CloseCameraAnswer()),
    ),
    Function(
        name="SetCameraImageInfo",
        # As the standard titles it: letters that a reader of pictures took for others.
        spellings=("SetCameralmagelInfo",),
        request=cameras.SetCameraImageInfoRequest,
        answer=cameras.SetCameraImageInfoAnswer,
        errors=(NoSuchDevice, DeviceBusy),
        since="V1.3",
        summary=LocalizedText(
            "设置图像算法，按连接和设备保存，打开摄像头之前也可设置。",
            "Set how pictures are processed. Kept for this connection and device, also before opening.",
        ),
        example=Example(
            {
                "devNum": 0,
                "cropType": 4,
                "cropRect": {"left": 100, "top": 80, "right": 1500, "bottom": 1100},
                "imageType": 0,
                "fillBorderType": 0,
                "removalForeign": 0,
                "rotate": 0,
            },
            cameras.SetCameraImageInfoAnswer(),
        ),
    ),
    Function(
        name="SetCameraInfo",
        request=cameras.SetCameraInfoRequest,
        answer=cameras.SetCameraInfoAnswer,
        errors=(DeviceNotOpen, *_OPENING),
        since="gaopai 0.1",
        summary=LocalizedText(
            "更换已打开摄像头的视频格式和分辨率。", "Change the format and size of an open camera."
        ),
        example=Example({"devNum": 0, "mediaNum": 0, "resolutionNum": 1}, cameras.SetCameraInfoAnswer()),
    ),
    Function(
        name="GetCameraControls",
        request=camera_controls.GetCameraControlsRequest,
        answer=camera_controls.GetCameraControlsAnswer,
        errors=_USING,
        since="gaopai 0.1",
        summary=LocalizedText(
            "列出已打开的摄像头自身可调的参数：对焦、曝光、白平衡等。",
            "List what can be set on an open camera itself: focus, exposure, white balance and the like.",
        ),
        example=Example(
            {"devNum": 0},
            camera_controls.GetCameraControlsAnswer(controls=(_FOCUS,), unsupported=("zoom", "gain")),
        ),
    ),
    Function(
        name="SetCameraControl",
        request=camera_controls.SetCameraControlRequest,
        answer=camera_controls.SetCameraControlAnswer,
        errors=(*_USING, ControlNotSupported, DevicePermission),
        since="gaopai 0.1",
        summary=LocalizedText(
            "设置摄像头自身的一个参数，按摄像头型号保存，下次打开时恢复。",
            "Set one control of the camera itself. Kept for cameras of this model, and set again when one "
            "is opened.",
        ),
        example=Example(
            {"devNum": 0, "control": "focus", "value": 120},
            camera_controls.SetCameraControlAnswer(control=_FOCUS),
        ),
    ),
    Function(
        name="CameraCapture",
        request=cameras.CameraCaptureRequest,
        answer=cameras.CameraCaptureAnswer,
        errors=_USING + _MAKING + _SAVING,
        since="V1.3",
        summary=LocalizedText(
            "拍摄图片到文件；多图裁切时返回多个文件。",
            "Take a picture into a file; a multi-crop gives several files.",
        ),
        example=Example(
            {"devNum": 0, "imagePath": "/tmp/capture.jpg"},  # noqa: S108 - the standard's own example
            cameras.CameraCaptureAnswer(
                image_path=("/var/lib/gaopai/tmp/capture.jpg", "/var/lib/gaopai/tmp/capture1.jpg")
            ),
        ),
    ),
    Function(
        name="CameraCaptureBase64",
        request=cameras.CameraCaptureBase64Request,
        answer=cameras.CameraCaptureBase64Answer,
        errors=_USING + _MAKING,
        since="V1.3",
        summary=LocalizedText(
            "拍摄图片并返回 base64；多图裁切时每张图片一条应答。",
            "Take a picture as base64; a multi-crop gives one answer for each picture.",
        ),
        example=Example(
            {"devNum": 0},
            cameras.CameraCaptureBase64Answer(
                image_count=4,
                image_index=1,
                image_base64_str="/9j/4AAQ...",
                img_base64_str="/9j/4AAQ...",
                mime="image/jpg",
                width=1240,
                height=1754,
            ),
        ),
    ),
    Function(
        name="SetCameraAutoCapture",
        request=auto_capture.SetCameraAutoCaptureRequest,
        answer=auto_capture.SetCameraAutoCaptureAnswer,
        pushes=(auto_capture.AutoCapturePush, auto_capture.AutoCaptureReason),
        pushed_as="OnAutoCapture",
        errors=_USING + _MAKING + _SAVING,
        since="gaopai 0.1",
        summary=LocalizedText(
            "自动拍摄：新的一页放稳即拍，或按间隔拍摄；图片以 OnAutoCapture 推送，reqId 与本请求相同，"
            "未拍的原因有变化时也推送。直到 mode 0、CloseCamera、停止预览或连接断开。",
            "Capture by itself: each new page that lies still, or at intervals. Pictures are pushed as "
            "OnAutoCapture with this reqId, and so is the reason to wait whenever it changes. Until mode 0, "
            "CloseCamera, the end of the preview or of the connection.",
        ),
        example=Example(
            {"devNum": 0, "mode": 1},
            auto_capture.SetCameraAutoCaptureAnswer(),
            auto_capture.AutoCapturePush(
                dev_num=0,
                capture_index=1,
                image_count=1,
                image_index=1,
                image_base64_str="/9j/4AAQ...",
                img_base64_str="/9j/4AAQ...",
                mime="image/jpg",
                width=1240,
                height=1754,
            ),
        ),
    ),
    Function(
        name="StartRecord",
        request=recording.StartRecordRequest,
        answer=recording.StartRecordAnswer,
        pushes=(recording.RecordFinished,),
        errors=_USING + _SAVING,
        since="gaopai 0.1",
        summary=LocalizedText(
            "把已打开的摄像头录成文件，直到 StopRecord 或达到上限；其间的拍照成为章节。"
            "自行结束时推送 Notify（OnRecordFinished）。",
            "Record an open camera into a file, until StopRecord or a limit; captures become chapters. A "
            "Notify (OnRecordFinished) tells when it ends by itself.",
        ),
        example=Example(
            {"devNum": 0, "filePath": "case/17.mkv", "seconds": 600},
            recording.StartRecordAnswer(file_path="/var/lib/gaopai/case/17.mkv"),
            recording.RecordFinished(
                event="OnRecordFinished",
                kind="record",
                file_path="/var/lib/gaopai/case/17.mkv",
                reason="seconds",
            ),
        ),
    ),
    Function(
        name="StopRecord",
        request=recording.StopRecordRequest,
        answer=recording.StopRecordAnswer,
        errors=(NoSuchDevice, DeviceBusy, DeviceTimeout, NotRecording, StorageFull, StorageFailed),
        since="gaopai 0.1",
        summary=LocalizedText("停止录像；文件随即完整。", "End the recording; its file is complete then."),
        example=Example(
            {"devNum": 0},
            recording.StopRecordAnswer(
                file_path="/var/lib/gaopai/case/17.mkv",
                seconds=95.4,
                size=61_200_000,
                captures=3,
                reason="stopped",
            ),
        ),
    ),
)
