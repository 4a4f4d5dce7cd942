"""Functions and messages about the buttons of cameras and foot switches."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.errors import LocalizedText
from server.protocol.function import Example, Function
from server.protocol.messages.base import Answer, Index, Request, doc

Kind = Annotated[
    Literal["camera", "switch"],
    doc("camera：摄像头自带的按钮；switch：脚踏开关", "camera: a camera's own button; switch: a foot switch"),
]
Name = Annotated[str, doc("设备名称", "name of the device")]
Camera = Annotated[
    Index | None,
    doc(
        "按钮所属摄像头的 devNum；无法得知时缺省",
        "devNum of the camera that the button belongs to; missing if that cannot be told",
    ),
]


class ExternalButtonRequest(Request, frozen=True, kw_only=True):
    enable: Annotated[
        bool,
        doc(
            "标准之外：true 开始接收按键推送，false 停止",
            "beyond the standard: true to be told of each press, false to stop",
        ),
    ] = True


class ButtonEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One button."""

    kind: Kind
    name: Name
    dev_num: Camera = None


class ExternalButtonAnswer(Answer, frozen=True, kw_only=True):
    buttons: Annotated[
        tuple[ButtonEntry, ...],
        doc("标准之外：现有的按钮；没有时为空", "beyond the standard: the buttons; empty without any"),
    ]


class ButtonPushed(Answer, frozen=True, kw_only=True):
    """One press; has the reqId of the request that asked to be told."""

    event: Annotated[Literal["OnExternalButton"], doc("始终为 OnExternalButton", "always OnExternalButton")]
    kind: Kind
    name: Name
    dev_num: Camera = None
    key: Annotated[
        int | None,
        doc(
            "脚踏开关的键码（Linux 输入子系统的编号），仅限配置中列出的键",
            "number of a foot switch's key in Linux' list; of keys that the configuration lists only",
        ),
    ] = None


FUNCTIONS = (
    Function(
        request=ExternalButtonRequest,
        answer=ExternalButtonAnswer,
        pushes=(ButtonPushed,),
        since="gaopai 0.1",
        summary=LocalizedText(
            "接收摄像头按钮和脚踏开关的按键：每按一次推送一条同名消息，reqId 与请求相同，直到停止或断开。",
            "Be told of each press of a camera's button or a foot switch: a message under this name with the "
            "reqId of the request, until it is stopped or the connection ends.",
        ),
        example=Example(
            {},
            ExternalButtonAnswer(buttons=(ButtonEntry(kind="camera", name="Document Camera", dev_num=0),)),
            ButtonPushed(event="OnExternalButton", kind="camera", name="Document Camera", dev_num=0),
        ),
    ),
)
"""Functions about the buttons of cameras and foot switches, for the catalogue."""
