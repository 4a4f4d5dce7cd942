"""Removal of dark ground beside a page: a desk, a lid or the black that a copier leaves along a side."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.enhance.background import enlarged, reduced
from imgcore.enhance.grey import grey
from imgcore.types import Image

Mask = npt.NDArray[np.bool_]

_DARK = 0.45
"""Share of the paper's brightness up to which ground is dark."""
_DIM = 0.62
"""Share of the paper's brightness up to which ground is dark where a side is dim for most of its length."""
_EVEN = 0.25
"""Largest range of brightness along a dim side, as a share of the paper's."""
_STEP = 0.15
"""Least step from ground to the page beside it, as a share of the paper's brightness."""
_ALONG = 0.75
"""Share of the rim of ground with a sharp step from which a page is taken to begin there."""
_STANDS_OUT = 0.35
"""Depth below ground, as a share of its brightness, of what is printed on it."""
_FAINTEST = 0.1
"""Least depth below ground of what is printed on it, as a share of the paper's brightness."""
_SOLID = 3
"""Radius, in pixels of the reduced picture, of a disc that fits into ground everywhere."""
_FILLED = 8
"""Radius, in pixels of the reduced picture, of a disc that closes letters and pictures on ground."""
_SPARSE = 8
"""Distance in pixels of the places that are looked at first."""
_SIDE = 0.25
"""Least share of a side that ground takes."""
_RIM = 2
"""Pixels of the reduced picture that a blurred rim of ground takes."""
_WINDOWS = ((25, 1.0), (101, 0.02), (801, 0.001))
"""Sides in pixels of the reduced picture, and weights, of the windows for the paper beside ground."""
_FAINT = 1e-6
"""Share of paper that is added everywhere, so that a place without any near is not divided by nothing."""
_LIGHT = 0.015
"""Largest share of ground that is light: a printed bar that holds white letters has more."""


def without_dark_surround(image: Image) -> Image:
    """Replace ground along the sides that is solid, dark and bare by paper.

    Some .3 ms a megapixel where no side is dark, 3 where one is.

    Parameters
    ----------
    image
        uint8, BGR or grey; not modified.

    Returns
    -------
    ndarray
        A new picture, or `image` itself where there is no such ground.
    """
    # Pixels here and there tell that there is none, as nearly always.
    some = grey(np.ascontiguousarray(image[::_SPARSE, ::_SPARSE]))
    if not _has_dark_side(some < _DIM * np.percentile(some, 75)):
        return image
    small = reduced(image)
    ground = _ground(grey(small))
    if ground is None:
        return image
    rim = np.asarray(cv2.dilate(ground, _disc(_RIM)), np.uint8)
    mask = cv2.threshold(enlarged(rim * np.uint8(255), image), 64, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(
        cv2.copyTo(enlarged(_paper_beside(small, rim == 0), image), mask, image.copy()), np.uint8
    )


def _paper_beside(small: Image, known: Mask) -> Image:
    """Brightness of what is known, carried over to where it is not."""
    share = known.astype(np.float32)
    seen = small * (share if small.ndim == 2 else share[:, :, None])
    total = np.zeros_like(seen)
    count = np.full_like(share, _FAINT)
    for window, weight in _WINDOWS:
        total += weight * np.asarray(cv2.blur(seen, (window, window)), np.float32)
        count += weight * np.asarray(cv2.blur(share, (window, window)), np.float32)
    beside = total / (count if small.ndim == 2 else count[:, :, None])
    return np.asarray(np.clip(beside, 0, 255), np.uint8)


def _ground(small: Image) -> Image | None:
    """Mark such ground in the reduced picture by 1; None where there is none."""
    paper = float(np.percentile(small, 75))
    for level in sorted({_level(small, paper), _DARK * paper}, reverse=True):
        dark = (small < level).astype(np.uint8)
        if not _has_dark_side(dark):
            return None
        ground = _touching(_beyond(dark, cv2.MORPH_OPEN, _SOLID))
        if not ground.any() or not _ends_sharply(small, ground, paper):
            continue
        if not _holds_light(ground, dark) and not _holds_print(small, ground, paper):
            return ground
    return None


def _ends_sharply(small: Image, ground: Image, paper: float) -> bool:
    """Return whether the page begins with a step all along, unlike light that falls off."""
    rim = cv2.dilate(ground, _disc(1)) > ground
    bare = _beyond(small, cv2.MORPH_CLOSE, _SOLID)
    steps = np.asarray(cv2.morphologyEx(bare, cv2.MORPH_GRADIENT, _disc(2 * _RIM)))[rim] > _STEP * paper
    return bool(np.count_nonzero(steps) > _ALONG * steps.size)


def _holds_light(ground: Image, dark: Image) -> bool:
    """Return whether something light stands on ground, apart from the page: letters on a bar."""
    filled = _beyond(ground, cv2.MORPH_CLOSE, _FILLED)
    found = cv2.connectedComponentsWithStats(1 - dark, connectivity=4)
    pieces = np.asarray(found[1])
    areas = np.asarray(found[2])[1:, cv2.CC_STAT_AREA]
    page = 1 + int(np.argmax(areas)) if areas.size else 0
    light = np.count_nonzero((filled > 0) & (dark == 0) & (pieces != page))
    return bool(light > _LIGHT * np.count_nonzero(filled))


def _level(small: Image, paper: float) -> float:
    """Brightness up to which ground is dark: higher where a side is evenly dim."""
    for line in _sides(small):
        low, middle, high = (
            float(level) for level in np.percentile(np.asarray(line, np.uint8), (10, 50, 90))
        )
        if middle < _DIM * paper and high - low < _EVEN * paper:
            return min(_DIM, 0.5 * (1 + middle / paper)) * paper
    return _DARK * paper


def _holds_print(small: Image, ground: Image, paper: float) -> bool:
    """Return whether something darker stands on ground: print in a shadow or on a tinted field."""
    inner = np.asarray(cv2.erode(ground, _disc(_RIM)), np.uint8)
    level = small[inner > 0]
    if not level.size:
        return False
    # Nothing of the page beside it, which is lighter, may reach into it.
    hat = np.asarray(cv2.morphologyEx(small * inner, cv2.MORPH_BLACKHAT, _disc(_SOLID)))[inner > 0]
    least = max(_STANDS_OUT * float(np.median(level)), _FAINTEST * paper)
    return bool(np.count_nonzero(hat > least) > _LIGHT * hat.size)


def _has_dark_side(dark: npt.NDArray[np.generic]) -> bool:
    return any(np.count_nonzero(line) > _SIDE * len(line) for line in _sides(dark))


def _touching(solid: Image) -> Image:
    """Keep the pieces that take enough of a side."""
    count, pieces = cv2.connectedComponents(solid, connectivity=8)
    kept = np.zeros(count, np.uint8)
    for line in _sides(np.asarray(pieces)):
        kept |= (np.bincount(line, minlength=count) > _SIDE * len(line)).astype(np.uint8)
    kept[0] = 0
    return np.asarray(kept[np.asarray(pieces)], np.uint8)


def _sides(plane: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.generic], ...]:
    return plane[0], plane[-1], plane[:, 0], plane[:, -1]


def _beyond(mask: Image, operation: int, radius: int) -> Image:
    """Open or close a mask as if it went on beyond the picture."""
    padded = cv2.copyMakeBorder(mask, *(2 * radius,) * 4, cv2.BORDER_REPLICATE)
    inner = slice(2 * radius, -2 * radius)
    return np.ascontiguousarray(cv2.morphologyEx(padded, operation, _disc(radius))[inner, inner], np.uint8)


def _disc(radius: int) -> Image:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2), np.uint8)
