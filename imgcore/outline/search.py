"""From a picture to ranked candidates."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.evidence import gather
from imgcore.outline.features import measure, promise
from imgcore.outline.lines import find_lines
from imgcore.outline.quads import enumerate_quads
from imgcore.outline.walks import walk
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
    borders
        bool ``(q, 4)``: whether the top, right, bottom and left border is a side.
    """

    corners: Floats
    features: Floats
    cut: npt.NDArray[np.bool_]
    borders: npt.NDArray[np.bool_]

    def __getitem__(self, chosen: npt.NDArray[np.bool_]) -> Candidates:
        return Candidates(self.corners[chosen], self.features[chosen], self.cut[chosen], self.borders[chosen])


def search(image: Image, side: int = SIDE, lines: int = 32, keep: int = 500) -> Candidates:
    """The quadrilaterals worth a look.

    Parameters
    ----------
    lines
        How many lines are combined; the cost grows with the fourth power.
    keep
        How many quadrilaterals are measured in full.
    """
    small, factor = reduce(image, side)
    evidence = gather(small)
    found = find_lines(evidence, lines)
    walks = walk(evidence, found)
    quads = enumerate_quads(found, small.shape[:2])
    if len(quads) > keep:
        quads = quads[np.argsort(-promise(quads, found, walks, small.shape[:2]), kind="stable")[:keep]]
    corners = (quads.corners + np.array([small.shape[1], small.shape[0]]) / 2) * factor - 0.5
    borders = (quads.sides[:, :, None] == np.nonzero(found.border)[0]).any(axis=1)
    return Candidates(corners, measure(quads, found, walks, evidence), found.border[quads.sides], borders)


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
