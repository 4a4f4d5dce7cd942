"""What the options of a capture are called, for answers that say one is not there yet."""

from __future__ import annotations

from imgcore.pipeline import Option
from imgcore.settings import Crop, Fill, ImageType, Removal
from server.errors import Text

_NAMES: dict[tuple[type[Option], Option], Text] = {
    # The type is part of the key: members of different IntEnums are equal where their numbers are.
    (type(option), option): text
    for option, text in (
        (Crop.CURVE, Text("曲面矫正", "curve correction")),
        (ImageType.COLOUR, Text("彩色文档", "colour document enhancement")),
        (ImageType.RED_STAMP, Text("红印文档", "red stamp enhancement")),
        (ImageType.BLUE_STAMP, Text("蓝印文档", "blue stamp enhancement")),
        (ImageType.PHOTO, Text("彩色照片", "photo enhancement")),
        (ImageType.RECEIPT, Text("票据增强", "receipt enhancement")),
        (Fill.WHITE, Text("填充白色", "white border fill")),
        (Fill.SURROUND, Text("填充周边色", "border fill from the surroundings")),
        (Removal.FINGERS, Text("去除手指", "finger removal")),
        (Removal.HOLES, Text("去除装订孔", "punch hole removal")),
    )
}


def named(option: Option) -> Text:
    """An option that a version may lack, in both languages."""
    return _NAMES[type(option), option]
