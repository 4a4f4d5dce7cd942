"""Search of a reduced picture for candidate quadrilaterals."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.search.feature_maps import FeatureMaps, compute_maps
from imgcore.outline.search.features import measure, prescreening_score
from imgcore.outline.search.line_profiles import LineProfiles, sample_profiles
from imgcore.outline.search.lines import Lines, find_lines
from imgcore.outline.search.quads import Quads, enumerate_quads, with_own_lines
from imgcore.outline.search.regions import propose_regions
from imgcore.strips import by_squares
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
        float64 ``(q, f)``, as `imgcore.outline.search.features.NAMES`.
    on_border
        bool ``(q, 4)``: True for sides on the picture's border.
    """

    corners: Floats
    features: Floats
    on_border: npt.NDArray[np.bool_]

    def __getitem__(self, chosen: npt.NDArray[np.int64]) -> Candidates:
        return Candidates(self.corners[chosen], self.features[chosen], self.on_border[chosen])

    @classmethod
    def joined(cls, one: Candidates, other: Candidates) -> Candidates:
        """Concatenate two sets of candidates."""
        return cls(
            np.concatenate([one.corners, other.corners]),
            np.concatenate([one.features, other.features]),
            np.concatenate([one.on_border, other.on_border]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class ReducedPicture:
    """A picture reduced for the search, with its feature maps.

    Attributes
    ----------
    factor
        Scale of the reduction in x and y.
    """

    small: Image
    factor: Floats
    maps: FeatureMaps

    def to_reduced(self, points: Floats) -> Floats:
        """Map pixels of the full-size picture to those of the small one, counted from its centre."""
        return np.asarray((points + 0.5) / self.factor - self._middle)

    def to_small(self, points: Floats) -> Floats:
        """Map pixels of the full-size picture to those of the small one, counted from its top left."""
        return np.asarray((points + 0.5) / self.factor - 0.5)

    def to_picture(self, points: Floats) -> Floats:
        """Map pixels of the small picture, counted from its centre, to those of the full-size one."""
        return np.asarray((points + self._middle) * self.factor - 0.5)

    @property
    def _middle(self) -> Floats:
        return np.array(self.small.shape[1::-1]) / 2


def reduce_picture(image: Image, side: int = SIDE) -> ReducedPicture:
    """Reduce a picture and compute its feature maps."""
    small, factor = downscale(image, side)
    return ReducedPicture(small, factor, compute_maps(small))


def search_quads(reduced: ReducedPicture, lines: int = 32, keep: int = 350) -> Candidates:
    """Find the most promising quadrilaterals of straight lines.

    Parameters
    ----------
    lines
        Number of lines that are combined; the cost grows with the fourth power.
    keep
        Number of quadrilaterals that are measured in full.
    """
    shape = reduced.small.shape[:2]
    found = find_lines(reduced.maps, lines)
    profiles = sample_profiles(reduced.maps, found)
    quads = enumerate_quads(found, shape)
    if len(quads) > keep:
        quads = quads[np.argsort(-prescreening_score(quads, found, profiles, shape), kind="stable")[:keep]]
    return _measured(reduced, quads, found, profiles)


def search_regions(reduced: ReducedPicture) -> Candidates:
    """Find the quadrilaterals around rectangular regions, however small."""
    return _measured_with_own_lines(reduced, propose_regions(reduced.small, reduced.maps))


def measure_quads(reduced: ReducedPicture, corners: Floats) -> Candidates:
    """Measure given quadrilaterals; those that the picture's border cuts on three sides are left out.

    Parameters
    ----------
    corners
        ``(q, 4, 2)``, in pixels of the picture's full-size original.
    """
    return _measured_with_own_lines(reduced, reduced.to_reduced(corners))


def border_sides(reduced: ReducedPicture, corners: Floats) -> npt.NDArray[np.bool_]:
    """Mask ``(q, 4)`` of sides on the picture's border; no row for one that `measure_quads` leaves out."""
    quads, sides = with_own_lines(reduced.to_reduced(corners), reduced.small.shape[:2])
    return sides.border[quads.sides]


def _measured_with_own_lines(reduced: ReducedPicture, corners: Floats) -> Candidates:
    quads, sides = with_own_lines(corners, reduced.small.shape[:2])
    return _measured(reduced, quads, sides, sample_profiles(reduced.maps, sides))


def _measured(reduced: ReducedPicture, quads: Quads, lines: Lines, profiles: LineProfiles) -> Candidates:
    corners = reduced.to_picture(quads.corners)
    return Candidates(corners, measure(quads, lines, profiles, reduced.maps), lines.border[quads.sides])


def downscale(image: Image, side: int) -> tuple[Image, Floats]:
    """Reduce a picture to about `side` pixels; also returns the scale in x and y.

    By whole factors where it can: that is three times faster, and exact. However narrow, none is searched as
    it is: lines and tiles grow with its length, what is done with each pair of them with the square of that.
    """
    factor = max(image.shape[:2]) / side
    if factor <= 1:
        return image, np.ones(2)
    if factor >= 2 and min(image.shape[:2]) >= round(factor):
        return by_squares(image, round(factor)), np.full(2, round(factor), np.float64)
    size = (max(1, round(image.shape[1] / factor)), max(1, round(image.shape[0] / factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.array([image.shape[1] / size[0], image.shape[0] / size[1]])
