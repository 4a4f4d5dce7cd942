"""The whole way of a picture, as one pure function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from imgcore.crop import crop, crop_rect
from imgcore.deskew import deskew, find_skew
from imgcore.enhance import black_white, grey
from imgcore.outline import find_outline, find_outlines
from imgcore.rotate import rotate
from imgcore.settings import Crop, Fill, ImageType, Removal, Settings
from imgcore.types import Image, ImageError, Outline, Report, Result, Stage

ORDER = ("rotate", "crop", "deskew", "image_type")
"""The stages in the order they run; each leaves one `Stage` in the report."""

Pictures = tuple[Image, ...]
Option = Crop | ImageType | Fill | Removal
Clock = Callable[[], float]

_IMAGE_TYPES: dict[ImageType, Callable[[Image], Image]] = {
    ImageType.GREY: grey,
    ImageType.BLACK_WHITE: black_white,
}


def missing(settings: Settings) -> Option | None:
    """The first option that this version does not offer yet, such as ``Crop.CURVE``, or None."""
    if settings.crop is Crop.CURVE:
        return settings.crop
    if settings.image_type is not ImageType.ORIGINAL and settings.image_type not in _IMAGE_TYPES:
        return settings.image_type
    if settings.fill is not Fill.NONE:
        return settings.fill
    return settings.removal if settings.removal is not Removal.NONE else None


def process(image: Image, settings: Settings, clock: Clock | None = None) -> Result:
    """Make one capture into what was asked for.

    A stage that is not sure leaves the picture alone and says so in its note: where no
    page is found, the whole picture comes back.

    Parameters
    ----------
    image
        BGR or grey; not modified.
    clock
        Gives seconds; for the report's times only.

    Returns
    -------
    Result
        At least one picture. With nothing to do, the picture is `image` itself.

    Raises
    ------
    ImageError
        An option named by `missing`, a manual rectangle outside of the picture, or
        something that is no picture.
    """
    absent = missing(settings)
    if absent is not None:
        raise ImageError(f"this version does not offer {type(absent).__name__}.{absent.name}")
    _check(image)
    pictures: Pictures = (image,)
    stages = []
    for name in ORDER:
        begun = clock() if clock else 0.0
        outcome = _STAGES[name](pictures, settings)
        elapsed = (clock() - begun) * 1000 if clock else 0.0
        pictures = outcome.pictures
        stages.append(Stage(name, outcome.applied, elapsed, outcome.note, outcome.values))
    return Result(pictures, Report(tuple(stages)))


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    pictures: Pictures
    applied: bool
    note: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def _check(image: Image) -> None:
    shaped = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)
    if not shaped or image.dtype != "uint8" or image.size == 0:
        raise ImageError(f"a picture is uint8, BGR or grey, not {image.dtype} of shape {image.shape}")


def _rotate(pictures: Pictures, settings: Settings) -> _Outcome:
    if settings.rotate == 0:
        return _Outcome(pictures, False, "not asked for")
    turned = tuple(rotate(picture, settings.rotate) for picture in pictures)
    return _Outcome(turned, True, values={"clockwise": settings.rotate})


def _crop(pictures: Pictures, settings: Settings) -> _Outcome:
    (picture,) = pictures
    if settings.crop is Crop.NONE:
        return _Outcome(pictures, False, "not asked for")
    if settings.crop is Crop.MANUAL:
        assert settings.rect is not None
        return _Outcome((crop_rect(picture, settings.rect),), True)
    if settings.crop is Crop.MULTI:
        outlines = find_outlines(picture)
    else:
        single = find_outline(picture)
        outlines = (single,) if single else ()
    if not outlines:
        return _Outcome(pictures, False, "no page was found")
    cut = tuple(crop(picture, outline.corners) for outline in outlines)
    return _Outcome(cut, True, values={"documents": [_document(outline) for outline in outlines]})


def _document(outline: Outline) -> dict[str, Any]:
    corners = [[float(x), float(y)] for x, y in outline.corners]
    return {"corners": corners, "score": float(outline.score)}


def _deskew(pictures: Pictures, settings: Settings) -> _Outcome:
    if not settings.deskew:
        return _Outcome(pictures, False, "not asked for")
    skews = [find_skew(picture) for picture in pictures]
    degrees = [skew.degrees if skew else None for skew in skews]
    straight = tuple(
        deskew(picture, angle) if angle else picture for picture, angle in zip(pictures, degrees, strict=True)
    )
    sure = any(angle is not None for angle in degrees)
    return _Outcome(straight, sure, "" if sure else "no certain skew", {"degrees": degrees})


def _image_type(pictures: Pictures, settings: Settings) -> _Outcome:
    if settings.image_type is ImageType.ORIGINAL:
        return _Outcome(pictures, False, "not asked for")
    change = _IMAGE_TYPES[settings.image_type]
    return _Outcome(tuple(change(picture) for picture in pictures), True)


_STAGES: dict[str, Callable[[Pictures, Settings], _Outcome]] = {
    "rotate": _rotate,
    "crop": _crop,
    "deskew": _deskew,
    "image_type": _image_type,
}
