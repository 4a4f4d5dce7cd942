"""Fingers that hold a page: found where they come in from its border, replaced by paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.border import off_paper, slivers
from imgcore.mending import Survey, mend, survey_of
from imgcore.paper import Floats, Mask, highest, lowest, relative, scaled, without_strokes
from imgcore.types import Image, Points

_SIDE = 800
"""Fingers are found on a picture of this long side: a finger on A4 is about 40 pixels wide there."""
_STROKES = 13
"""Print is thinner than this many of those pixels, fingers are wider."""
_THICK = 17
"""What a disc of this diameter does not fit into is no finger."""
_TINT = 0.055
"""Difference between channels, relative to paper, that shade does not have and skin of every tone does."""
_DARK = 0.45
"""Shade leaves more of the paper's light than this."""
_BRIGHT = 1.13
"""Paper in its brightest light is not brighter than this share of its usual."""
_LINE = 9
_OUTSIDE = 14
"""A finger comes to within so many pixels of the border; slivers of desk may lie between."""
_FINE = 10
"""Levels by which print is darker than the gaps beside it."""
_SHARP = 0.06
"""Shade changes by less than this share of the paper's brightness within three pixels."""
_FAINT = 0.12
"""What differs less from paper than this is coloured light on it."""
_FRAMED = 0.5
"""Share of the border off paper at which the picture shows a desk, where fingers cannot be told."""
_TIP = 80
"""No tip, nail or gleam is longer than this many pixels."""
_RIM = 7
"""Where a finger ends is looked for within so many pixels of where it seemed to."""
_TINTED, _HALFWAY = 0.1, 0.3
"""Tint that a finger needs for that, and the share of it that its edge has."""
_ASIDE = 2.5
"""A finger's edge has less than so many times as much tint across the finger's own as along it: at 2.0 the
shaded edge of dark skin on brown paper has more."""
_FOOT = 25
"""From what comes in this many pixels at the border, the skin's colour is learned."""
_ENOUGH = 0.2
"""Share of what comes in that is skin, from which the rest there is print."""
_INKY, _COLOURED = 0.35, 0.25
"""Share of skin's light below which it is ink: its own shade leaves half; and tint that tells dark skin."""
_MOSTLY = 0.75
_LONGEST, _ARM = 0.6, 0.6
"""No hand takes more of a page's width or height; and the thickness, as a part of the piece's, of what is
no finger in such a piece."""


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
    """Replace the fingers that come in from the border by paper; at 8 megapixels 40 ms, with fingers 200.

    What they hide stays hidden: paper comes in its place, never print. Their shadow is lit
    up, with the print in it. Skin that touches no border, such as a portrait's, is no finger.

    Parameters
    ----------
    image
        A page, cropped and upright, BGR. A grey one comes back as it is: skin is told by colour.
    """
    if image.ndim == 2 or min(image.shape[:2]) < 64:
        return FingersResult(image, (), 0.0)
    small = scaled(image, _SIDE)
    survey = survey_of(small, _STROKES)
    ratio = relative(survey.blank, survey.paper)
    beside = slivers(small, survey.paper)
    if _off_border(survey, beside) > _FRAMED:
        return FingersResult(image, (), 0.0)
    coloured = _coloured(ratio)
    foreign = _closed(coloured)
    found = _find(foreign, beside, survey, ratio)
    if not found:
        return FingersResult(image, (), 0.0)
    # Red print has skin's tint, too: between its strokes there is paper.
    tint = _tint(np.asarray(cv2.blur(relative(without_strokes(small, 9), survey.paper), (3, 3))))
    high = highest(ratio)
    found = [(_refined(piece, tint, high) & ~beside | piece & beside, score) for piece, score in found]
    covered = np.logical_or.reduce([piece for piece, _ in found])
    solid = _opened(coloured & ~_dilated(covered, 3), 5) > 0
    shaded = _shade(ratio, covered) & (~foreign | _dilated(covered, 9)) & ~solid
    # Bare paper hard by a finger is in its deepest shade: new paper leaves no line there.
    grown = _dilated(covered, 3) | (_dilated(covered, 13) & _bare_around(survey) & ~beside & ~solid)
    mended = mend(image, survey, grown, shaded & ~grown, beside)
    scale = np.array([image.shape[1] / small.shape[1], image.shape[0] / small.shape[0]])
    fingers = tuple(Finger(_outline(piece, scale), score) for piece, score in found)
    return FingersResult(mended, fingers, min(finger.score for finger in fingers))


def _off_border(survey: Survey, beside: Mask) -> float:
    """Share of the picture's border, slivers aside, that is no paper."""
    off = off_paper(survey.blank, survey.paper)
    ring = np.ones(off.shape, bool)
    ring[_OUTSIDE:-_OUTSIDE, _OUTSIDE:-_OUTSIDE] = False
    ring &= ~beside
    return float(off[ring].mean()) if ring.any() else 1.0


def _coloured(ratio: Floats) -> Mask:
    """What is neither paper nor shade on it, pixel by pixel."""
    calm = np.asarray(cv2.blur(ratio, (3, 3)), np.float32)
    high, low = highest(calm), lowest(calm)
    return np.asarray((high - low > _TINT * high) | (low < _DARK) | (high > _BRIGHT))


def _closed(foreign: Mask) -> Mask:
    """What is no paper, whole."""
    # Where a nail or a gleam passes from lighter to darker than paper, there is a line like paper.
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_LINE, _LINE))
    padded = np.pad(foreign.astype(np.uint8), _LINE)
    return cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disc)[_LINE:-_LINE, _LINE:-_LINE] > 0


def _find(foreign: Mask, beside: Mask, survey: Survey, ratio: Floats) -> list[tuple[Mask, float]]:
    """Pieces that are fingers, whole, each with its score."""
    pieces, found = list(_pieces(foreign, beside)), []
    if not pieces:
        return []
    tint, high = _tint(ratio), highest(ratio)
    for piece in pieces:
        own = _short(_own(piece, tint, ratio, high))
        if own is None:
            continue
        score = _score(own, survey, ratio)
        if score > 0:
            skin = foreign & ~_inked(own, tint, high)
            found.append((_whole(own, skin, beside, _like_skin(ratio)), score))
    return found


def _pieces(foreign: Mask, beside: Mask) -> Iterator[Mask]:
    """Thick pieces that come in from the border, or from the desk beside the sheet."""
    thick = _opened(foreign & ~beside, _THICK)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=4)
    rows, cols = foreign.shape
    ashore = set(np.unique(labels[_dilated(beside, 2 * _OUTSIDE + 1)]).tolist()) if beside.any() else set()
    for number in range(1, count):
        left, top, width, height, _ = (int(value) for value in stats[number])
        near = min(left, top, cols - left - width, rows - top - height) <= _OUTSIDE
        if near or number in ashore:
            yield labels == number


def _opened(mask: Mask, width: int) -> Image:
    """0 and 1, without what is thinner than `width`; beyond the border there is nothing."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    opened = cv2.morphologyEx(np.pad(mask.astype(np.uint8), width), cv2.MORPH_OPEN, disc)
    return np.ascontiguousarray(opened[width:-width, width:-width])


def _dilated(mask: Mask, width: int) -> Mask:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((width, width), np.uint8)) > 0)


def _own(piece: Mask, tint: Floats, ratio: Floats, high: Floats) -> Mask:
    """The piece without pictures and bars that it touches: what has the colour of its foot."""
    foot = _foot(piece, ratio)
    piece = piece & ~_inked(foot, tint, high)
    middle = np.median(tint[foot], axis=0)
    reach = np.clip(4 * np.median(np.abs(tint[foot] - middle), axis=0), 0.2, 0.4)
    near = [np.abs(tint[:, :, k] - middle[k]) <= reach[k] for k in (0, 1)]
    alike = piece & _filled(piece & near[0] & near[1])
    _, labels = cv2.connectedComponents(_opened(alike, _THICK), connectivity=4)
    kept = np.isin(labels, np.unique(labels[foot & (labels > 0)])) & (labels > 0)
    kept |= _skins(piece & ~kept, ratio, float(kept.sum()))
    return piece if not kept.any() or kept.sum() > _MOSTLY * piece.sum() else kept


def _short(piece: Mask) -> Mask | None:
    """Without arms much thinner than the piece, if it reaches further than fingers do; None if it still does.

    A bar of skin's tint under a finger is such an arm.
    """
    if _span(piece) <= _LONGEST:
        return piece
    radius = cv2.distanceTransform(np.pad(piece.astype(np.uint8), 1), cv2.DIST_L2, 3).max()
    core = _opened(piece, max(_THICK, round(_ARM * 2 * float(radius)))) > 0
    return core if core.any() and _span(core) <= _LONGEST else None


def _span(piece: Mask) -> float:
    """The longer side of its bounding box, as a part of the picture's there."""
    _, _, width, height = cv2.boundingRect(piece.astype(np.uint8))
    rows, cols = piece.shape
    return float(max(width / cols, height / rows))


def _foot(piece: Mask, ratio: Floats) -> Mask:
    """Where the piece comes in: its skin there, if a bar comes in beside it."""
    depth = cv2.distanceTransform(np.pad(np.ones(piece.shape, np.uint8), 1), cv2.DIST_C, 3)[1:-1, 1:-1]
    foot: Mask = piece & (depth <= depth[piece].min() + _FOOT)
    skin = foot.copy()
    skin[foot] = _skinlike(ratio[foot])
    return skin if np.count_nonzero(skin) > _ENOUGH * np.count_nonzero(foot) else foot


def _inked(skin: Mask, tint: Floats, high: Floats) -> Mask:
    """Black print: far darker than the skin, or dark and without its colour."""
    own = np.median(tint[skin], axis=0)
    strength = float(own @ own)
    black = high < _INKY * float(np.median(high[skin]))
    if strength > _COLOURED**2:
        black |= (high < _DARK) & (_along(tint, own) < _HALFWAY * strength)
    return np.asarray(cv2.morphologyEx(black.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0)


def _tint(ratio: Floats) -> Floats:
    """Colour without brightness: how much redder than green and greener than blue, float32, 2 axes more."""
    blue, green, red = cv2.split(np.log(np.maximum(ratio, 1e-3)))
    return np.asarray(np.stack([red - green, green - blue], axis=2), np.float32)


def _along(tint: Floats, own: Floats) -> Floats:
    """How much of a tint there is in each pixel; a third of the time of NumPy's product."""
    return np.asarray(cv2.transform(tint, own.reshape(1, 2)), np.float32)


def _refined(piece: Mask, tint: Floats, high: Floats) -> Mask:
    """With its edge where its colour ends: neither shade nor black print has a finger's tint."""
    core = cv2.erode(
        np.pad(piece, _RIM, mode="edge").astype(np.uint8), np.ones((2 * _RIM + 1,) * 2, np.uint8)
    )
    inside = core[_RIM:-_RIM, _RIM:-_RIM] > 0
    if not inside.any():
        return piece
    own = np.median(tint[inside], axis=0)
    strength = float(own @ own)
    if strength < _TINTED**2:
        return piece
    band = _dilated(piece, 2 * _RIM + 1) & ~inside
    share = _along(tint, own) / strength
    # A picture that a finger lies on has other tints.
    aside = np.abs(_along(tint, np.asarray([-own[1], own[0]], np.float32))) / strength
    skin = (share > _HALFWAY) & (aside < _ASIDE * share)
    alike = inside | (band & skin & ~_inked(inside, tint, high))
    _, labels = cv2.connectedComponents(_opened(alike, 5) | inside.astype(np.uint8), connectivity=4)
    return _filled(np.isin(labels, np.unique(labels[inside])))


def _skins(rest: Mask, ratio: Floats, largest: float) -> Mask:
    """What of the rest is skin as well, redder or paler: it is neither square nor of other colours."""
    count, labels = cv2.connectedComponents(_opened(rest, 5), connectivity=4)
    skins = np.zeros(rest.shape, bool)
    for number in range(1, count):
        part = labels == number
        compact = part.sum() < largest and max(cv2.boundingRect(part.astype(np.uint8))[2:]) < _TIP
        if compact and _skin(ratio[part]) > 0.7 and _squareness(part) < 0.85:
            skins |= part
    return skins


def _squareness(piece: Mask) -> float:
    """Share that the largest part of a piece fills of the smallest rectangle around it."""
    contours = cv2.findContours(piece.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    largest = max(contours, key=cv2.contourArea)
    width, height = cv2.minAreaRect(largest)[1]
    return float(cv2.contourArea(largest) / max(1.0, width * height))


def _whole(piece: Mask, foreign: Mask, beside: Mask, like: Mask) -> Mask:
    """With the rim that opening took away, the holes in it, and its foot on the border.

    A bar along the border is not of the foot, as it is not `like` skin.
    """
    rim = _dilated(piece, 9) & foreign
    border = np.ones(piece.shape, bool)
    border[_THICK:-_THICK, _THICK:-_THICK] = False
    foot = _dilated(piece, 5 * _THICK) & foreign & border & like & ~beside
    _, labels = cv2.connectedComponents((piece | rim | foot).astype(np.uint8), connectivity=4)
    whole = _filled(np.isin(labels, np.unique(labels[piece])))
    return whole | (_dilated(whole, 2 * _THICK + 1) & beside)


def _filled(mask: Mask) -> Mask:
    """Without holes: nails and gleams are paler than the skin around them."""
    contours = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    return cv2.drawContours(np.zeros(mask.shape, np.uint8), contours, -1, 1, -1) > 0


def _score(piece: Mask, survey: Survey, ratio: Floats) -> float:
    """How much a piece is like fingers, 0 where it is not."""
    if np.abs(np.median(ratio[piece], axis=0) - 1).max() < _FAINT:
        return 0.0
    skin = max(_skin(ratio[piece]), _skin(survey.blank[piece].astype(np.float32)))
    return float(skin) if skin > 0.6 and _squareness(piece) < 0.93 else 0.0


def _like_skin(ratio: Floats) -> Mask:
    """Where a picture has a colour of skin, bool ``(rows, cols)``."""
    return _skinlike(ratio.reshape(-1, ratio.shape[2])).reshape(ratio.shape[:2])


def _skin(colours: Floats) -> float:
    """Share of colours that are skin's."""
    return float(_skinlike(colours).mean())


def _skinlike(colours: Floats) -> Mask:
    """Which colours skin has in white light, from very light to very dark."""
    blue, green, red = (np.log(np.maximum(colours[:, channel], 1e-3)) for channel in range(3))
    warm, yellow = red - green, green - blue
    like = (warm > 0.02) & (warm < 0.8) & (yellow > -0.18) & (yellow < 1.15) & (warm + yellow > 0.08)
    return np.asarray(like, bool)


def _shade(ratio: Floats, covered: Mask) -> Mask:
    """The shadow beside the fingers: darker paper of its own colour that ends softly."""
    near = _dilated(covered, 81)
    high, low = highest(ratio), lowest(ratio)
    dim = near & ~covered & (high < 0.97) & (high - low < 0.12 * high)
    sharp = np.abs(high - cv2.blur(high, (7, 7))) > _SHARP
    close = _dilated(covered, 25)
    soft = _opened(dim & (~sharp | close), 5)
    _, labels = cv2.connectedComponents(np.maximum(soft, _dilated(covered, 9).astype(np.uint8)))
    reached = (soft > 0) & np.isin(labels, np.unique(labels[covered]))
    return _without_print(reached & ~close, sharp) | (close & ~covered)


def _without_print(dim: Mask, sharp: Mask) -> Mask:
    """Bars and cells of grey print end sharply on most sides, shade does not."""
    count, labels = cv2.connectedComponents(dim.astype(np.uint8))
    shade = np.zeros(dim.shape, bool)
    edge = _dilated(sharp, 3)
    for number in range(1, count):
        part = labels == number
        rim = _dilated(part, 3) & ~part
        if edge[rim].mean() < 0.3:
            shade |= part
    return shade


def _bare_around(survey: Survey) -> Mask:
    """Where no fine stroke of print is near; deep shade counts as bare."""
    below = (
        highest(np.asarray(cv2.subtract(without_strokes(survey.small, 5), survey.small), np.uint8)) < _FINE
    )
    return np.asarray(cv2.erode(below.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _outline(piece: Mask, scale: npt.NDArray[np.float64]) -> Points:
    contours = cv2.findContours(piece.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    points = np.asarray(max(contours, key=len)).reshape(-1, 2)
    return np.asarray((points + 0.5) * scale - 0.5, np.float32)
