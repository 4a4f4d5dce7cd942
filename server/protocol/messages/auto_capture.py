"""Functions and messages about captures that make themselves."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server import errors
from server.errors import LocalizedText
from server.protocol.function import CAMERA_USE, MAKING, SAVING, Example, Function
from server.protocol.messages.base import Answer, Base64, Path, doc
from server.protocol.messages.cameras import DevNum
from server.protocol.messages.pictures import InsetRequest, PicturesAnswer

WITHOUT_FILE = LocalizedText("不能与 imagePath 同时使用", "it goes without imagePath")
Interval = Annotated[float, msgspec.Meta(ge=0.5, le=3600)]
Reason = Literal["moving", "hand", "same page", "blurred", "no page", "missed"]


class SetCameraAutoCaptureRequest(InsetRequest, frozen=True, kw_only=True):
    dev_num: DevNum = None
    mode: Annotated[
        Literal[0, 1, 2],
        doc(
            "0 停止，1 新的一页放稳且画面中没有手时拍一张，2 按间隔拍摄",
            "0 stops; 1 takes each new page once, when it lies still and no hand is in the picture; "
            "2 takes one at each interval",
        ),
    ]
    seconds: Annotated[
        Interval, doc("mode 为 2 时的间隔秒数", "interval in seconds, used with mode 2 only")
    ] = 5.0
    image_path: Annotated[
        Path,
        doc(
            "图片路径，同 CameraCapture；不含占位符的名称自动编号；缺省且 base64 不为 false 时不写文件",
            "file to write, as of CameraCapture; a name without placeholders is numbered. Without it, unless "
            "base64 is false, no file is written",
            "imgPath",
        ),
    ] = ""
    base64: Annotated[
        bool | None,
        doc(
            "true：推送 base64 而不写文件；false：使用默认文件名；缺省：没有 imagePath 时为 true",
            "true pushes base64 and writes no file, false writes files, by default names without imagePath; "
            "when missing, true without imagePath",
        ),
    ] = None

    def __post_init__(self) -> None:
        if self.base64 and self.image_path:
            raise errors.BadParameter(field="base64", reason=WITHOUT_FILE)

    @property
    def writes_files(self) -> bool:
        """True if pictures are written to files."""
        return bool(self.image_path) or self.base64 is False


class SetCameraAutoCaptureAnswer(Answer, frozen=True, kw_only=True):
    """No fields."""


AutoDevNum = Annotated[int, doc("设备编号", "index into devInfo")]


class AutoCapturePush(PicturesAnswer, frozen=True, kw_only=True):
    """A picture that was taken; one of several has imageIndex, the last one equal to imageCount."""

    dev_num: AutoDevNum
    capture_index: Annotated[int, doc("第几次拍摄，从 1 开始", "number of the capture, from 1")]
    image_count: Annotated[int | None, doc("本次拍摄的图片总数", "pictures of this capture")] = None
    image_index: Annotated[int | None, doc("第几张，从 1 开始", "which one this is, from 1")] = None
    image_base64_str: Annotated[Base64 | None, doc("图片的 base64", "the picture in base64")] = None
    img_base64_str: Annotated[Base64 | None, doc("与 imageBase64Str 相同", "the same as imageBase64Str")] = (
        None
    )
    mime: Annotated[str | None, doc("图片格式，例如 image/jpg", "format, for example image/jpg")] = None
    width: Annotated[int | None, doc("图片宽度（像素）", "width of the picture in pixels")] = None
    height: Annotated[int | None, doc("图片高度（像素）", "height of the picture in pixels")] = None
    image_path: Annotated[
        tuple[str, ...] | None, doc("已写入的文件，每张图片一个", "the files written, one for each picture")
    ] = None


class AutoCaptureReason(Answer, frozen=True, kw_only=True):
    """Notice of why nothing is taken, whenever that changes, or that a page was missed."""

    dev_num: AutoDevNum
    reason: Annotated[
        Reason,
        doc(
            "moving 画面在动，hand 画面中有手，same page 仍是已拍过的页，blurred 未对焦，no page 没有页，"
            "missed 有一页未拍到就被拿走了",
            "moving, hand (one is in the picture), same page (it was taken before), blurred, no page, or "
            "missed: a page was taken away before it was captured",
        ),
    ]


FUNCTIONS = (
    Function(
        request=SetCameraAutoCaptureRequest,
        answer=SetCameraAutoCaptureAnswer,
        pushes=(AutoCapturePush, AutoCaptureReason),
        pushed_as="OnAutoCapture",
        errors=CAMERA_USE + MAKING + SAVING,
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
            SetCameraAutoCaptureAnswer(),
            AutoCapturePush(
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
)
"""Functions about captures that make themselves, for the catalogue."""
