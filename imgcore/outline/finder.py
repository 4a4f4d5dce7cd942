"""The page in a picture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.judge import certainty, rank
from imgcore.outline.refit import refit
from imgcore.outline.search import SIDE, Candidates, search
from imgcore.types import Image, Outline, Points

Floats = npt.NDArray[np.float64]

SURE = 0.5
"""Certainty from which a candidate counts as a document."""
MIN_SIDE = 16
REACH = 2.5
"""Pixels of the searched picture within which a side's edge is looked for."""


def find_outline(image: Image) -> Outline | None:
    """The page in a picture, or None where there is none or no certain one.

    Parameters
    ----------
    image
        BGR or grey, of any size from 16 px; smaller ones hold no page. Some 20 ms.

    Returns
    -------
    Outline or None
        Corners to a fraction of a pixel of `image`. A page that fills the picture on all
        sides has no outline in it, and gives None.
    """
    if min(image.shape[:2]) < MIN_SIDE:
        return None
    candidates = search(image)
    best = _best(candidates)
    if best is None:
        return None
    reach = REACH * max(1.0, max(image.shape[:2]) / SIDE)
    corners = refit(image, candidates.corners[best], candidates.cut[best], reach)
    return Outline(clockwise(corners), float(certainty(candidates.features[best])))


def _best(candidates: Candidates) -> int | None:
    if not len(candidates.corners):
        return None
    best = int(rank(candidates.features).argmax())
    return best if certainty(candidates.features[best]) >= SURE else None


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
