"""From a picture to ranked candidates."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.evidence import Evidence, gather
from imgcore.outline.features import measure, promise
from imgcore.outline.lines import Lines, find_lines
from imgcore.outline.quads import Quads, enumerate_quads, lay_lines
from imgcore.outline.regions import propose
from imgcore.outline.walks import Walks, walk
from imgcore.types import Image

Floats = npt.NDArray[np.float64]

SIDE = 440
"""Long side in pixels of the picture that is searched. Measured: at 640 px paper grain and
creases begin to look like edges, and it takes twice the time."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Quadrilaterals in pixels of the searched picture's full-size original.

    Attributes
    ----------
    corners
        float64 ``(q, 4, 2)``.
    features
        float64 ``(q, f)``, as `imgcore.outline.features.NAMES`.
    cut
        bool ``(q, 4)``: sides that lie on the picture's border.
    """

    corners: Floats
    features: Floats
    cut: npt.NDArray[np.bool_]

    def __getitem__(self, chosen: npt.NDArray[np.int64]) -> Candidates:
        return Candidates(self.corners[chosen], self.features[chosen], self.cut[chosen])

    @classmethod
    def joined(cls, one: Candidates, other: Candidates) -> Candidates:
        """Both together."""
        return cls(
            np.concatenate([one.corners, other.corners]),
            np.concatenate([one.features, other.features]),
            np.concatenate([one.cut, other.cut]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A picture reduced for the search, and what it says.

    Attributes
    ----------
    factor
        By how much it was reduced in x and y.
    """

    small: Image
    factor: Floats
    evidence: Evidence

    def inwards(self, points: Floats) -> Floats:
        """From pixels of the full-size picture to those of the small one, counted from its centre."""
        return np.asarray((points + 0.5) / self.factor - self._middle)

    def outwards(self, points: Floats) -> Floats:
        """The way back."""
        return np.asarray((points + self._middle) * self.factor - 0.5)

    @property
    def _middle(self) -> Floats:
        return np.array(self.small.shape[1::-1]) / 2


def view(image: Image, side: int = SIDE) -> View:
    """Reduce a picture and gather its evidence."""
    small, factor = reduce(image, side)
    return View(small, factor, gather(small))


def search(seen: View, lines: int = 32, keep: int = 350) -> Candidates:
    """The quadrilaterals of straight lines that are worth a look.

    Parameters
    ----------
    lines
        How many lines are combined; the cost grows with the fourth power.
    keep
        How many quadrilaterals are measured in full.
    """
    shape = seen.small.shape[:2]
    found = find_lines(seen.evidence, lines)
    walks = walk(seen.evidence, found)
    quads = enumerate_quads(found, shape)
    if len(quads) > keep:
        quads = quads[np.argsort(-promise(quads, found, walks, shape), kind="stable")[:keep]]
    return _measured(seen, quads, found, walks)


def search_regions(seen: View) -> Candidates:
    """The quadrilaterals around rectangular regions, however small."""
    return _laid(seen, propose(seen.small, seen.evidence))


def judged(seen: View, corners: Floats) -> Candidates:
    """Given quadrilaterals, measured; those that the picture's border cuts on three sides are left out.

    Parameters
    ----------
    corners
        ``(q, 4, 2)``, in pixels of the picture's full-size original.
    """
    return _laid(seen, seen.inwards(corners))


def cut_sides(seen: View, corners: Floats) -> npt.NDArray[np.bool_]:
    """``(q, 4)``: which sides lie on the picture's border; no row for a quadrilateral `judged` leaves out."""
    quads, sides = lay_lines(seen.inwards(corners), seen.small.shape[:2])
    return sides.border[quads.sides]


def _laid(seen: View, corners: Floats) -> Candidates:
    quads, sides = lay_lines(corners, seen.small.shape[:2])
    return _measured(seen, quads, sides, walk(seen.evidence, sides))


def _measured(seen: View, quads: Quads, lines: Lines, walks: Walks) -> Candidates:
    corners = seen.outwards(quads.corners)
    return Candidates(corners, measure(quads, lines, walks, seen.evidence), lines.border[quads.sides])


def reduce(image: Image, side: int) -> tuple[Image, Floats]:
    """A picture of about `side` pixels, and by how much it was reduced in x and y.

    By whole factors where it can: that is three times faster, and exact.
    """
    factor = max(image.shape[:2]) / side
    if factor <= 1 or min(image.shape[:2]) < factor:
        return image, np.ones(2)
    if factor >= 2:
        factor = round(factor)
        image = image[: image.shape[0] // factor * factor, : image.shape[1] // factor * factor]
    size = (round(image.shape[1] / factor), round(image.shape[0] / factor))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.array([image.shape[1] / size[0], image.shape[0] / size[1]])
