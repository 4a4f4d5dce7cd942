"""Functions and messages about the controls of a camera."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import CAMERA_USE, DEVICE_USE, Example, Function
from server.protocol.messages.base import Answer, Request, doc
from server.protocol.messages.cameras import DevNum

Control = Literal[
    "focus",
    "exposure",
    "gain",
    "whiteBalance",
    "brightness",
    "contrast",
    "saturation",
    "sharpness",
    "zoom",
    "powerLine",
]
Setting = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]


class ControlEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One control of a camera and its present state, in the camera's own units."""

    control: Annotated[
        str,
        doc(
            "focus 对焦，exposure 曝光，gain 增益，whiteBalance 白平衡，brightness 亮度，contrast 对比度，"
            "saturation 饱和度，sharpness 锐度，zoom 变焦，powerLine 电源频率，防闪烁"
            "（0 关闭，1 为 50 Hz，2 为 60 Hz，3 自动）",
            "focus, exposure, gain, whiteBalance, brightness, contrast, saturation, sharpness, zoom, or "
            "powerLine, against flicker (0 off, 1 for 50 Hz, 2 for 60 Hz, 3 automatic)",
        ),
    ]
    minimum: Annotated[int, doc("最小值", "least value")]
    maximum: Annotated[int, doc("最大值", "greatest value")]
    step: Annotated[int, doc("步长", "step between values")]
    default: Annotated[int, doc("默认值", "default value")]
    value: Annotated[
        int | None, doc("当前值；设备不提供时为 null", "present value; null where the device tells none")
    ]
    auto: Annotated[
        bool | None,
        doc("是否由摄像头自动调节；不支持自动时为 null", "true while the camera chooses; null if it cannot"),
    ]
    once: Annotated[
        bool, doc("是否支持一键调节（如一键对焦）", "true if `once` adjusts it, as one key for the focus")
    ]


class GetCameraControlsRequest(Request, frozen=True, kw_only=True):
    dev_num: DevNum = None


class GetCameraControlsAnswer(Answer, frozen=True, kw_only=True):
    controls: Annotated[
        tuple[ControlEntry, ...], doc("可调的参数；没有时为空", "what can be set; empty without any")
    ]
    unsupported: Annotated[
        tuple[str, ...], doc("该摄像头没有的参数", "the controls that this camera does not have")
    ]


class SetCameraControlRequest(Request, frozen=True, kw_only=True):
    dev_num: DevNum = None
    control: Annotated[Control, doc("参数名称，见 GetCameraControls", "name, as GetCameraControls lists it")]
    value: Annotated[
        Setting | None, doc("取值；设置后即为手动", "the value; setting it ends the automatic")
    ] = None
    auto: Annotated[
        bool | None, doc("true 由摄像头自动调节，false 停止", "true hands it to the camera, false ends that")
    ] = None
    once: Annotated[
        bool,
        doc(
            "true：自动调节一次，然后保持（一键对焦）；约需 3 秒",
            "true: adjust it once and keep that, as one key for the focus; takes about 3 seconds",
        ),
    ] = False


class SetCameraControlAnswer(Answer, frozen=True, kw_only=True):
    control: Annotated[ControlEntry, doc("设置后的状态", "its state after that")]


_FOCUS = ControlEntry(
    control="focus", minimum=0, maximum=255, step=1, default=0, value=120, auto=False, once=True
)
"""Control of the examples."""


FUNCTIONS = (
    Function(
        request=GetCameraControlsRequest,
        answer=GetCameraControlsAnswer,
        errors=CAMERA_USE,
        since="gaopai 0.1",
        summary=LocalizedText(
            "列出已打开的摄像头自身可调的参数：对焦、曝光、白平衡等。",
            "List what can be set on an open camera itself: focus, exposure, white balance and the like.",
        ),
        example=Example(
            {"devNum": 0}, GetCameraControlsAnswer(controls=(_FOCUS,), unsupported=("zoom", "gain"))
        ),
    ),
    Function(
        request=SetCameraControlRequest,
        answer=SetCameraControlAnswer,
        errors=(*CAMERA_USE, *DEVICE_USE, errors.ControlNotSupported),
        since="gaopai 0.1",
        summary=LocalizedText(
            "设置摄像头自身的一个参数，按摄像头型号保存，下次打开时恢复。",
            "Set one control of the camera itself. Kept for cameras of this model, and set again when one "
            "is opened.",
        ),
        example=Example(
            {"devNum": 0, "control": "focus", "value": 120}, SetCameraControlAnswer(control=_FOCUS)
        ),
    ),
)
"""Functions about the controls of a camera, for the catalogue."""
