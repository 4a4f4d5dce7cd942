"""Stages of the pipeline: each takes all documents of a picture one step further."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from imgcore.border import fill_border, find_slivers
from imgcore.curve.flatten import flatten
from imgcore.deskew import find_skew
from imgcore.enhance import black_white, colour, grey, photo, receipt
from imgcore.enhance.stamp import blue_stamp, red_stamp
from imgcore.fingers import remove_fingers
from imgcore.holes import remove_holes
from imgcore.models import Models
from imgcore.outline import find_outline, find_outlines
from imgcore.rotate import rotate
from imgcore.settings import Crop, Fill, ImageType, Removal, Settings
from imgcore.sheet import Sheet
from imgcore.types import Image, Outline
from imgcore.upright import find_upright

_LEAST_SKEW = 0.1
"""Degrees of skew below which a rotation blurs more than it corrects."""
_MOST_SKEW = 3.0
"""Degrees beyond which the lines of a page that was cut out by its edges slant on purpose."""

_IMAGE_TYPES: dict[ImageType, Callable[[Image], Image]] = {
    ImageType.GREY: grey,
    ImageType.BLACK_WHITE: black_white,
    ImageType.COLOUR: colour,
    ImageType.RED_STAMP: red_stamp,
    ImageType.BLUE_STAMP: blue_stamp,
    ImageType.PHOTO: photo,
    ImageType.RECEIPT: receipt,
}


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Documents after a stage, and the stage's report."""

    sheets: Sequence[Sheet]
    applied: bool
    note: str = ""
    values: dict[str, Any] = field(default_factory=dict)


Sheets = Sequence[Sheet]


def turn(sheets: Sheets, settings: Settings, models: Models) -> Outcome:
    """Rotate the picture by quarter turns, as asked."""
    if settings.rotate == 0:
        return Outcome(sheets, False, "not asked for")
    turned = [Sheet.whole(rotate(sheet.image, settings.rotate)) for sheet in sheets]
    return Outcome(turned, True, values={"clockwise": settings.rotate})


def cut(sheets: Sheets, settings: Settings, models: Models) -> Outcome:
    """Cut out the documents."""
    (sheet,) = sheets
    if settings.crop is Crop.NONE:
        return Outcome(sheets, False, "not asked for")
    if settings.crop is Crop.MANUAL:
        assert settings.rect is not None
        return Outcome([Sheet.inside(sheet.image, settings.rect)], True)
    if settings.crop is Crop.CURVE:
        return _flattened(sheet, models)
    if settings.crop is Crop.MULTI:
        outlines = find_outlines(sheet.image, models.documents)
    else:
        single = find_outline(sheet.image)
        outlines = (single,) if single else ()
    if not outlines:
        return Outcome(sheets, False, "no page was found")
    documents = [Sheet.cut(sheet.image, outline.corners) for outline in outlines]
    return Outcome(documents, True, values={"documents": [_document(outline) for outline in outlines]})


def _flattened(sheet: Sheet, models: Models) -> Outcome:
    flat = flatten(sheet.image, models.page_grid)
    if not flat.sheets:
        return Outcome([sheet], False, "no page was found")
    values = {
        "gutter": None if flat.gutter is None else flat.gutter.tolist(),
        "pages": [{"method": page.method, "bend": float(page.bend)} for page in flat.sheets],
        "score": float(flat.score),
    }
    return Outcome([Sheet(page, sheet.image, None) for page in flat.pages], True, values=values)


def _document(outline: Outline) -> dict[str, Any]:
    corners = [[float(x), float(y)] for x, y in outline.corners]
    return {"corners": corners, "score": float(outline.score)}


def straighten(sheets: Sheets, settings: Settings, models: Models) -> Outcome:
    """Rotate each document until its lines are level, if asked for and after a crop by its edges."""
    by_edges = settings.crop in (Crop.SINGLE, Crop.MULTI)
    if not (settings.deskew or by_edges):
        return Outcome(sheets, False, "not asked for")
    skews = [find_skew(sheet.image) for sheet in sheets]
    degrees = [skew.degrees if skew else None for skew in skews]
    most = 90.0 if settings.deskew else _MOST_SKEW
    straight = [
        sheet if angle is None or not _LEAST_SKEW <= abs(angle) <= most else sheet.turned(angle)
        for sheet, angle in zip(sheets, degrees, strict=True)
    ]
    applied = any(after is not before for after, before in zip(straight, sheets, strict=True))
    note = "" if applied else "no certain skew" if None in degrees else "straight already"
    return Outcome(straight, applied, note, {"degrees": degrees})


def remove(sheets: Sheets, settings: Settings, models: Models) -> Outcome:
    """Remove fingers or binder holes."""
    if settings.removal is Removal.NONE:
        return Outcome(sheets, False, "not asked for")
    cleaned = [_cleaned(sheet.image, settings.removal) for sheet in sheets]
    clean = [sheet.repaired(image) for sheet, (image, _, _) in zip(sheets, cleaned, strict=True)]
    counts, confidences = [count for _, count, _ in cleaned], [sure for _, _, sure in cleaned]
    note = "" if any(counts) else f"no {settings.removal.name.lower()} found"
    return Outcome(clean, any(counts), note, {"counts": counts, "confidences": confidences})


def _cleaned(image: Image, removal: Removal) -> tuple[Image, int, float]:
    """Clean a picture; returns it with the number of things removed and the least confidence."""
    if removal is Removal.FINGERS:
        fingers = remove_fingers(image)
        return fingers.image, len(fingers.fingers), fingers.confidence
    holes = remove_holes(image)
    return holes.image, len(holes.holes), holes.confidence


def fill(sheets: Sheets, settings: Settings, models: Models) -> Outcome:
    """Fill parts of a document that the picture does not show, and slivers of desk that a crop left."""
    if settings.fill is Fill.NONE:
        return Outcome(sheets, False, "not asked for")
    cropped = settings.crop in (Crop.SINGLE, Crop.MULTI)
    gaps = [_gaps(sheet, cropped) for sheet in sheets]
    filled = [
        sheet if gap is None else sheet.repaired(fill_border(sheet.image, gap, settings.fill))
        for sheet, gap in zip(sheets, gaps, strict=True)
    ]
    shares = [0.0 if gap is None else float(gap.mean()) for gap in gaps]
    return Outcome(filled, any(shares), "" if any(shares) else "nothing was empty", {"shares": shares})


def _gaps(sheet: Sheet, cropped: bool) -> npt.NDArray[np.bool_] | None:
    """Mask of pixels that show nothing of the document: beyond the picture, or desk that a crop left."""
    empty = sheet.empty()
    if not cropped:
        return empty
    desk = find_slivers(sheet.image)
    return desk if empty is None else empty | desk


def set_upright(sheets: Sheets, settings: Settings, models: Models) -> Outcome:
    """Rotate each document by quarter turns until its text is upright."""
    if not settings.upright:
        return Outcome(sheets, False, "not asked for")
    if models.orientation is None:
        return Outcome(sheets, False, "no model to tell by")
    found = [find_upright(sheet.image, models.orientation) for sheet in sheets]
    turns = [each.clockwise if each else None for each in found]
    upright = [
        sheet.quartered(quarter) if quarter else sheet for sheet, quarter in zip(sheets, turns, strict=True)
    ]
    note = "" if any(turns) else "not certain" if None in turns else "upright already"
    return Outcome(upright, any(turns), note, {"clockwise": turns})


def enhance(sheets: Sheets, settings: Settings, models: Models) -> Outcome:
    """Enhance each document as asked."""
    if settings.image_type is ImageType.ORIGINAL:
        return Outcome(sheets, False, "not asked for")
    change = _IMAGE_TYPES[settings.image_type]
    return Outcome([sheet.repaired(change(sheet.image)) for sheet in sheets], True)
