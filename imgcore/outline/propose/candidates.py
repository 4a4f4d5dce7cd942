"""Searches of a reduced picture for candidate quadrilaterals: of one page, and of several documents.

One page is searched by long lines and by regions; several documents by short lines on the boundaries that the
segmentation net sees, and by what the net itself outlines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.kernels import edge_quads
from imgcore.outline.propose.feature_maps import FeatureMaps, compute_maps
from imgcore.outline.propose.features import (
    dividing_line_support,
    measure,
    measure_sides,
    prescreening_score,
    side_spans,
    support_past_corners,
)
from imgcore.outline.propose.lines import (
    STEP,
    LineProfiles,
    Lines,
    find_lines,
    find_local_lines,
    sample_profiles,
    support_along,
)
from imgcore.outline.propose.quads import (
    Quads,
    elongation,
    enumerate_quads,
    intersections,
    snap_to_lines,
    taper,
    with_own_lines,
)
from imgcore.outline.propose.regions import propose_regions
from imgcore.outline.propose.segmentation import DocumentMaps, decode_quads
from imgcore.strips import by_squares
from imgcore.types import Image

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

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
        float64 ``(q, f)``, as `imgcore.outline.propose.features.NAMES`.
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


class Proposal(NamedTuple):
    """Quadrilateral that one search proposes.

    Attributes
    ----------
    corners
        float64 ``(4, 2)``, in pixels of the full picture.
    on_border
        bool ``(4,)``: True for sides on the picture's border.
    score
        Confidence 0..1 of the search, or the logarithm of the odds by the segmentation.
    likely
        True where the search alone takes it for a document.
    """

    corners: Floats
    on_border: npt.NDArray[np.bool_]
    score: float
    likely: bool


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

    Factors are whole ones where they can be: that is three times faster, and exact. Narrow pictures are
    reduced, too, for the number of lines and tiles grows with the length, and the work on their pairs with
    its square.
    """
    factor = max(image.shape[:2]) / side
    if factor <= 1:
        return image, np.ones(2)
    if factor >= 2 and min(image.shape[:2]) >= round(factor):
        return by_squares(image, round(factor)), np.full(2, round(factor), np.float64)
    size = (max(1, round(image.shape[1] / factor)), max(1, round(image.shape[0] / factor)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.array([image.shape[1] / size[0], image.shape[0] / size[1]])


SEARCH_SIDE = 533
"""Long side in pixels of the searched picture. It is larger than in the search for one page: three source
pixels for one at 1600."""

_LINES = 120
"""Number of short lines that are combined to quadrilaterals."""
_SUPPORT = ((0.78, 0.38), (0.9, 0.6))
"""Mean support of three sides, and of the fourth, which another document may hide; the next pair if one lets
too many quadrilaterals through, as a grained desk does."""
_MOST = 10_000
"""Number of quadrilaterals at which a search ends, to be made again with sides that need more support."""
_SHORTEST = 18.0
"""Least length of a document's side, in pixels of the searched picture."""
_SMALLEST = 0.003
"""Least share of the picture that a document takes."""
_LONGEST = 7.0
"""Largest ratio of a document's longer sides to its shorter ones."""
_TAPER = 0.6
"""Least ratio of opposite sides of a document, the shorter over the longer."""
_OUTSIDE = 0.03
"""Share of the picture's longer side by which corners may lie outside."""
_BORDER_SUPPORT = 0.6
"""Support of a side on the picture's border, which is neither seen nor refuted."""
_CELL = 40.0
"""Side, in pixels of the searched picture, of the cells in which the centres of quadrilaterals are
counted."""
_EACH = 6
"""Number of quadrilaterals of like size that are kept for each cell that holds their centres: print and grain
make thousands, and must not crowd out the few of a document elsewhere."""
_OCTAVE = 0.7
"""Step in the logarithm of area between sizes that are not alike."""
_ALIKE = 8.0
"""Pixels of the searched picture below which two quadrilaterals' extents are one."""
_KEEP = 450
"""Number of quadrilaterals of lines that are measured, at most."""
_PAST = 12.0
"""Pixels past its ends up to which the support of a side is sampled."""


def search_documents(reduced: ReducedPicture, net_maps: DocumentMaps) -> Candidates:
    """Find candidates by lines, then by the net; the features of `DocumentMaps` come last in each row."""
    shape = reduced.small.shape[:2]
    maps = reduced.maps.weighted(net_maps.edge_weight(shape))
    lines = find_local_lines(maps, _LINES)
    totals = _totals(maps, lines)
    decoded = reduced.to_reduced(decode_quads(net_maps))
    decoded = np.concatenate([decoded, snap_to_lines(decoded, lines, totals)])
    shortest = np.linalg.norm(np.roll(decoded, -1, axis=1) - decoded, axis=2).min(axis=1, initial=np.inf)
    net_quads, sides = with_own_lines(decoded[shortest > _SHORTEST / 2], shape)
    sides = _shortened(sides, net_quads)
    found = []
    for quads, own, along in (
        (_line_quads(lines, totals, shape), lines, totals),
        (net_quads, sides, _totals(maps, sides)),
    ):
        features = measure_sides(quads, own, along, maps, dividing_line_support(quads, lines, totals))
        corners = reduced.to_picture(quads.corners)
        features = np.column_stack([features, net_maps.quad_features(corners)])
        found.append(Candidates(corners, features, own.border[quads.sides]))
    return Candidates.joined(*found)


def _totals(maps: FeatureMaps, lines: Lines) -> Floats:
    """Cumulative sums of the support along each line."""
    totals = support_along(maps, lines)
    totals[lines.border] = _BORDER_SUPPORT * np.arange(totals.shape[1])
    return totals


def _shortened(sides: Lines, quads: Quads) -> Lines:
    """Shorten lines to their side and a little past its ends, which takes a third of the time."""
    table = sides.table.copy()
    low, high = side_spans(quads, sides)
    inner = ~sides.border[quads.sides]
    own = quads.sides[inner]
    table[own, 3] = np.maximum(table[own, 3], low[inner] - _PAST)
    table[own, 4] = np.minimum(table[own, 4], high[inner] + _PAST)
    return Lines(table, sides.border)


def _line_quads(lines: Lines, totals: Floats, shape: tuple[int, ...]) -> Quads:
    sides, support = _with_support(lines, totals, shape)
    quads = Quads(intersections(lines)[np.roll(sides, 1, axis=1), sides], sides)
    likely = (
        (lines.border[sides].sum(axis=1) <= 2)
        & (quads.areas >= _SMALLEST * shape[0] * shape[1])
        & (elongation(quads) <= _LONGEST)
        & (taper(quads) >= _TAPER)
    )
    quads = quads[likely]
    support = support[likely]
    sizes = np.log(quads.areas / (shape[0] * shape[1]))
    beyond = support_past_corners(quads, lines, totals).mean(axis=1)
    score = support.mean(axis=1) + 0.5 * support.min(axis=1) - 0.3 * beyond + 0.02 * sizes
    quads = quads[np.argsort(-score, kind="stable")]
    return quads[_diverse(quads, shape)]


def _with_support(lines: Lines, totals: Floats, shape: tuple[int, ...]) -> tuple[Numbers, Floats]:
    for strong, faint in _SUPPORT:
        limits = np.array([STEP, strong, faint, _SHORTEST, _OUTSIDE * max(shape), _MOST])
        sides, support = edge_quads(lines.table, totals, limits)
        if len(sides) < _MOST:
            break
    return sides, support


def _diverse(quads: Quads, shape: tuple[int, ...]) -> Numbers:
    """Select from quadrilaterals, best first: none twice, and some of each size everywhere."""
    extent = np.concatenate([quads.corners.min(axis=1), quads.corners.max(axis=1)], axis=1)
    distinct = np.sort(np.unique(_packed(extent / _ALIKE), return_index=True)[1])
    middles = np.floor(quads.corners[distinct].mean(axis=1) / _CELL)
    sizes = np.floor(np.log(quads.areas[distinct] / (shape[0] * shape[1])) / _OCTAVE)
    place = _place(_packed(np.column_stack([middles, sizes])))
    best = np.argsort(place, kind="stable")[:_KEEP]
    return distinct[best[place[best] < _EACH]]


def _packed(rows: Floats) -> Numbers:
    """Pack each row of up to four small numbers into one."""
    packed = np.zeros(len(rows), np.int64)
    for column in rows.T:
        packed = (packed << 12) + np.rint(column).astype(np.int64) + 2048
    return packed


def _place(number: Numbers) -> Numbers:
    """Count the equal elements before each one."""
    order = np.argsort(number, kind="stable")
    begins = np.searchsorted(number[order], number[order])
    place = np.empty(len(number), np.int64)
    place[order] = np.arange(len(number)) - begins
    return place
