"""Ground around documents: print on it, which no desk has, and one exact colour, which no camera sees."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_STROKE = 9
"""Pixels that strokes are narrower than."""
_HEADING = 9
"""Pixels of ground that a heading with strokes wider than usual hides."""
_AWAY = 4
"""Pixels around documents that are left out: their shadows and blurred edges."""
_RIM = 0.012
"""Share of the picture at its border that is left out: shadows of a lid or of the sheet's edge."""
_STEEP = 40
"""Sum of Sobel's gradients from which the ground ends."""
_FAINTEST = 14.0
"""Least contrast of print in grey levels."""
_NOISE = 4.0
"""Least contrast of print, before 6 grey levels are added, in multiples of the median contrast."""
_WORD = 40
"""Pixels up to which a piece of ink is a word; a longer one is a line of text if its density varies."""
_PIECE = 3
"""Least number of pixels of a piece of ink."""
_SHADE = 70
"""Grey levels by which paper may be darker or lighter than beside the documents; another surface differs
more."""
_ALIKE = 8
"""Grey levels by which one surface in one light may differ from what lies beside the documents."""
_DARK = 70
"""Level of the ground below which print is light."""
_LIGHT = 150
"""Level of the ground above which print is dark."""


class Ground(NamedTuple):
    """Measures of what lies around documents.

    Attributes
    ----------
    ground
        Share of the surroundings that is one surface with what borders the documents.
    bordering
        Share of the documents' borders that it takes.
    alike
        Share of the documents' borders that is of its level, connected with it or not.
    words
        Number of words, or pieces of them, printed on it.
    contrast
        Median contrast of its print in grey levels.
    texture
        Mean contrast of all that is no print on it.
    level
        Level of the ground beside the documents.
    light
        True if the print is lighter than its ground.
    """

    ground: float
    bordering: float
    alike: float
    words: float
    contrast: float
    texture: float
    level: float
    light: bool


def measure_surroundings(small: Image, covered: Image) -> Ground | None:
    """Measure what lies around documents; None where there is next to nothing.

    Parameters
    ----------
    small
        BGR or grey, some 250 to 550 px on the long side.
    covered
        uint8 ``(rows, cols)``: not 0 in the documents.
    """
    around, bordering = _around(covered)
    if np.count_nonzero(around) < 50 or np.count_nonzero(bordering) < 10:
        return None
    plane = small if small.ndim == 2 else np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
    level = float(np.median(plane[bordering]))
    found = [_measured(plane, around, bordering)] if level >= _DARK else []
    if level <= _LIGHT:
        inverted = _measured(255 - plane, around, bordering)
        found.append(inverted._replace(level=255 - inverted.level, light=True))
    return max(found, key=lambda it: it.words)


def _around(covered: Image) -> tuple[Mask, Mask]:
    """Masks of the surroundings, and of the part of them that borders the documents."""
    rows, cols = covered.shape
    size = 2 * _AWAY + 1
    near = cv2.dilate(covered, np.ones((size, size), np.uint8))
    around = near == 0
    rim = max(3, round(_RIM * max(rows, cols)))
    around[:rim] = False
    around[-rim:] = False
    around[:, :rim] = False
    around[:, -rim:] = False
    wider = cv2.dilate(near, np.ones((size, size), np.uint8))
    return around, np.asarray(around & (wider > 0))


def _measured(plane: Image, around: Mask, bordering: Mask) -> Ground:
    """Measure dark print on a plane."""
    closed = cv2.morphologyEx(plane, cv2.MORPH_CLOSE, np.ones((_STROKE, _STROKE), np.uint8))
    paper = np.asarray(cv2.blur(closed, (3, 3)), np.uint8)
    contrast = np.asarray(cv2.subtract(paper, plane), np.uint8)
    ground, share = _ground((_slope(paper) < _STEEP) & around, bordering)
    least = max(_FAINTEST, _NOISE * float(np.median(contrast[around])) + 6)
    level = int(np.median(paper[bordering]))
    ink = (contrast > least) & around & ground & (cv2.absdiff(paper, np.full(1, level, np.uint8)) < _SHADE)
    bare = contrast[around & ground & ~ink]
    return Ground(
        np.count_nonzero(ground & around) / np.count_nonzero(around),
        share,
        float((cv2.absdiff(paper[bordering], np.full(1, level, np.uint8)) < _ALIKE).mean()),
        _words(ink, contrast) if np.count_nonzero(ink) >= _PIECE else 0.0,
        float(np.median(contrast[ink])) if ink.any() else 0.0,
        float(bare.mean()) if bare.size else 0.0,
        float(level),
        False,
    )


def _slope(plane: Image) -> npt.NDArray[np.int16]:
    across, down = (cv2.Sobel(plane, cv2.CV_16S, *order, ksize=3) for order in ((1, 0), (0, 1)))
    return np.asarray(cv2.add(cv2.absdiff(across, np.zeros(1)), cv2.absdiff(down, np.zeros(1))), np.int16)


def _ground(level: Mask, bordering: Mask) -> tuple[Mask, float]:
    """The surface without steps that borders most of the documents, and the share it borders."""
    count, labels = cv2.connectedComponents(level.astype(np.uint8), connectivity=4)
    beside = np.bincount(labels[bordering], minlength=count)
    beside[0] = 0
    surface = (labels == int(beside.argmax())).astype(np.uint8)
    closed = cv2.morphologyEx(surface, cv2.MORPH_CLOSE, np.ones((_HEADING, _HEADING), np.uint8))
    return np.asarray(closed > 0), float(beside.max() / np.count_nonzero(bordering))


def _words(ink: Mask, contrast: Image) -> float:
    """Count pieces of ink of a word's size; a longer one counts as the words that its gaps show."""
    labels, boxes = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)[1:3]
    long = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    pieces = boxes[:, cv2.CC_STAT_AREA] >= _PIECE
    pieces[0] = False
    words = float(np.count_nonzero(pieces & (long <= _WORD)))
    lines = np.flatnonzero(pieces & (long > _WORD))
    for number in lines[np.argsort(-boxes[lines, cv2.CC_STAT_AREA], kind="stable")[:12]]:
        left, top, width, height = boxes[number, :4]
        part = (slice(top, top + height), slice(left, left + width))
        words += _gaps(np.where(labels[part] == number, contrast[part], 0))
    return words


def _gaps(line: Image) -> float:
    """Count alternations between dense and thin along a line of text; a rule or a pen has none."""
    density = line.sum(axis=int(line.shape[0] < line.shape[1]) ^ 1, dtype=np.float64)
    high = np.where(density > 1.25 * density.mean(), 1, np.where(density < 0.75 * density.mean(), -1, 0))
    states = high[high != 0]
    return float(np.count_nonzero(np.diff(states)) / 2)


_STEP = 4
"""Distance in pixels, across and down, from one pixel that is looked at to the next."""
_BLOCK = 9
"""Distance in pixels at which a pixel is compared with another one, of another block of a JPEG."""
_MADE = 0.5
"""Share of a picture with exactly the colour of what is near from which a program made it. In 209 real
pictures of desks it is below .4; in a scanner's, with a card on white glass, it may be more."""
_PAPER = 225
"""Level from which a ground is a page's: a drawn desk is darker."""
_FIGURE = 0.5
"""Share of a part with exactly the colour of what is near from which a program drew it: on a scanner's glass,
paper has grain."""
_DARKEST = 2
"""Level up to which a camera's colours may be clipped, and exactly equal for that reason."""
_BRIGHTEST = 253
"""Level from which a camera's colours may be clipped, and exactly equal for that reason."""
_SAME = 2
"""Difference in levels up to which two colours are one."""
_SHADOW = 0.015
"""Share of the picture's long side that is left out around each part, for its shadow."""
_INK = 60
"""Levels by which print differs from its ground: dust on a black desk differs less."""
_ALONG = np.linspace(0.05, 0.95, 48)
"""Places along a side at which the ground beside it is looked at, as shares of its length."""
_BESIDE = np.arange(2.0, 6.0)[:, None]
"""Distances in pixels from a side, outwards, at which the ground is looked at."""
_SHARP = 0.95
"""Share of the places beside a side with exactly the ground's colour, from which the side is sharp."""
_SMALL_PIECE = 0.005
"""Share of the picture below which a piece of ink may be print."""
_PRINT = 0.01
"""Share of the picture that all pieces of print take, above which there is some."""


def are_drawn(image: Image, quads: Sequence[Floats]) -> list[bool]:
    """Return for each find whether it is part of a page that a program made.

    Parameters
    ----------
    image
        BGR or grey, not reduced. Some 1 ms at 8 megapixels of a camera.
    quads
        ``(4, 2)`` each, in pixels of `image`: all that was found.
    """
    exact, colours = _exact(image)
    if not quads or not exact.size or exact.mean() < _MADE:
        return [False] * len(quads)
    covers = [cv2.fillPoly(np.zeros(exact.shape, np.uint8), [_cells(quad)], 1) for quad in quads]
    around = _apart_from(np.max(covers, axis=0))
    ground = np.median(colours[around & exact], axis=0) if (around & exact).any() else colours[0, 0]
    if ground.min() < _PAPER:
        return [False] * len(quads)
    distance = np.abs(colours.astype(np.float32) - ground).max(axis=2)
    printed = _is_printed(around & ~exact & (distance > _INK))
    clipped = (colours <= _DARKEST).all(axis=2) | (colours >= _BRIGHTEST).all(axis=2)
    drawn = exact & (~clipped | (distance <= _SAME))
    return [
        printed or bool(drawn[cover > 0].mean() >= _FIGURE) or _is_sharp(image, quad, ground)
        for cover, quad in zip(covers, quads, strict=True)
    ]


def _exact(image: Image) -> tuple[Mask, Image]:
    """Mask of every few pixels that equal the next one and the one a block further, and their colours.

    If fewer than `_MADE` do, the comparison ends early, and the mask holds more pixels than do.
    """
    planes = image.reshape(*image.shape[:2], -1)
    rows, cols = (max(0, side - _BLOCK) for side in planes.shape[:2])
    own, near, far = (planes[at : at + rows : _STEP, at : at + cols : _STEP] for at in (0, 1, _BLOCK))
    exact = np.ones(own.shape[:2], bool)
    # Channel by channel: NumPy takes four times as long over a short axis.
    for other, channel in product((near, far), range(own.shape[2])):
        exact &= own[:, :, channel] == other[:, :, channel]
        if not exact.size or exact.mean() < _MADE:
            # No other channel makes them more.
            break
    return exact, own


def _cells(quad: Floats) -> npt.NDArray[np.int32]:
    return np.rint(quad / _STEP).astype(np.int32)


def _apart_from(covered: npt.NDArray[np.uint8]) -> Mask:
    size = 2 * max(1, round(_SHADOW * max(covered.shape))) + 1
    return np.asarray(cv2.dilate(covered, np.ones((size, size), np.uint8)) == 0)


def _is_sharp(image: Image, quad: Floats, ground: Floats) -> bool:
    """Return whether the ground is exact up to each side; on glass a lens and a shadow soften some."""
    planes = image.reshape(*image.shape[:2], -1)
    edges = np.roll(quad, -1, axis=0) - quad
    outward = np.column_stack([edges[:, 1], -edges[:, 0]])
    outward /= np.maximum(1e-9, np.linalg.norm(edges, axis=1))[:, None]
    outward *= np.where(((quad - quad.mean(axis=0)) * outward).sum(axis=1, keepdims=True) < 0, -1, 1)
    places = (
        quad[:, None, None] + _ALONG[:, None, None] * edges[:, None, None] + _BESIDE * outward[:, None, None]
    )
    x, y = np.moveaxis(np.rint(places).astype(np.int64), -1, 0)
    seen = (x >= 0) & (y >= 0) & (x < planes.shape[1]) & (y < planes.shape[0])
    alike = (planes[y.clip(0, planes.shape[0] - 1), x.clip(0, planes.shape[1] - 1)] == ground).all(axis=-1)
    shares = (alike & seen).sum(axis=(1, 2)) / np.maximum(1, seen.sum(axis=(1, 2)))
    return bool((shares >= _SHARP).all())


def _is_printed(ink: Mask) -> bool:
    """Return whether what is left consists of many small pieces."""
    pieces = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)[2][1:, cv2.CC_STAT_AREA]
    return bool(pieces[pieces < _SMALL_PIECE * ink.size].sum() > _PRINT * ink.size)
