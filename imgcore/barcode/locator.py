"""Localisation of linear codes: patches whose grey levels change along one direction only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import cos, hypot, sin
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode.cells import CELL, CellLevel
from imgcore.kernels import cell_rectangle, component_statistics
from imgcore.types import Image, Points

Floats = npt.NDArray[np.float32]
Cells = npt.NDArray[np.bool_]

_COARSEST = 4.0
"""Largest factor by which the picture is reduced: bars of one pixel to some twenty are found."""
_COHERENT = 0.7
"""Least coherence of a cell of bars, 0..1: bars have 0.9 and more, print up to 0.6."""
_CONTRAST = 60.0
"""Least squared gradient of a pixel in a cell of bars, without noise."""
_NOISE = 4.0
"""Multiple of the noise's squared gradient that is added to the least one of bars."""
_STEPS = 8
"""Number of directions in which cells are joined."""
_NOWHERE = 255
"""Sector of the cells that have no direction."""
_MARGIN = 0.02
"""Radians that neighbouring directions share."""
_GAP = 5
"""Cells bridged along the code: the widest spaces have no edges within."""
_MIN_CELLS = 6
"""Fewest cells of a part."""
_OWN = 0.2
"""Least gradient of a cell with bars of its own, over the mean."""
_OUTERMOST = 50
"""One cell of so many at each side is not of the code."""
_BINS = 36
"""Number of bins of direction within a part, 5 degrees each."""
_WAYS = 3
"""Number of the commonest directions within a part that are tried."""
_BEFORE = np.roll(np.arange(_BINS), 1)
"""For each bin of direction, the number of the one before."""
_AFTER = np.roll(np.arange(_BINS), -1)
"""For each bin of direction, the number of the one after."""
_MIXED_CELLS = 4 * _MIN_CELLS
"""Number of cells below which a part is one thing."""
_ANOTHER = 0.1
"""Share of a part, three bins wide, from which a direction is one of its own."""
_ONE_WAY = 0.9
"""Share of a part, three bins wide, from which a direction is the only one."""
_DOWNWARDS = np.radians(80)
"""Angle in radians upwards beyond which a code stands on end: it reads downwards, also if it leans a little
back."""
_SPARE = 2
"""Candidates for each one returned: a code is found at more than one level and in up to two directions."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Rectangle that may be a linear code without its quiet zones.

    Attributes
    ----------
    x, y
        Its middle, pixels.
    angle
        From the x axis to the direction across the bars, radians, clockwise as displayed; from a
        little more than upwards to a little more than downwards, so that `length` runs rightwards or down.
    length, height
        Across the bars and along them, pixels.
    strength
        Sum of its squared gradient; the most promising has most.
    pure
        True for the cells of one direction within a larger candidate of several.
    """

    x: float
    y: float
    angle: float
    length: float
    height: float
    strength: float
    pure: bool = False

    @property
    def corners(self) -> Points:
        """float32 ``(4, 2)``, clockwise."""
        x = cos(self.angle)
        y = sin(self.angle)
        along = np.array([x, y]) * (self.length / 2)
        down = np.array([-y, x]) * (self.height / 2)
        corners = np.stack([-along - down, along - down, along + down, down - along])
        return np.asarray(corners + np.array([self.x, self.y]), np.float32)


class _Cells(NamedTuple):
    """Structure tensors of a picture's cells, and the squared gradient of each."""

    tensors: Floats
    change: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """Cells of about one direction, connected: `mask` has them without the bridges that `labels` have.

    `energies` are the grey changes of the connected cells, 0 where these are too few.
    """

    direction: float
    labels: npt.NDArray[np.int32]
    mask: Image
    boxes: npt.NDArray[np.int32]
    energies: npt.NDArray[np.float64]

    def strongest(self, most: int) -> tuple[list[float], list[int]]:
        """Energies and labels of the strongest connected cells."""
        labels = np.argsort(-self.energies, kind="stable")[:most]
        labels = labels[self.energies[labels] > 0]
        return self.energies[labels].tolist(), labels.tolist()


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Connected cells of about one direction, and their grey change."""

    energy: float
    layer: _Layer
    label: int

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns of the cells."""
        x, y, wide, high = self.layer.boxes[self.label].tolist()
        return slice(y, y + high), slice(x, x + wide)


def find_candidates(levels: Sequence[CellLevel], most: int = 8) -> tuple[Candidate, ...]:
    """Find rectangles that may be linear codes, the most promising first.

    Parameters
    ----------
    levels
        Cells of the picture.
    most
        Largest number returned.
    """
    enough = _SPARE * most
    parts = [
        (level.factor, cells, part)
        for level in levels
        if level.factor <= _COARSEST
        for cells, part in _parts(level, enough)
    ]
    found: list[Candidate] = []
    for factor, cells, part in sorted(parts, key=lambda each: -each[0] * each[2].energy):
        # No candidate is stronger than the part that it is of; but for the last bits of sums.
        if len(found) >= enough and 1.001 * factor * part.energy < found[enough - 1].strength:
            break
        found += [_enlarged(candidate, factor) for candidate in _components(cells, part)]
        found.sort(key=lambda candidate: -candidate.strength)
    return tuple(_distinct(found[:enough])[:most])


def _enlarged(candidate: Candidate, factor: float) -> Candidate:
    middle = (factor - 1) / 2
    return replace(
        candidate,
        x=candidate.x * factor + middle,
        y=candidate.y * factor + middle,
        length=candidate.length * factor,
        height=candidate.height * factor,
        strength=candidate.strength * factor,  # Of two alike, the finer one is more exact.
    )


def _parts(level: CellLevel, most: int) -> Iterator[tuple[_Cells, _Part]]:
    """Yield the strongest connected cells of about one direction."""
    tensors = level.tensors
    straight = level.straight
    weak = (level.across + level.down - straight) / 2
    noise = float(np.partition(weak, weak.size // 5, axis=None)[weak.size // 5])
    coherence = straight / (straight + 2 * np.maximum(weak - noise, 0) + 1)
    coherent = (coherence > _COHERENT) & (straight > _CONTRAST + _NOISE * noise)
    if np.count_nonzero(coherent) < _MIN_CELLS:
        return
    # Twice the direction, so that a half turn counts as none; sectors that straddle each step's two sides.
    sector = (level.twice * np.float32(_STEPS / np.pi)).astype(np.uint8) % (2 * _STEPS)
    sector[~coherent] = _NOWHERE
    change = np.ascontiguousarray(tensors[..., 0] + tensors[..., 1])
    cells = _Cells(tensors, change)
    layers = [layer for step in range(_STEPS) if (layer := _layer(change, sector, step)) is not None]
    strongest = sorted(
        (
            (energy, number, label)
            for number, layer in enumerate(layers)
            for energy, label in zip(*layer.strongest(most), strict=True)
        ),
        key=lambda one: -one[0],
    )
    for energy, number, label in strongest[:most]:
        yield cells, _Part(energy, layers[number], label)


def _layer(change: Floats, sector: Image, step: int) -> _Layer | None:
    """Connect the cells of about one direction; None if there are too few."""
    table = np.zeros(256, np.uint8)
    table[np.arange(2 * step - 2, 2 * step + 2) % (2 * _STEPS)] = 1
    mask = np.asarray(cv2.LUT(sector, table), np.uint8)
    if cv2.countNonZero(mask) < _MIN_CELLS:
        return None
    direction = step * np.pi / _STEPS
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _line(direction))
    count, found = cv2.connectedComponents(closed, connectivity=8)
    labels = np.asarray(found, np.int32)
    areas, boxes, energies = component_statistics(labels, mask, change[..., None], count)
    return _Layer(direction, labels, mask, boxes, np.where(areas >= _MIN_CELLS, energies[:, 0], 0.0))


def _components(cells: _Cells, part: _Part) -> Iterator[Candidate]:
    """Yield what has the direction of a part: the part as a whole, and its cells of exactly one direction."""
    box = part.box
    layer = part.layer
    inside = (layer.labels[box] == part.label) & (layer.mask[box] > 0)
    tensors = cells.tensors[box]
    change = cells.change[box]
    # Smoothing has spread bars to cells around them.
    inside &= change > _OWN * change[inside].mean()
    corner = box[1].start, box[0].start
    if whole := _measured(tensors, inside, corner, layer.direction):
        yield whole
    for pure in _pure(tensors, inside, change, layer.direction):
        if candidate := _measured(tensors, pure, corner, layer.direction):
            yield replace(candidate, pure=True)


def _pure(tensors: Floats, inside: Cells, change: Floats, direction: float) -> Iterator[Cells]:
    """Yield the connected cells of a part that share one of its commonest directions, unless those are most.

    A code touches lines of a table that run almost as its bars do.
    """
    if np.count_nonzero(inside) < _MIXED_CELLS:
        return
    within = tensors[inside]
    twice = cv2.phase(
        np.ascontiguousarray(within[:, 0] - within[:, 1]), 2 * np.ascontiguousarray(within[:, 2])
    )
    bins = (twice.ravel() * np.float32(_BINS / (2 * np.pi))).astype(np.int64) % _BINS
    weights = np.bincount(bins, change[inside], _BINS)
    whole = weights.sum()
    for _ in range(_WAYS):
        around = weights + weights[_BEFORE] + weights[_AFTER]
        commonest = int(around.argmax())
        if not _ANOTHER < around[commonest] / whole < _ONE_WAY:
            return
        near = np.isin(bins, (_BEFORE[commonest], commonest, _AFTER[commonest]))
        mask = np.zeros(inside.shape, np.uint8)
        mask[inside] = near
        pure = _largest(mask, change, direction)
        if np.count_nonzero(pure) >= _MIN_CELLS:
            yield pure
        weights[[_BEFORE[commonest], commonest, _AFTER[commonest]]] = 0


def _largest(mask: Image, change: Floats, direction: float) -> Cells:
    """Select the connected cells with the largest gradient."""
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _line(direction))
    count, labels = cv2.connectedComponents(closed, connectivity=8)
    cells = mask > 0
    energy = np.bincount(labels[cells], change[cells], count)
    return np.asarray((labels == int(energy.argmax())) & cells)


def _angle_between(one: float, other: float) -> float:
    """Angle between two directions, radians, 0 to pi/2."""
    return abs((one - other + np.pi / 2) % np.pi - np.pi / 2)


def _line(direction: float) -> Image:
    x = np.cos(direction) * _GAP / 2
    y = np.sin(direction) * _GAP / 2
    kernel = np.zeros((_GAP, _GAP), np.uint8)
    middle = _GAP // 2
    cv2.line(kernel, (round(middle - x), round(middle - y)), (round(middle + x), round(middle + y)), 1)
    return kernel


def _measured(tensors: Floats, inside: Cells, corner: tuple[int, int], direction: float) -> Candidate | None:
    """Measure the cells of a mask whose own corner is a cell of the level; None if they run another way."""
    strength, angle, left, right, top, bottom = cell_rectangle(tensors, inside.view(np.uint8), _OUTERMOST)
    if _angle_between(angle, direction) > np.pi / _STEPS / 2 + _MARGIN:
        return None
    along = (left + right) / 2
    beside = (top + bottom) / 2
    x = cos(angle)
    y = sin(angle)
    return Candidate(
        (along * x - beside * y + corner[0] + 0.5) * CELL - 0.5,
        (along * y + beside * x + corner[1] + 0.5) * CELL - 0.5,
        angle + np.pi if angle < -_DOWNWARDS else angle,
        (right - left + 1) * CELL,
        (bottom - top + 1) * CELL,
        strength,
    )


def _distinct(candidates: list[Candidate]) -> list[Candidate]:
    kept: list[Candidate] = []
    for candidate in candidates:
        if not any(_same(candidate, other) for other in kept):
            kept.append(candidate)
    return kept


def _same(one: Candidate, other: Candidate) -> bool:
    """Return whether one lies for the most part within the other and has the same direction."""
    if one.pure is not other.pure:
        return False
    areas = one.length * one.height, other.length * other.height
    # Lines of print, seen from afar, are stripes that may fill the page around a code.
    if _are_apart(one, other) or _angle_between(one.angle, other.angle) > 0.3 or max(areas) > 4 * min(areas):
        return False
    shared, _ = cv2.intersectConvexConvex(one.corners, other.corners)
    return bool(shared > 0.6 * min(areas))


def _are_apart(one: Candidate, other: Candidate) -> bool:
    """Return whether the circles around two candidates do not meet."""
    reach = (hypot(one.length, one.height) + hypot(other.length, other.height)) / 2
    return hypot(one.x - other.x, one.y - other.y) > reach
