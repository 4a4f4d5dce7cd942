"""Print on the ground that surrounds documents: letters and lines of text on paper, none on a desk."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.types import Image

Mask = npt.NDArray[np.bool_]

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
