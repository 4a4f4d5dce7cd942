"""Localisation of linear codes: patches whose grey levels change along one direction only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode.cells import CELL, CellLevel
from imgcore.types import Image, Points

Floats = npt.NDArray[np.float32]
Cells = npt.NDArray[np.bool_]

_LEVELS = 3
"""The picture, halved, halved again: bars of one pixel to some twenty."""
_COHERENT = 0.7
"""0..1: bars have 0.9 and more, print up to 0.6."""
_CONTRAST, _NOISE = 60.0, 4.0
"""Least squared gradient of a pixel, and the multiple of the noise's that is added."""
_STEPS = 8
"""Directions in which cells are joined."""
_NOWHERE = 255
_MARGIN = 0.02
"""Radians that neighbouring directions share."""
_GAP = 5
"""Cells bridged along the code: the widest spaces have no edges within."""
_MIN_CELLS = 6
_OWN = 0.2
"""Least gradient of a cell with bars of its own, over the mean."""
_BINS, _WAYS = 36, 3
"""Bins of direction within a part, 5 degrees each, and the number of them that are tried."""
_BEFORE, _AFTER = np.roll(np.arange(_BINS), 1), np.roll(np.arange(_BINS), -1)
_MIXED_CELLS = 4 * _MIN_CELLS
"""Fewer are one thing."""
_ANOTHER, _ONE_WAY = 0.1, 0.9
"""Share of a part, three bins wide, from which it is a direction of its own, and the only one."""
_DOWNWARDS = np.radians(80)
"""A code that stands on end is taken to read downwards, also if it leans a little to the other side."""
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
        along = np.array([np.cos(self.angle), np.sin(self.angle)]) * self.length / 2
        down = np.array([-np.sin(self.angle), np.cos(self.angle)]) * self.height / 2
        corners = np.stack([-along - down, along - down, along + down, down - along])
        return np.asarray(corners + np.array([self.x, self.y]), np.float32)


class _Cells(NamedTuple):
    """Structure tensors of a picture's cells, and the squared gradient of each."""

    tensors: Floats
    change: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Connected cells of one direction: their grey change and label; `mask` has them without bridges."""

    energy: float
    direction: float
    labels: npt.NDArray[Any]
    mask: npt.NDArray[Any]
    label: int


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
        (level.factor, cells, part) for level in levels[:_LEVELS] for cells, part in _parts(level, enough)
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
    tensors, straight = level.tensors, level.straight
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
    parts = [part for step in range(_STEPS) for part in _along(change, sector, step)]
    cells = _Cells(tensors, change)
    for part in sorted(parts, key=lambda part: -part.energy)[:most]:
        yield cells, part


def _along(change: Floats, sector: Image, step: int) -> Iterator[_Part]:
    """Yield connected cells of about one direction."""
    table = np.zeros(256, np.uint8)
    table[np.arange(2 * step - 2, 2 * step + 2) % (2 * _STEPS)] = 1
    mask = cv2.LUT(sector, table)
    if cv2.countNonZero(mask) < _MIN_CELLS:
        return
    direction = step * np.pi / _STEPS
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _line(direction))
    # Without OpenCV's own statistics, which take five times as long as its labels.
    count, labels = cv2.connectedComponents(closed, connectivity=8)
    large = np.flatnonzero(np.bincount(labels.ravel(), minlength=count)[1:] >= _MIN_CELLS) + 1
    if len(large):
        cells = mask > 0
        energy = np.bincount(labels[cells], change[cells], count)
        for label in large[energy[large] > 0]:
            yield _Part(float(energy[label]), direction, labels, mask, int(label))


def _components(cells: _Cells, part: _Part) -> Iterator[Candidate]:
    """Yield what has the direction of a part: the part as a whole, and its cells of exactly one direction."""
    for candidate in _measured_parts(cells, part):
        if _angle_between(candidate.angle, part.direction) <= np.pi / _STEPS / 2 + _MARGIN:
            yield candidate


def _measured_parts(cells: _Cells, part: _Part) -> Iterator[Candidate]:
    x, y, wide, high = cv2.boundingRect(cv2.inRange(part.labels, part.label, part.label))
    box = (slice(y, y + high), slice(x, x + wide))
    inside = (part.labels[box] == part.label) & (part.mask[box] > 0)
    tensors, change = cells.tensors[box], cells.change[box]
    # Smoothing has spread bars to cells around them.
    inside &= change > _OWN * change[inside].mean()
    corner = np.array([y, x])
    yield _measured(tensors[inside], np.argwhere(inside) + corner)
    for pure in _pure(tensors, inside, change, part.direction):
        yield replace(_measured(tensors[pure], np.argwhere(pure) + corner), pure=True)


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
    x, y = np.cos(direction) * _GAP / 2, np.sin(direction) * _GAP / 2
    kernel = np.zeros((_GAP, _GAP), np.uint8)
    middle = _GAP // 2
    cv2.line(kernel, (round(middle - x), round(middle - y)), (round(middle + x), round(middle + y)), 1)
    return kernel


def _measured(tensors: Floats, places: npt.NDArray[np.int64]) -> Candidate:
    across, down, mixed = tensors.sum(axis=0, dtype=np.float64)
    angle = float(np.arctan2(2 * mixed, across - down) / 2)
    if angle < -_DOWNWARDS:
        angle += np.pi
    points = (places[:, ::-1] + 0.5) * CELL - 0.5
    axes = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    along, beside = axes @ points.T
    (left, right), (top, bottom) = (_extent(values) for values in (along, beside))
    x, y = axes.T @ ((left + right) / 2, (top + bottom) / 2)
    return Candidate(float(x), float(y), angle, right - left, bottom - top, float(across + down))


def _extent(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """First and last position of the cells, the outermost few left out."""
    few = len(values) // 50
    ordered = np.partition(values, (few, len(values) - 1 - few))
    return float(ordered[few]) - CELL / 2, float(ordered[-1 - few]) + CELL / 2


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
    if _angle_between(one.angle, other.angle) > 0.3 or max(areas) > 4 * min(areas):
        return False
    shared, _ = cv2.intersectConvexConvex(one.corners, other.corners)
    return bool(shared > 0.6 * min(areas))
