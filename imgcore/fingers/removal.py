"""Removal of fingers that hold a page: found where they enter from its border, replaced by paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.fingers.judgement import ODDS, ODDS_BY_DESK, Regions, judged, with_learned, with_tinted
from imgcore.fingers.net import FingerNet, skin_probability
from imgcore.fingers.penumbra import find_penumbra, find_shade
from imgcore.fingers.shape import (
    THICK,
    along_border,
    dilated,
    filled,
    is_finger_shaped,
    opened,
    span,
    squareness,
    without_arms,
    without_bars,
)
from imgcore.fingers.skin import (
    is_skin_colour,
    relative_tint,
    skin_in,
    skin_mask,
    skin_share,
)
from imgcore.paper.border import off_paper, slivers
from imgcore.paper.colour import Floats, Mask, max_channel, min_channel, relative, scaled, without_strokes
from imgcore.paper.components import components
from imgcore.paper.correction import evenly_lit, evenly_tinted
from imgcore.paper.inpainting import PaperModel, inpaint, model_paper
from imgcore.types import Image, Points

SIDE = 800
"""Long side of the picture on which fingers are found: a finger on A4 is about 40 pixels wide there."""
_STROKES = 13
"""Pixels that print is thinner than, and fingers are wider than."""
_TINT = 0.055
"""Difference between channels, relative to paper, that shade does not reach and skin of every tone does."""
_DARK = 0.45
"""Share of the paper's light that any shade leaves."""
_BRIGHT = 1.13
"""Largest brightness of paper relative to its usual."""
_LINE = 9
"""Diameter in pixels of a disc that closes lines like paper, which a nail or a highlight has at its edge."""
_OUTSIDE = 14
"""Largest distance in pixels of a finger from the border; slivers of desk may lie between."""
_FINE = 10
"""Least levels by which print is darker than the gaps beside it."""
_ROUNDED = 0.93
"""Largest share of its smallest rectangle that a finger fills."""
_CUT = 0.98
"""Largest share of its smallest rectangle that a finger fills whose side the border cuts."""
_ROUND = 0.15
"""Least difference of brightness across a finger, as a share of its usual brightness: print is flat."""
_SIDE_SHARE = 0.3
"""Largest span of a finger whose side the border cuts, as a share of the page."""
_FAINT = 0.12
"""Difference from paper up to which a region is coloured light on paper, unless it ends sharply."""
_STEP = 9
"""Pixels within which the edge of a finger as light as its paper lies."""
_SHARP = 0.045
"""Least change of tint at the edge of a finger as light as its paper."""
_FRAMED = 0.5
"""Share of the border off paper from which the picture shows a desk or a dark page, on which rules do not
detect fingers."""
_DESK = 0.55
"""Share of the border off paper from which the network has to be surer of a finger."""
_TIP = 80
"""Largest length of a tip, nail or highlight in pixels."""
_RIM = 7
"""Pixels within which the edge of a finger is refined."""
_TINTED = 0.1
"""Least tint of a finger whose edge is refined."""
_HALFWAY = 0.3
"""Least share of the finger's own tint at its edge."""
_ASIDE = 2.5
"""Largest ratio of tint across the finger's own to tint along it, at its edge: at 2.0 the shaded edge of dark
skin on brown paper has more."""
_FOOT = 25
"""Pixels from the border within which the skin's colour is measured."""
_ENOUGH = 0.2
"""Share of skin at the base of a region above which the rest of the base is print."""
_INKY = 0.35
"""Share of skin's light below which it is ink: its own shade leaves half."""
_COLOURED = 0.25
"""Least tint of dark skin, from which dark pixels without its colour are print."""
_MOSTLY = 0.75
"""Share of a region of the colour of its base from which all of it is a finger."""
_SKIN = 0.8
"""Share of skin's colours in a region from which all of it is a finger."""
_THIN = 3
"""Pixels along the border in which something off paper shows that a finger may enter."""
_FEW = 24
"""Pixels off paper along a side up to which nothing enters there, and the network is not asked."""
_MOST = 24
"""Regions that are looked at, the largest: two hands have ten fingers, and some print touches the border."""


@dataclass(frozen=True, slots=True, eq=False)
class FingerRegion:
    """Region of a finger, or of several that touch.

    Attributes
    ----------
    outline
        float32 ``(n, 2)``, in pixels of the picture.
    score
        Confidence of the finder, 0..1.
    """

    outline: Points
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class FingerRemoval:
    """Picture without fingers, and the regions removed.

    Attributes
    ----------
    image
        The input picture itself if none was removed.
    fingers
        In no particular order.
    confidence
        Confidence of the least certain finger; 0 without any.
    unsure
        Regions that may be fingers and were left as they are.
    """

    image: Image
    fingers: tuple[FingerRegion, ...]
    confidence: float
    unsure: tuple[FingerRegion, ...] = ()


def remove_fingers(image: Image, net: FingerNet | None = None) -> FingerRemoval:
    """Replace fingers that enter from the border by paper; at 8 megapixels 40 ms, with fingers 200.

    Content under them is lost: paper takes its place, never print. Their shadow is lit
    up, with the print in it. Nothing is removed that is not a finger by its `FingerEvidence`.

    Parameters
    ----------
    image
        A page, cropped and upright, BGR. A grey one is returned as it is: skin is detected by colour.
    net
        Draws skin; without it rules alone tell, and more fingers stay.
    """
    if image.ndim == 2 or min(image.shape[:2]) < 64:
        return FingerRemoval(image, (), 0.0)
    small = scaled(image, SIDE)
    lit, model = lit_paper(small)
    ratio = relative(model.blank, model.paper)
    beside = slivers(small, model.paper)
    off = _off_border(model, beside)
    if off > _FRAMED and net is None:
        return FingerRemoval(image, (), 0.0)
    coloured = _off_paper(ratio)
    foreign = _closed(coloured)
    scale = np.array([image.shape[1] / small.shape[1], image.shape[0] / small.shape[0]])
    found, doubtful = ([], []) if off > _FRAMED else _by_rules(small, foreign, beside, model, ratio)
    if net is not None and (found or doubtful or _enters(foreign)):
        skin = skin_probability(net, small)
        least = ODDS if off < _DESK else ODDS_BY_DESK
        found, doubtful = with_learned((found, doubtful), skin, foreign, (model, ratio), least)
    unsure = tuple(FingerRegion(_outline(region, scale), score) for region, score in doubtful)
    if not found:
        return FingerRemoval(image, (), 0.0, unsure)
    # Red print has skin's tint, too: between its strokes there is paper.
    tint = relative_tint(
        np.asarray(cv2.blur(relative(without_strokes(small, 9, beyond=True), model.paper), (3, 3)))
    )
    high = max_channel(ratio)
    found = [(_refined(region, tint, high) & ~beside | region & beside, score) for region, score in found]
    covered = np.logical_or.reduce([region for region, _ in found])
    solid = opened(coloured & ~dilated(covered, 3), 5) > 0
    shaded = find_shade(ratio, covered) & (~foreign | dilated(covered, 9)) & ~solid
    # Bare paper hard by a finger is in its deepest shade: new paper leaves no line there.
    grown = dilated(covered, 3) | (dilated(covered, 13) & _bare_around(model) & ~beside & ~solid)
    shaded |= find_penumbra(ratio, [region for region, _ in found], foreign | beside | solid)
    inpainted = inpaint(image, lit, grown, shaded & ~grown, beside)
    fingers = tuple(FingerRegion(_outline(region, scale), score) for region, score in found)
    return FingerRemoval(inpainted, fingers, min(finger.score for finger in fingers), unsure)


def _by_rules(
    small: Image, foreign: Mask, beside: Mask, model: PaperModel, ratio: Floats
) -> tuple[Regions, Regions]:
    """Fingers by shape, light and tint, and what may be one."""
    found, doubtful = judged(_find(foreign, beside, model, ratio), model, ratio)
    beyond = relative(without_strokes(small, _STROKES, beyond=True), model.paper)
    # The thinnest tips are seen only as if the picture went on, and print at the border only if it does not.
    for seen in (ratio, beyond):
        found, doubtful = with_tinted(found, doubtful, foreign, model, seen)
    return found, doubtful


def lit_paper(small: Image) -> tuple[PaperModel, PaperModel]:
    """Paper of a picture `SIDE` long in even light, and so that its tint is even, too."""
    lit = evenly_lit(model_paper(small, _STROKES), _TINT)
    return lit, evenly_tinted(lit, _TINT, _BRIGHT)


def _enters(foreign: Mask) -> bool:
    """Return whether anything off paper touches the border."""
    edges = (foreign[:_THIN], foreign[-_THIN:], foreign[:, :_THIN], foreign[:, -_THIN:])
    return any(int(np.count_nonzero(edge)) > _FEW for edge in edges)


def _off_border(model: PaperModel, beside: Mask) -> float:
    """Share of the picture's border, slivers aside, that is not paper."""
    off = off_paper(model.blank, model.paper)
    ring = np.ones(off.shape, bool)
    ring[_OUTSIDE:-_OUTSIDE, _OUTSIDE:-_OUTSIDE] = False
    ring &= ~beside
    return float(off[ring].mean()) if ring.any() else 1.0


def _off_paper(ratio: Floats) -> Mask:
    """Mask of pixels that are neither paper nor shade on it."""
    calm = np.asarray(cv2.blur(ratio, (3, 3)), np.float32)
    high = max_channel(calm)
    low = min_channel(calm)
    return np.asarray((high - low > _TINT * high) | (low < _DARK) | (high > _BRIGHT))


def _closed(foreign: Mask) -> Mask:
    """Close gaps in a mask of pixels off paper."""
    # Where a nail or a highlight passes from lighter to darker than paper, there is a line like paper.
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_LINE, _LINE))
    padded = np.pad(foreign.astype(np.uint8), _LINE)
    return cv2.morphologyEx(padded, cv2.MORPH_CLOSE, disc)[_LINE:-_LINE, _LINE:-_LINE] > 0


def _find(foreign: Mask, beside: Mask, model: PaperModel, ratio: Floats) -> Regions:
    """Find the whole regions of fingers, each with its score."""
    regions = list(_regions(foreign, beside))
    found = []
    if not regions:
        return []
    tint = relative_tint(ratio)
    high = max_channel(ratio)
    while regions:
        region = regions.pop()
        own, others = _finger(region, tint, model, ratio)
        score = 0.0 if own is None else _score(own, model, ratio)
        if own is not None and score > 0:
            skin = foreign & ~_black_print(own, tint, high) & ~others
            found.append((_with_rim(own, skin, beside, skin_mask(ratio)), score))
            # A bar of a table may join two hands.
            regions += _regions(region & ~dilated(found[-1][0], 5), beside)
    return found


def _finger(region: Mask, tint: Floats, model: PaperModel, ratio: Floats) -> tuple[Mask | None, Mask]:
    """Finger in a region, and the bars in it that are none."""
    own = without_arms(_skin_part(region, tint, model, ratio))
    bars = region & ~without_bars(region)
    if bars.any():
        freed = without_arms(_skin_part(region & ~bars, tint, model, ratio))
        larger = own is None or (freed is not None and freed.sum() > own.sum() and is_finger_shaped(freed))
        if freed is not None and larger and skin_in(freed, model, ratio) > _SKIN:
            return freed, bars
    return own, np.zeros_like(region)


def _regions(foreign: Mask, beside: Mask) -> Iterator[Mask]:
    """Yield thick regions that enter from the border, or from the desk beside the sheet."""
    inside = foreign & ~beside
    # A sliver counts into the thickness of the finger that covers a part of it.
    over = beside & dilated(inside, THICK) if beside.any() else beside
    thick = opened(inside | over, THICK) & ~beside | along_border(inside)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(thick, connectivity=4)
    rows, cols = foreign.shape
    numbers = []
    ashore = set(np.unique(labels[dilated(beside, 2 * _OUTSIDE + 1)]).tolist()) if beside.any() else set()
    for number in range(1, count):
        left, top, width, height, _ = (int(value) for value in stats[number])
        near = min(left, top, cols - left - width, rows - top - height) <= _OUTSIDE
        if near or number in ashore:
            numbers.append(number)
    largest = sorted(numbers, key=lambda number: -int(stats[number, cv2.CC_STAT_AREA]))[:_MOST]
    for number in sorted(largest):
        yield labels == number


def _skin_part(region: Mask, tint: Floats, model: PaperModel, ratio: Floats) -> Mask:
    """Part of a region with the colour of its base, without pictures and bars that it touches."""
    foot = _base(region, ratio)
    region = region & ~_black_print(foot, tint, max_channel(ratio))
    if skin_in(region, model, ratio) > _SKIN and is_finger_shaped(region):
        return region
    middle = np.median(tint[foot], axis=0)
    reach = np.clip(4 * np.median(np.abs(tint[foot] - middle), axis=0), 0.2, 0.4)
    near = [np.abs(tint[:, :, k] - middle[k]) <= reach[k] for k in (0, 1)]
    alike = region & filled(region & near[0] & near[1])
    _, labels = cv2.connectedComponents(opened(alike, THICK), connectivity=4)
    kept = np.isin(labels, np.unique(labels[foot & (labels > 0)])) & (labels > 0)
    kept |= _skins(region & ~kept, ratio, float(kept.sum()))
    return region if not kept.any() or kept.sum() > _MOSTLY * region.sum() else kept


def _base(region: Mask, ratio: Floats) -> Mask:
    """Base of a region at the border: only its skin, if a bar enters beside it."""
    depth = cv2.distanceTransform(np.pad(np.ones(region.shape, np.uint8), 1), cv2.DIST_C, 3)[1:-1, 1:-1]
    foot: Mask = region & (depth <= depth[region].min() + _FOOT)
    skin = foot.copy()
    skin[foot] = is_skin_colour(ratio[foot])
    return skin if np.count_nonzero(skin) > _ENOUGH * np.count_nonzero(foot) else foot


def _black_print(skin: Mask, tint: Floats, high: Floats) -> Mask:
    """Mask of black print: far darker than the skin, or dark and without its colour."""
    own = np.median(tint[skin], axis=0)
    strength = float(own @ own)
    black = high < _INKY * float(np.median(high[skin]))
    if strength > _COLOURED**2:
        black |= (high < _DARK) & (_along(tint, own) < _HALFWAY * strength)
    return np.asarray(cv2.morphologyEx(black.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0)


def _along(tint: Floats, own: Floats) -> Floats:
    """Project each pixel's tint onto `own`; a third of the time of NumPy's product."""
    return np.asarray(cv2.transform(tint, own.reshape(1, 2)), np.float32)


def _refined(region: Mask, tint: Floats, high: Floats) -> Mask:
    """Refine the edge of a region by its tint, which neither shade nor black print has."""
    core = cv2.erode(
        np.pad(region, _RIM, mode="edge").astype(np.uint8), np.ones((2 * _RIM + 1,) * 2, np.uint8)
    )
    inside = core[_RIM:-_RIM, _RIM:-_RIM] > 0
    if not inside.any():
        return region
    own = np.median(tint[inside], axis=0)
    strength = float(own @ own)
    if strength < _TINTED**2:
        return region
    band = dilated(region, 2 * _RIM + 1) & ~inside
    share = _along(tint, own) / strength
    # A picture that a finger lies on has other tints.
    aside = np.abs(_along(tint, np.asarray([-own[1], own[0]], np.float32))) / strength
    skin = (share > _HALFWAY) & (aside < _ASIDE * share)
    alike = inside | (band & skin & ~_black_print(inside, tint, high))
    _, labels = cv2.connectedComponents(opened(alike, 5) | inside.astype(np.uint8), connectivity=4)
    return filled(np.isin(labels, np.unique(labels[inside])))


def _skins(rest: Mask, ratio: Floats, largest: float) -> Mask:
    """Mask of the rest that is skin as well, redder or paler: neither square nor of other colours."""
    skins = np.zeros(rest.shape, bool)
    for box, part in components(opened(rest, 5), 4):
        compact = part.sum() < largest and max(cv2.boundingRect(part.astype(np.uint8))[2:]) < _TIP
        if compact and skin_share(ratio[box][part]) > 0.7 and squareness(part, box) < 0.85:
            skins[box] |= part
    return skins


def _with_rim(region: Mask, foreign: Mask, beside: Mask, like: Mask) -> Mask:
    """Add the rim that opening removed, holes, and the base at the border.

    A bar along the border does not belong to the base, as it is not `like` skin.
    """
    rim = dilated(region, 9) & foreign
    border = np.ones(region.shape, bool)
    border[THICK:-THICK, THICK:-THICK] = False
    foot = dilated(region, 5 * THICK) & foreign & border & like & ~beside
    _, labels = cv2.connectedComponents((region | rim | foot).astype(np.uint8), connectivity=4)
    whole = filled(np.isin(labels, np.unique(labels[region])))
    return whole | (dilated(whole, 2 * THICK + 1) & beside)


def _score(region: Mask, model: PaperModel, ratio: Floats) -> float:
    """Score of a region as fingers, 0 if it is none."""
    if np.abs(np.median(ratio[region], axis=0) - 1).max() < _FAINT and not _ends_sharply(region, ratio):
        return 0.0
    skin = skin_in(region, model, ratio)
    straight = _ROUNDED if span(region) > _SIDE_SHARE or _is_flat(region, ratio) else _CUT
    return skin if skin > 0.6 and squareness(region) < straight else 0.0


def _ends_sharply(region: Mask, ratio: Floats) -> bool:
    """Return whether the tint steps along a region's edge inside the picture; that of light falls off."""
    inside = np.s_[_STEP:-_STEP, _STEP:-_STEP]
    rim = (dilated(region, 3) & ~region)[inside]
    window = np.ones((_STEP, _STEP), np.uint8)
    step = np.asarray(cv2.morphologyEx(relative_tint(ratio), cv2.MORPH_GRADIENT, window), np.float32)
    return bool(rim.any()) and float(np.percentile(max_channel(step[inside])[rim], 25)) > _SHARP


def _is_flat(region: Mask, ratio: Floats) -> bool:
    """Return whether a region has one brightness, as print has; a finger is darker towards its sides."""
    low, middle, high = np.percentile(max_channel(ratio)[region], (10, 50, 90))
    return bool(high - low < _ROUND * middle)


def _bare_around(model: PaperModel) -> Mask:
    """Mask of pixels without a fine stroke of print near by; deep shade counts as bare."""
    below = (
        max_channel(np.asarray(cv2.subtract(without_strokes(model.small, 5), model.small), np.uint8)) < _FINE
    )
    return np.asarray(cv2.erode(below.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _outline(region: Mask, scale: npt.NDArray[np.float64]) -> Points:
    contours = cv2.findContours(region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    points = np.asarray(max(contours, key=len)).reshape(-1, 2)
    return np.asarray((points + 0.5) * scale - 0.5, np.float32)
