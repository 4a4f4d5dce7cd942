"""Marks on forms: what a pen or a picture adds to the print of a zone."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.forms.form import Form, FormZone, Tick
from imgcore.forms.registration import FoundForm
from imgcore.types import Image

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

_TICK_SIDE = 48
"""Pixels of a tick box's shorter side where it is looked at."""
_BOX_SIDE = 61
"""Pixels above the side of a tick box that is filled: wider darkness is a shadow."""
_AREA_SIDE = 360
"""Pixels of the longer side of a place for a signature or a portrait where it is looked at."""
_AROUND = 1.0
"""Ground that is seen around a tick box, in its sides."""
_REACH = 0.3
"""Distance up to which a box is looked for around its place, in its sides."""
_INK = 0.22
"""Darkness from which a pixel is ink: 0 is the paper, 1 is black."""
_PRINT_WIDTH = 0.09
"""Width by which print is taken to be thicker than on the sample, in sides of a tick box."""
_PAPER = 75
"""Percentile of a place's pixels that is its paper."""
_EMPTY = 0.02
"""Share of a box's inside up to which it is empty."""
_MARKED = 0.05
"""Share of a box's inside from which it is marked."""
_CROSSED = 0.3
"""Share of the emptiest of the middles along a box's edges up to which strokes cross it."""
_FILLED = 0.6
"""Share of the emptiest of the middles along a box's edges from which it is filled."""
_STROKE = 41
"""Pixels above the width of any stroke of a signature: wider darkness is a shadow."""
_STRUCK = 0.7
"""Share of the columns beside a box, on either side, that have ink where it is struck out."""
_NOT_STRUCK = 0.45
"""Share of the columns beside a box up to which it is not struck out."""
_STRIKE_NEAR = 0.12
"""Distance from a box from which a line that strikes it out is looked for, in its sides."""
_STRIKE_FAR = 0.55
"""Distance from a box up to which a line that strikes it out is looked for, in its sides."""
_UNWRITTEN = 0.06
"""Share of a place's columns with ink up to which nobody signed."""
_WRITTEN = 0.16
"""Share of a place's columns with ink from which somebody signed."""
_LEAST_STROKE = 0.002
"""Least share of a place's pixels that a signature has."""
_AROUND_PORTRAIT = 0.2
"""Ground that is seen around a portrait, in its shorter sides: where it is dark, too, a shadow lies there."""
_DARK = 0.15
"""Darkness from which a pixel of a portrait is covered."""
_BARE = 0.15
"""Share of a place that is covered up to which there is no portrait."""
_COVERED = 0.35
"""Share of a place that is covered from which there is a portrait."""


@dataclass(frozen=True, eq=False)
class MarkedTick:
    """State of a tick box, and its confidence: 0..1."""

    state: Tick
    score: float


@dataclass(frozen=True, eq=False)
class _Place:
    """Place of a form as a page has it and as the sample has it, both by their darkness, 0..1."""

    page: Floats = field(repr=False)
    print: Floats = field(repr=False)


def rectified(page: Image, found: FoundForm, zone: FormZone, scale: float, margin: float = 0.0) -> Image:
    """Return a zone of a page, upright, `scale` pixels for one of the sample, with a margin around it."""
    width, height = _size(zone, scale, margin)
    first = np.array(
        [[1 / scale, 0.0, zone.left - margin], [0.0, 1 / scale, zone.top - margin], [0.0, 0.0, 1.0]]
    )
    matrix = found.matrix @ first
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    part, shift = _part(page, matrix, width, height)
    turned = cv2.warpPerspective(
        part, shift @ matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(turned, np.uint8)


def _part(
    page: Image, matrix: npt.NDArray[np.float64], width: int, height: int
) -> tuple[Image, npt.NDArray[np.float64]]:
    """Return the part of a page that a place needs, softened where it is reduced, and the shift to it."""
    box = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    corners = cv2.perspectiveTransform(box, matrix)[0]
    rows, cols = page.shape[:2]
    left, top = np.clip(np.floor(corners.min(axis=0)) - 2, 0, (cols - 1, rows - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=0)) + 3, 1, (cols, rows)).astype(int)
    part = page[top : max(bottom, top + 1), left : max(right, left + 1)]
    factor = float(np.linalg.norm(corners[1] - corners[0])) / width
    if factor > 1.5:
        part = np.asarray(cv2.GaussianBlur(part, (0, 0), 0.35 * factor), np.uint8)
    shift = np.array([[1.0, 0.0, -float(left)], [0.0, 1.0, -float(top)], [0.0, 0.0, 1.0]])
    return np.asarray(part, np.uint8), shift


def _size(zone: FormZone, scale: float, margin: float) -> tuple[int, int]:
    width = round((zone.right - zone.left + 2 * margin) * scale)
    height = round((zone.bottom - zone.top + 2 * margin) * scale)
    return max(1, width), max(1, height)


def _place(page: Image, found: FoundForm, zone: FormZone, scale: float, margin: float = 0.0) -> _Place:
    seen = rectified(page, found, zone, scale, margin)
    return _Place(_darkness(seen), _printed(found.form, zone, scale, margin))


def _darkness(picture: Image) -> Floats:
    """Return how much darker pixels are than the paper around them, in the channel where they are most."""
    channels = picture if picture.ndim == 3 else picture[:, :, None]
    paper = np.maximum(np.percentile(channels, _PAPER, axis=(0, 1)), 1.0)
    lightness = (channels / paper).min(axis=2)
    return np.asarray(np.clip(1.0 - lightness, 0.0, 1.0), np.float32)


def _darkness_in_light(picture: Image) -> Floats:
    """Return how much darker pixels are than the paper at their place: the edge of a shadow is no ink."""
    channels = picture if picture.ndim == 3 else picture[:, :, None]
    soft = cv2.GaussianBlur(picture, (0, 0), 1.5)
    paper = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, np.ones((_BOX_SIDE, _BOX_SIDE), np.uint8))
    lightness = (channels / np.maximum(paper.reshape(channels.shape), 1)).min(axis=2)
    return np.asarray(np.clip(1.0 - lightness, 0.0, 1.0), np.float32)


def _printed(form: Form, zone: FormZone, scale: float, margin: float) -> Floats:
    """Return the darkness of the print at a zone, `scale` pixels for one of the sample."""
    width, height = _size(zone, scale, margin)
    own = form.print.scale
    matrix = np.array(
        [
            [own / scale, 0.0, (zone.left - margin) * own],
            [0.0, own / scale, (zone.top - margin) * own],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    print_ = cv2.warpAffine(form.print.grey, matrix, (width, height), flags=flags, borderValue=255)
    return np.asarray(1.0 - print_.astype(np.float32) / 255.0, np.float32)


def read_tick(page: Image, found: FoundForm, zone: FormZone) -> MarkedTick:
    """Return the state of a tick box, seen with the ground around it."""
    side = min(zone.right - zone.left, zone.bottom - zone.top)
    scale = _TICK_SIDE / side
    seen = rectified(page, found, zone, scale, _AROUND * side)
    lit = _Place(_darkness_in_light(seen), _printed(found.form, zone, scale, _AROUND * side))
    place = _aligned(lit, round(_REACH * _TICK_SIDE))
    added = _added(place, round(_PRINT_WIDTH * _TICK_SIDE))
    rows, cols = added.shape
    first = round(_AROUND * _TICK_SIDE)
    printed = _thick(place.print, round(_PRINT_WIDTH * _TICK_SIDE))
    box = (slice(first, rows - first), slice(first, cols - first))
    inside = ~printed[box]
    if inside.mean() < 0.2:
        return MarkedTick(Tick.UNSURE, 0.0)
    share = float(added[box][inside].mean())
    if share < _MARKED:
        empty = share <= _EMPTY
        return MarkedTick(Tick.EMPTY, 1.0 - share / _MARKED) if empty else MarkedTick(Tick.UNSURE, 0.0)
    return _marked(share, _struck(added, printed, first), _fullness(added[box], inside))


def _marked(share: float, struck: float, full: float) -> MarkedTick:
    """Return the state of a box that is not empty."""
    if struck >= _STRUCK:
        return MarkedTick(Tick.CORRECTED, struck)
    if struck > _NOT_STRUCK or _CROSSED < full < _FILLED:
        return MarkedTick(Tick.UNSURE, 0.0)
    if full >= _FILLED:
        return MarkedTick(Tick.FILLED, min(1.0, 0.5 + full / 2))
    return MarkedTick(Tick.CROSSED, min(1.0, 0.5 + share / (4 * _MARKED)))


def _fullness(added: Mask, inside: Mask) -> float:
    """Return the ink of a box's inside where it has least: crosses leave the middles of its edges empty."""
    rows = np.flatnonzero(inside.any(axis=1))
    cols = np.flatnonzero(inside.any(axis=0))
    inner = added[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    height, width = inner.shape
    across = slice(width // 3, width - width // 3)
    down = slice(height // 3, height - height // 3)
    low = max(1, height // 4)
    wide = max(1, width // 4)
    middles = (inner[:low, across], inner[-low:, across], inner[down, :wide], inner[down, -wide:])
    return min(float(part.mean()) for part in middles)


def _struck(added: Mask, printed: Mask, first: int) -> float:
    """Return the share of the columns or rows beside a box that have ink, of its emptier side."""
    return max(_beside(added, printed, first), _beside(added.T, printed.T, first))


def _beside(added: Mask, printed: Mask, first: int) -> float:
    rows, cols = added.shape
    near = round(_STRIKE_NEAR * _TICK_SIDE)
    far = round(_STRIKE_FAR * _TICK_SIDE)
    shares = []
    for part in (slice(first - far, first - near), slice(cols - first + near, cols - first + far)):
        free = np.asarray(~np.all(printed[first : rows - first, part], axis=0))
        inked = np.asarray(np.any(added[first : rows - first, part], axis=0))
        shares.append(float(inked[free].mean()) if free.any() else 0.0)
    return min(shares)


def _aligned(place: _Place, reach: int) -> _Place:
    """Return a place whose print lies where the page has it, if that is seen."""
    rows, cols = place.print.shape
    middle = place.print[reach : rows - reach, reach : cols - reach]
    if middle.size == 0 or middle.std() < 0.02:
        return place
    page = cv2.GaussianBlur(place.page, (0, 0), 1.5)
    scores = cv2.matchTemplate(page, cv2.GaussianBlur(middle, (0, 0), 1.5), cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(scores)
    if not np.isfinite(best) or best < 0.25:
        return place
    shift = np.array([[1.0, 0.0, x - reach], [0.0, 1.0, y - reach]])
    return _Place(place.page, np.asarray(cv2.warpAffine(place.print, shift, (cols, rows)), np.float32))


def _thick(print_: Floats, width: int) -> Mask:
    ink = (print_ > _INK).astype(np.uint8)
    return np.asarray(cv2.dilate(ink, np.ones((2 * width + 1, 2 * width + 1), np.uint8)) > 0)


def _added(place: _Place, width: int) -> Mask:
    """Return the ink that is not the form's print."""
    return (place.page > _INK) & ~_thick(place.print, width)


def _scale(zone: FormZone) -> float:
    return _AREA_SIDE / max(zone.right - zone.left, zone.bottom - zone.top)


def is_signed(page: Image, found: FoundForm, zone: FormZone) -> bool | None:
    """Return whether somebody signed in a zone; None where that is in doubt."""
    place = _place(page, found, zone, _scale(zone))
    closed = cv2.morphologyEx(1.0 - place.page, cv2.MORPH_CLOSE, np.ones((_STROKE, _STROKE), np.uint8))
    place = _Place(np.asarray(closed - (1.0 - place.page), np.float32), place.print)
    added = _added(place, 4).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(added, connectivity=8)
    specks = [number for number in range(1, count) if stats[number, cv2.CC_STAT_AREA] < 12]
    added[np.isin(labels, specks)] = 0
    rows, cols = added.shape
    edge = max(2, round(0.06 * min(rows, cols)))
    inner = added[edge : rows - edge, edge : cols - edge]
    if inner.size == 0:
        return None
    columns = float(inner.any(axis=0).mean())
    height = float(inner.any(axis=1).mean())
    if inner.mean() < _LEAST_STROKE or columns <= _UNWRITTEN:
        return False
    return True if columns >= _WRITTEN and height > 0.12 else None


def has_portrait(page: Image, found: FoundForm, zone: FormZone) -> bool | None:
    """Return whether a zone holds a picture; None where that is in doubt."""
    margin = _AROUND_PORTRAIT * min(zone.right - zone.left, zone.bottom - zone.top)
    seen = rectified(page, found, zone, _scale(zone), margin)
    channels = seen if seen.ndim == 3 else seen[:, :, None]
    paper = np.maximum(np.percentile(channels, 95, axis=(0, 1)), 1.0)
    dark = 1.0 - (channels / paper).min(axis=2)
    rows, cols = dark.shape
    inner = dark[rows // 4 : -(rows // 4), cols // 4 : -(cols // 4)]
    covered = float((inner > _DARK).mean()) if inner.size else 0.0
    if covered <= _BARE:
        return False
    edge = round(margin * _scale(zone))
    around = np.ones(dark.shape, np.bool_)
    around[edge : rows - edge, edge : cols - edge] = False
    shaded = float((dark[around] > _DARK).mean()) if around.any() else 0.0
    return True if covered >= _COVERED and shaded < _COVERED else None
