"""The page in a picture."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.outline.judge import certainty, certainty_of_region, claim, rank
from imgcore.outline.overlap import likeness, shares
from imgcore.outline.refit import refit
from imgcore.outline.search import SIDE, Candidates, search, search_regions, view
from imgcore.types import Image, Outline, Points

Floats = npt.NDArray[np.float64]

SURE = 0.5
"""Certainty from which a candidate counts as a document."""
BEYOND_DOUBT = 0.85
"""Certainty from which the first look decides: further ones take as long again."""
_SURE_REGION = 0.8
"""The same for a region that stands in for a page: on a page that fills the picture, a block of text
may look like one, and cutting that out would lose the rest."""
_COARSER = 370
"""Pixels of the second look: of white paper on a white desk, more edges stand out from the noise."""
_SAME = 0.6
"""Intersection over union from which two finds mean the same page."""
MIN_SIDE = 16
REACH = 2.5
"""Pixels of the searched picture within which a side's edge is looked for."""


def find_outline(image: Image) -> Outline | None:
    """The page in a picture, or None where there is none or no certain one.

    Parameters
    ----------
    image
        BGR or grey, of any size from 16 px; smaller ones hold no page. Some 25 ms,
        60 where lines leave a doubt.

    Returns
    -------
    Outline or None
        Corners to a fraction of a pixel of `image`. A page that fills the picture on all
        sides has no outline in it, and gives None.
    """
    if min(image.shape[:2]) < MIN_SIDE:
        return None
    seen = view(image)
    found = _surest_page(search(seen), image.shape)
    if found is None:
        found = _surest_page(search(view(image, _COARSER)), image.shape)
    if found is None or found.score < BEYOND_DOUBT:
        found = _stronger(found, _surest_region(search_regions(seen), image.shape))
    if found is None:
        return None
    reach = REACH * max(1.0, max(image.shape[:2]) / SIDE)
    corners = refit(image, found.corners, found.candidates.cut[found.number], reach)
    return Outline(clockwise(corners), found.score)


class _Find(NamedTuple):
    candidates: Candidates
    number: int
    score: float
    claim: float

    @property
    def corners(self) -> Floats:
        return np.asarray(self.candidates.corners[self.number], np.float64)


def _surest_page(candidates: Candidates, shape: tuple[int, ...]) -> _Find | None:
    if not len(candidates.corners):
        return None
    best = int(rank(candidates.features).argmax())
    return _find(candidates, best, certainty(candidates.features), SURE, shape)


def _surest_region(candidates: Candidates, shape: tuple[int, ...]) -> _Find | None:
    """For what lines miss: small pages, and those among many other lines."""
    if not len(candidates.corners):
        return None
    scores = certainty_of_region(candidates.features)
    best = int(claim(scores, shares(candidates.corners, shape)).argmax())
    return _find(candidates, best, scores, _SURE_REGION, shape)


def _stronger(page: _Find | None, region: _Find | None) -> _Find | None:
    """Where both mean the same page, lines tell it better: a dark bar of print is a region's border too."""
    if page is None or region is None:
        return page or region
    if likeness(page.corners, region.corners) > _SAME:
        return page
    return max(page, region, key=lambda find: find.claim)


def _find(
    candidates: Candidates, number: int, scores: Floats, sure: float, shape: tuple[int, ...]
) -> _Find | None:
    if scores[number] < sure:
        return None
    strength = claim(scores, shares(candidates.corners, shape))[number]
    return _Find(candidates, number, float(scores[number]), float(strength))


def clockwise(corners: Floats) -> Points:
    """Corners clockwise, from the top left of the document as the picture shows it.

    The top side is the one that is most nearly level with the rest below it.
    """
    edges = np.roll(corners, -1, axis=0) - corners
    turn = edges[0, 0] * edges[1, 1] - edges[0, 1] * edges[1, 0]
    ordered = corners if turn > 0 else corners[::-1]
    edges = np.roll(ordered, -1, axis=0) - ordered
    level = edges[:, 0] / np.maximum(np.linalg.norm(edges, axis=1), 1e-9)
    # Averaged with the opposite side's, so that a tapered page reads by its middle.
    top = int((level - np.roll(level, 2)).argmax())
    return np.ascontiguousarray(np.roll(ordered, -top, axis=0), np.float32)
