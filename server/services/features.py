"""What the options of a capture are called, for answers that say one is not there yet."""

from __future__ import annotations

from imgcore.pipeline import Option
from imgcore.settings import Crop
from server.errors import Text

_NAMES: dict[tuple[type[Option], Option], Text] = {
    # The type is part of the key: members of different IntEnums are equal where their numbers are.
    (type(option), option): text
    for option, text in ((Crop.CURVE, Text("曲面矫正", "curve correction")),)
}


def named(option: Option) -> Text:
    """An option that a version may lack, in both languages."""
    return _NAMES[type(option), option]
