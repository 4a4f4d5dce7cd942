"""Settings of the picture pipeline: frozen, validated when made."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from imgcore.desk_scale import DeskScale
from imgcore.types import ImageError, Quad


class Crop(IntEnum):
    """Modes of cropping; values are the protocol's ``cropType``."""

    NONE = 0
    SINGLE = 1
    MULTI = 2
    CURVE = 3
    MANUAL = 4


class ImageType(IntEnum):
    """Modes of enhancement; values are the protocol's ``imageType``, `AUTO` beyond the standard."""

    ORIGINAL = 0
    GREY = 1
    BLACK_WHITE = 2
    COLOUR = 3
    RED_STAMP = 4
    BLUE_STAMP = 5
    PHOTO = 6
    RECEIPT = 7
    AUTO = 8


class Fill(IntEnum):
    """Fill of the parts that crop and deskew leave empty; the protocol's ``fillBorderType``."""

    NONE = 0
    WHITE = 1
    SURROUND = 2


class Removal(IntEnum):
    """Foreign objects to remove; the protocol's ``removalForeign``."""

    NONE = 0
    FINGERS = 1
    HOLES = 2
    SHOW_THROUGH = 3


@dataclass(frozen=True, slots=True)
class Rect:
    """Rectangle in pixels of the input, right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int


class WhenUnsure(StrEnum):
    """Treatment of documents that were found and not trusted: the whole picture is given, or they are cut."""

    WHOLE = "whole"
    CROP = "crop"


@dataclass(frozen=True, slots=True)
class Settings:
    """Processing of one capture.

    Parameters
    ----------
    rotate
        Degrees **clockwise** (the protocol's direction): 0, 90, 180 or 270. Applied to
        the input before anything else, so that `rect` is in the turned picture's pixels.
    rect, quad
        One of both is required for `Crop.MANUAL`: a rectangle, clamped to the picture, or the corners of a
        document as for `imgcore.crop.crop`.
    deskew
        Straighten text lines where the skew is certain, whatever it is; after a crop by the
        page's edges small skews are straightened in any case.
    upright
        Turn by quarters until the text stands upright, where that is certain.
    when_unsure
        Treatment of documents that are not trusted.
    scale
        Scale of the desk in the input before `rotate`; None if it was not measured.

    Raises
    ------
    ImageError
        A rotation that is not a multiple of 90, or a manual crop of nothing.
    """

    crop: Crop = Crop.NONE
    rect: Rect | None = None
    quad: Quad | None = None
    image_type: ImageType = ImageType.ORIGINAL
    fill: Fill = Fill.NONE
    removal: Removal = Removal.NONE
    rotate: int = 0
    deskew: bool = False
    upright: bool = False
    when_unsure: WhenUnsure = WhenUnsure.WHOLE
    scale: DeskScale | None = None

    def __post_init__(self) -> None:
        if self.rotate not in (0, 90, 180, 270):
            raise ImageError(f"rotate is {self.rotate}, not one of 0, 90, 180, 270")
        if self.crop is Crop.MANUAL and self.rect is None and self.quad is None:
            raise ImageError("a manual crop needs a rectangle or corners")

    @property
    def turned_scale(self) -> DeskScale | None:
        """Scale of the desk in the picture after `rotate`."""
        return self.scale.rotated(self.rotate) if self.scale else None
