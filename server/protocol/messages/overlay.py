"""Picture in picture: members of the request of a capture."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.protocol.messages.base import Index, doc
from server.protocol.messages.output import OutputRequest


class OverlayRequest(OutputRequest, frozen=True, kw_only=True):
    """Request for pictures of a camera, maybe with that of a second one in a corner."""

    overlay_dev_num: Annotated[
        Index | None,
        doc(
            "标准之外：画中画：同时拍摄的第二个摄像头的 devNum，未打开时临时打开",
            "beyond the standard: picture in picture: devNum of a second camera that is shot at the same "
            "time, opened for it if nobody has it open",
        ),
    ] = None
    overlay_position: Annotated[
        Literal[0, 1, 2, 3] | None,
        doc(
            "标准之外：画中画的位置，逐行：0 左上，1 右上，2 左下，3 右下（默认）",
            "beyond the standard: its corner, row by row: 0 top left, 1 top right, 2 bottom left, 3 bottom "
            "right (the default)",
        ),
    ] = None
    overlay_size: Annotated[
        Annotated[float, msgspec.Meta(ge=5, le=50)] | None,
        doc(
            "标准之外：画中画的宽度，占图片宽度的百分比，5 到 50，默认 25；高度不超过图片的一半",
            "beyond the standard: its width in percent of the picture's, 5 to 50, 25 by default; never more "
            "than half as high as the picture",
        ),
    ] = None
