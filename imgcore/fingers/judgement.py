"""Judgement of regions: fingers beyond doubt, and those that may be one and stay."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from imgcore.fingers.evidence import measure
from imgcore.fingers.shape import dilated, filled, hull
from imgcore.fingers.skin import skin_in, skin_mask, skin_regions
from imgcore.paper.colour import Floats, Mask
from imgcore.paper.inpainting import PaperModel

Regions = list[tuple[Mask, float]]
"""Regions, each with its score."""

_LIKELY = (0.5, 0.35)
"""Probabilities above which a pixel is likely skin; the lower one finds tips."""
_SURE = 0.45
"""Least mean probability of skin in a region that the network is sure of."""
_PERHAPS = 0.1
"""Least probability of skin at the edge of a finger."""
ODDS = -0.8
"""Least log odds from which a region that the network draws is a finger."""
ODDS_BY_DESK = 1.6
"""Least log odds from which a region that the network draws is a finger in a picture that is mostly desk, or
a dark page."""
_HAND = 0.05
"""Share of the page from which a region of skin is a hand, which stays."""
_SMALLEST = 210
"""Least pixels of a region that the network draws, as rings of a spiral have fewer."""
_BORDER = 3
"""Greatest distance in pixels from the border of a region that the network draws."""
_RIM = 31
"""Width in pixels of the window in which a finger's edge may be refined."""


def judged(found: Regions, model: PaperModel, ratio: Floats) -> tuple[Regions, Regions]:
    """Regions that are fingers beyond doubt, and those that would be but for one measure."""
    doubts = [measure(region, model, ratio).doubts for region, _ in found]
    certain = [each for each, doubt in zip(found, doubts, strict=True) if not doubt]
    return certain, [each for each, doubt in zip(found, doubts, strict=True) if len(doubt) == 1]


def with_tinted(
    found: Regions, doubtful: Regions, foreign: Mask, model: PaperModel, ratio: Floats
) -> tuple[Regions, Regions]:
    """Add fingers that skin's tint tells from shade and desk; what was in doubt of them no longer is.

    A hand that is too large, of which nobody knows what it covers, is in doubt.
    """
    measured = [(region, measure(region, model, ratio)) for region in skin_regions(ratio)]
    sure = [evidence for _, evidence in measured if not evidence.tint_doubts]
    for region, evidence in measured:
        doubts = evidence.doubts_beside(sure)
        if doubts not in ((), ("area",)) or any((region & other).any() for other, _ in found):
            continue
        # Nails and highlights are no skin, yet lie within the hull.
        whole = (hull(region) & (foreign | region), skin_in(region, model, ratio))
        doubtful = [each for each in doubtful if not (each[0] & region).any()]
        found, doubtful = (found, [*doubtful, whole]) if doubts else ([*found, whole], doubtful)
    return found, doubtful


def with_learned(
    regions: tuple[Regions, Regions],
    skin: Floats,
    foreign: Mask,
    paper: tuple[PaperModel, Floats],
    least: float = ODDS,
) -> tuple[Regions, Regions]:
    """Add fingers that the network draws where rules were unsure, and what it draws beside any finger.

    Parameters
    ----------
    regions
        Fingers, and what may be one.
    skin
        float32 ``(rows, cols)``, probability of skin.
    paper
        Model of the paper, and the picture without print relative to it.
    least
        Log odds from which it is a finger.
    """
    found, doubtful = regions
    drawn: Regions = []
    hands = _hands(skin)
    for region in drawn_regions(skin):
        probability = float(skin[region].mean())
        odds = measure(region, *paper).log_odds(probability)
        if odds < least or any((region & other).any() for other, _ in drawn):
            continue
        doubtful = [each for each in doubtful if not (each[0] & region).any()]
        if (hands & region).any():
            doubtful.append((region, probability))
        else:
            drawn.append((region, probability))
    found = [*(_joined(each, found) for each in drawn), *(each for each in found if not _met(each, drawn))]
    # Both draw roughly: what is off paper at an edge, and may be skin, belongs to a finger; print does not.
    perhaps = foreign & (skin > _PERHAPS) & skin_mask(paper[1])
    return [(filled(region | dilated(region, _RIM) & perhaps), score) for region, score in found], doubtful


def _joined(drawn: tuple[Mask, float], found: Regions) -> tuple[Mask, float]:
    """Join a region to those that it meets: rules may have seen a part of it, or what it leaves out."""
    region, score = drawn
    return np.logical_or.reduce([region, *(other for other, _ in found if (other & region).any())]), score


def _met(region: tuple[Mask, float], drawn: Regions) -> bool:
    return any((region[0] & other).any() for other, _ in drawn)


def _hands(skin: Floats) -> Mask:
    """Mask of what is likely skin and as large as a hand."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        (skin > _LIKELY[1]).astype(np.uint8), connectivity=4
    )
    large = np.flatnonzero(stats[:, cv2.CC_STAT_AREA] > _HAND * skin.size)
    return np.isin(labels, large[large > 0])


def drawn_regions(skin: Floats) -> Iterator[Mask]:
    """Yield regions of skin that enter from the border, and that the network is sure of, without holes."""
    rows, cols = skin.shape
    for least in _LIKELY:
        likely = (skin > least).astype(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(likely, connectivity=4)
        for number, (left, top, width, height, area) in enumerate(stats.tolist()):
            near = min(left, top, cols - left - width, rows - top - height) <= _BORDER
            if number and near and area >= _SMALLEST:
                region = labels == number
                if skin[region].mean() >= _SURE:
                    yield filled(region)
