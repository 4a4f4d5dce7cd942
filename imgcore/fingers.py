"""Fingers that hold a page: found where they come in from its border, replaced by paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.border import off_paper, slivers
from imgcore.mending import Survey, mend
from imgcore.paper import Floats, Mask, paper_colour, reduced, relative, without_strokes
from imgcore.types import Image, Points

_SIDE = 800
"""Fingers are found on a picture of this long side: a finger on A4 is about 40 pixels wide there."""
_STROKES = 13
"""Print is thinner than this many of those pixels, fingers are wider."""
_THICK = 17
"""What a disc of this diameter does not fit into is no finger."""
_TINT = 0.07
"""Difference between channels, relative to paper, that shade does not have and skin of every tone does."""
_DARK = 0.45
"""Shade leaves more of the paper's light than this."""
_OUTSIDE = 14
"""A finger comes to within so many pixels of the border; slivers of desk may lie between."""
_FOOT = 25
"""From what comes in this many pixels at the border, the skin's colour is learned."""
_MOSTLY = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Finger:
    """A finger, or several that touch.

    Attributes
    ----------
    outline
        float32 ``(n, 2)``, in pixels of the picture.
    score
        0..1, how sure the finder is.
    """

    outline: Points
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class FingersResult:
    """A picture without fingers, and where they were.

    Attributes
    ----------
    image
        The very picture that was handed in where none was found.
    fingers
        In no particular order.
    confidence
        Of the least sure finger; 0 without any.
    """

    image: Image
    fingers: tuple[Finger, ...]
    confidence: float


def remove_fingers(image: Image) -> FingersResult:
    """Replace the fingers that come in from the border by paper; about 40 ms at 8 megapixels.

    What they hide stays hidden: paper comes in its place, never print. Their shadow is lit
    up, with the print in it. Skin that touches no border, such as a portrait's, is no finger.

    Parameters
    ----------
    image
        A page, cropped and upright, BGR. A grey one comes back as it is: skin is told by colour.
    """
    if image.ndim == 2 or min(image.shape[:2]) < 64:
        return FingersResult(image, (), 0.0)
    small = reduced(image, _SIDE)
    blank = without_strokes(small, _STROKES)
    survey = Survey(small, blank, paper_colour(blank))
    ratio = relative(blank, survey.paper)
    beside = slivers(off_paper(blank, survey.paper))
    found = _find(_foreign(ratio), beside, survey, ratio)
    if not found:
        return FingersResult(image, (), 0.0)
    covered = np.logical_or.reduce([piece for piece, _ in found])
    shaded = _shade(ratio, covered)
    grown = _dilated(covered, 3)
    mended = mend(image, survey, grown, shaded & ~grown, beside)
    scale = np.array([image.shape[1] / small.shape[1], image.shape[0] / small.shape[0]])
    fingers = tuple(Finger(_outline(piece, scale), score) for piece, score in found)
    return FingersResult(mended, fingers, min(finger.score for finger in fingers))


def _foreign(ratio: Floats) -> Mask:
    """What is neither paper nor shade on it."""
    high, low = ratio.max(axis=2), ratio.min(axis=2)
    return np.asarray((high - low > _TINT * high) | (low < _DARK) | (high > 1.2))


def _find(foreign: Mask, beside: Mask, survey: Survey, ratio: Floats) -> list[tuple[Mask, float]]:
    """Pieces that are fingers, whole, each with its score."""
    found = []
    for piece in _pieces(foreign & ~beside):
        own = _own(piece, ratio)
        score = _score(own, survey, ratio)
        if score > 0:
            found.append((_whole(own, foreign & (~beside | _dilated(own, 9))), score))
    return found


def _pieces(foreign: Mask) -> Iterator[Mask]:
    """Thick pieces that come in from the border."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(_opened(foreign, _THICK), connectivity=4)
    rows, cols = foreign.shape
    for number in range(1, count):
        left, top, width, height, _ = (int(value) for value in stats[number])
        if min(left, top, cols - left - width, rows - top - height) <= _OUTSIDE:
            yield labels == number


def _opened(mask: Mask, width: int) -> Image:
    """0 and 1, without what is thinner than `width`; beyond the border there is nothing."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    opened = cv2.morphologyEx(np.pad(mask.astype(np.uint8), width), cv2.MORPH_OPEN, disc)
    return np.ascontiguousarray(opened[width:-width, width:-width])


def _dilated(mask: Mask, width: int) -> Mask:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((width, width), np.uint8)) > 0)


def _own(piece: Mask, ratio: Floats) -> Mask:
    """The piece without pictures and bars that it touches: what has the colour of its foot."""
    depth = cv2.distanceTransform(np.pad(np.ones(piece.shape, np.uint8), 1), cv2.DIST_C, 3)[1:-1, 1:-1]
    foot = piece & (depth <= depth[piece].min() + _FOOT)
    logs = np.log(np.maximum(ratio, 1e-3))
    tint = np.stack([logs[:, :, 2] - logs[:, :, 1], logs[:, :, 1] - logs[:, :, 0]], axis=2)
    middle = np.median(tint[foot], axis=0)
    reach = np.clip(4 * np.median(np.abs(tint[foot] - middle), axis=0), 0.2, 0.4)
    alike = piece & _filled(piece & (np.abs(tint - middle) <= reach).all(axis=2))
    _, labels = cv2.connectedComponents(_opened(alike, _THICK), connectivity=4)
    kept = np.isin(labels, np.unique(labels[foot & (labels > 0)])) & (labels > 0)
    return piece if not kept.any() or kept.sum() > _MOSTLY * piece.sum() else kept


def _whole(piece: Mask, foreign: Mask) -> Mask:
    """With the rim that opening took away, the holes in it, and its foot on the border."""
    return _filled((_dilated(piece, 9) & foreign) | piece)


def _filled(mask: Mask) -> Mask:
    """Without holes: nails and gleams are paler than the skin around them."""
    contours = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    return cv2.drawContours(np.zeros(mask.shape, np.uint8), contours, -1, 1, -1) > 0


def _score(piece: Mask, survey: Survey, ratio: Floats) -> float:
    """How much a piece is like fingers, 0 where it is not."""
    skin = max(_skin(ratio[piece]), _skin(survey.blank[piece].astype(np.float32)))
    contour = max(
        cv2.findContours(piece.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0], key=len
    )
    box = cv2.minAreaRect(contour)[1]
    square = piece.sum() / max(1.0, (box[0] + 1) * (box[1] + 1))
    return float(skin) if skin > 0.6 and square < 0.93 else 0.0


def _skin(colours: Floats) -> float:
    """Share of colours that skin has in white light, from very light to very dark."""
    blue, green, red = (np.log(np.maximum(colours[:, channel], 1e-3)) for channel in range(3))
    warm, yellow = red - green, green - blue
    like = (warm > 0.02) & (warm < 0.8) & (yellow > -0.18) & (yellow < 0.7) & (warm + yellow > 0.08)
    return float(like.mean())


def _shade(ratio: Floats, covered: Mask) -> Mask:
    """The shadow beside the fingers: darker paper of its own colour."""
    near = cv2.dilate(covered.astype(np.uint8), np.ones((81, 81), np.uint8)) > 0
    high, low = ratio.max(axis=2), ratio.min(axis=2)
    dim = near & ~covered & (high < 0.97) & (high - low < 0.12 * high)
    soft = cv2.morphologyEx(dim.astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    joined = _dilated(covered, 9) | (soft > 0)
    _, labels = cv2.connectedComponents(joined.astype(np.uint8))
    reached = np.isin(labels, np.unique(labels[covered]))
    return (soft > 0) & reached


def _outline(piece: Mask, scale: npt.NDArray[np.float64]) -> Points:
    contours = cv2.findContours(piece.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    points = np.asarray(max(contours, key=len)).reshape(-1, 2)
    return np.asarray((points + 0.5) * scale - 0.5, np.float32)
