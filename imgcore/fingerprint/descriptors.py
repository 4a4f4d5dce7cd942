"""Minutia descriptors: cylinder codes of the neighbours (Minutia Cylinder-Code) and ridge orientations.

Cappelli, Ferrara, Maltoni, "Minutia Cylinder-Code" (2010); Tico, Kuosmanen, "Fingerprint matching
using an orientation-based minutia descriptor" (2003).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]
Value = TypeVar("Value", np.bool_, np.complex64)

CELL = 4
"""Pixels of 500 dpi on a side of a cell of the maps used here."""

RADIUS = 75.0
"""Radius of a cylinder in pixels of 500 dpi."""
SIDE = 16
"""Number of a cylinder's cells across and down its square."""
LAYERS = 6
"""Number of angular layers of a cylinder, which share the whole turn equally."""
SIGMA_PLACE = 28 / 3
"""Sigma, in pixels of 500 dpi, of a neighbour's weight by its distance from a cell."""
SIGMA_TURN = 2 / 9 * np.pi
"""Sigma, in radians, of a neighbour's weight by how far its turn is from that of a layer."""
THRESHOLD = 0.35
"""Sum of the neighbours' weights above which the bit of a cell is set."""
RINGS = ((12, 8), (24, 12), (38, 16), (54, 20), (72, 24))
"""Radius in pixels and number of samples of each ring of directions."""

SAMPLES = sum(count for _, count in RINGS)
"""Number of samples of directions around a minutia, on all rings together."""
BORDER = 30
"""Pixels by which a print is taken to reach beyond its minutiae, if its picture is unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class MinutiaDescriptors:
    """Descriptors of the minutiae of one print, one row each.

    Attributes
    ----------
    known
        bool, cells of 4 x 4 pixels that the print covers.
    cylinders, valid
        uint64 ``(n, words)``: bits of the cylinders, and a mask of those that the print covers.
    orientations
        float32 ``(n, 2 * SAMPLES)``: cosines, then sines, of the doubled directions on rings around the
        minutia, relative to its own, scaled by their coherence; None without a picture.
    coherences
        float32 ``(n, SAMPLES)``, coherence of these directions.
    """

    known: npt.NDArray[np.bool_] = field(repr=False)
    cylinders: Bits = field(repr=False)
    valid: Bits = field(repr=False)
    orientations: Floats | None = field(repr=False)
    coherences: Floats | None = field(repr=False)


def describe(
    points: Floats,
    directions: Floats,
    inside: npt.NDArray[np.bool_],
    doubled: npt.NDArray[np.complex64] | None,
) -> MinutiaDescriptors:
    """Compute the descriptors of minutiae.

    Parameters
    ----------
    points
        float32 ``(n, 2)``, pixels of 500 dpi.
    directions
        float32 ``(n,)``, radians, x right and y down.
    inside
        bool by cells of 4 x 4 pixels, True where the print is known.
    doubled
        complex64 by cells, doubled directions across the ridges, if there is a picture.
    """
    cylinders, valid = _cylinders(points, directions, inside)
    if doubled is None:
        return MinutiaDescriptors(inside, cylinders, valid, None, None)
    orientations = sample_cells(doubled, _rotated(points, directions, _samples()))
    relative = orientations * np.exp(-2j * directions)[:, None].astype(np.complex64)
    parts = np.concatenate([relative.real, relative.imag], 1)
    return MinutiaDescriptors(inside, cylinders, valid, parts, np.abs(orientations).astype(np.float32))


def covered_area(points: Floats, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Mask of the cells near or between minutiae, which the print is taken to cover."""
    known = np.zeros((-(-size[1] // CELL), -(-size[0] // CELL)), np.uint8)
    if len(points):
        hull = cv2.convexHull(np.rint(points / CELL).astype(np.int32))
        cv2.fillConvexPoly(known, hull, 1)
        reach = 2 * BORDER // CELL + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
        return np.asarray(cv2.dilate(known, disc), np.bool_)
    return known.astype(np.bool_)


@cache
def _cells() -> Floats:
    """Centres of a cylinder's cells relative to its minutia."""
    steps = (np.arange(SIDE) + 0.5) * 2 * RADIUS / SIDE - RADIUS
    x, y = np.meshgrid(steps, steps)
    near = np.hypot(x, y) <= RADIUS
    return np.stack([x[near], y[near]], 1).astype(np.float32)


def cylinder_bits() -> int:
    """Number of bits of one cylinder."""
    return len(_cells()) * LAYERS


@cache
def _samples() -> Floats:
    turns = [(radius, np.arange(count) * 2 * np.pi / count) for radius, count in RINGS]
    rings = [radius * np.stack([np.cos(turn), np.sin(turn)], 1) for radius, turn in turns]
    return np.concatenate(rings).astype(np.float32)


def _rotated(points: Floats, directions: Floats, offsets: Floats) -> Floats:
    """Rotate offsets with each minutia and place them around it; ``(n, k, 2)``."""
    c = np.cos(directions)[:, None]
    s = np.sin(directions)[:, None]
    x = offsets[:, 0]
    y = offsets[:, 1]
    return points[:, None] + np.stack([x * c - y * s, x * s + y * c], 2)


def sample_cells(values: npt.NDArray[Value], places: Floats) -> npt.NDArray[Value]:
    """Sample the value of the cell of each place; 0 outside."""
    cols, rows = (np.floor(places[..., axis] / CELL).astype(np.intp) for axis in (0, 1))
    within = (rows >= 0) & (cols >= 0) & (rows < values.shape[0]) & (cols < values.shape[1])
    found = np.zeros(within.shape, values.dtype)
    found[within] = values[rows[within], cols[within]]
    return found


def _cylinders(points: Floats, directions: Floats, inside: npt.NDArray[np.bool_]) -> tuple[Bits, Bits]:
    places = _rotated(points, directions, _cells())
    valid = sample_cells(inside, places)
    apart = np.square(places[:, :, None, 0] - points[:, 0]) + np.square(places[:, :, None, 1] - points[:, 1])
    # Numbers too small for their format would make each product slow.
    near = np.exp(np.maximum(apart * np.float32(-0.5 / SIGMA_PLACE**2), np.float32(-40)))
    near[np.arange(len(points)), :, np.arange(len(points))] = 0
    mass = np.einsum("ijk,ilk->ilj", near, _angular_weights(directions))
    bits = (mass > THRESHOLD) & valid[:, None]
    return _packed(bits), _packed(np.broadcast_to(valid[:, None], bits.shape))


def _angular_weights(directions: Floats) -> Floats:
    """Weight of the turn from each minutia to each other one in each angular layer; ``(n, LAYERS, n)``."""
    centres = ((np.arange(LAYERS) + 0.5) * 2 * np.pi / LAYERS - np.pi).astype(np.float32)
    turn = (directions[:, None] - directions)[:, None] - centres[:, None]
    turn -= 2 * np.pi * np.rint(turn / (2 * np.pi))
    return np.asarray(np.exp(np.square(turn) * np.float32(-0.5 / SIGMA_TURN**2)), np.float32)


def _packed(bits: npt.NDArray[np.bool_]) -> Bits:
    count = bits.shape[1] * bits.shape[2]
    flat = np.pad(bits.reshape(len(bits), count), ((0, 0), (0, -count % 64)))
    return np.packbits(flat, axis=1).view(np.uint64)
