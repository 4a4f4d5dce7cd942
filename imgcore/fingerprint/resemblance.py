"""Which minutiae of two fingers have the same surroundings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.fingerprint.surroundings import SAMPLES, Bits, Surroundings, cylinder_bits
from imgcore.fingerprint.template import Template

Floats = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int32]

PAIRS = 60
LEAST_SHARED = 0.4
"""Of a cylinder, the share that is to lie where both prints are known."""

LEAST_BITS = 6
"""Of neighbours, below which a cylinder says nothing."""

LEAST_SURE = 6.0
"""Samples of directions, counted by how sure they are, below which they say nothing."""

LARGEST_TURN = 1.25
"""Radians that one finger may be turned against the other."""

LARGEST_CORRECTION = 0.5


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Resemblances:
    """The pairs that look most alike, best first.

    Attributes
    ----------
    one, other
        intp ``(k,)``, the minutiae.
    likeness
        float32 ``(k,)``, 0..1.
    turn
        float32 ``(k,)``, radians the other finger is to be turned by, x right and y down.
    """

    one: npt.NDArray[np.intp]
    other: npt.NDArray[np.intp]
    likeness: Floats
    turn: Floats

    def __len__(self) -> int:
        return len(self.one)


def resemblances(one: Template, other: Template) -> Resemblances:
    """Compare the surroundings of all minutiae of one finger with those of another."""
    neighbours = neighbour_likeness(one.surroundings, other.surroundings)
    turn = np.radians(other.angles)[None] - np.radians(one.angles)[:, None]
    if one.surroundings.around is None or other.surroundings.around is None:
        likeness, correction = neighbours, np.zeros_like(neighbours)
    else:
        ridges, correction = _direction_likeness(one.surroundings, other.surroundings)
        likeness = np.maximum(neighbours, 0.05) * np.square(ridges)
    turn = turn + correction
    possible = (np.cos(turn) > np.cos(LARGEST_TURN)) & (np.abs(correction) < LARGEST_CORRECTION)
    return _best(np.where(possible, likeness, 0), turn)


def neighbour_likeness(one: Surroundings, other: Surroundings) -> Floats:
    """How alike the cylinders are, 0..1, ``(n, m)``; 0 where there is too little to tell."""
    first, second = (one.cylinders[:, None], one.valid[:, None]), (other.cylinders[None], other.valid[None])
    here, there = first[0] & second[1], second[0] & first[1]
    many, few, apart = _count(here), _count(there), _count(here ^ there)
    known = _count(first[1] & second[1]) >= LEAST_SHARED * cylinder_bits()
    enough = known & (many >= LEAST_BITS) & (few >= LEAST_BITS)
    whole = np.sqrt(many, dtype=np.float32) + np.sqrt(few, dtype=np.float32)
    likeness = 1 - np.sqrt(apart, dtype=np.float32) / np.maximum(whole, 1)
    return np.where(enough, likeness, 0).astype(np.float32)


def _count(bits: Bits) -> Counts:
    return np.asarray(np.bitwise_count(bits).sum(2, dtype=np.int32))


def _direction_likeness(one: Surroundings, other: Surroundings) -> tuple[Floats, Floats]:
    """How alike the ridges' directions are, 0..1, and by which turn, in radians, they are most so.

    The sums go by einsum: a BLAS would wake its threads for them, which takes longer than they do.
    """
    assert one.around is not None and other.around is not None
    assert one.sure is not None and other.sure is not None
    x, y = one.around[:, :SAMPLES], one.around[:, SAMPLES:]
    u, v = other.around[:, :SAMPLES], other.around[:, SAMPLES:]
    weight = np.einsum("ik,jk->ij", one.sure, other.sure)
    along = np.einsum("ik,jk->ij", one.around, other.around)
    across = np.einsum("ik,jk->ij", y, u) - np.einsum("ik,jk->ij", x, v)
    likeness = np.where(weight > LEAST_SURE, np.hypot(along, across) / (weight + 1e-6), 0)
    return likeness.astype(np.float32), (0.5 * np.arctan2(across, along)).astype(np.float32)


def _best(likeness: Floats, turn: Floats) -> Resemblances:
    """The best pairs, those preferred that have no rivals."""
    top = min(4, *likeness.shape)
    rivals = [np.sort(likeness, axis).take(range(-top, 0), axis).mean(axis, keepdims=True) for axis in (0, 1)]
    ranked = (likeness - 0.25 * (rivals[0] + rivals[1])).ravel()
    chosen = np.argsort(-ranked, kind="stable")[:PAIRS]
    rows, cols = np.unravel_index(chosen, likeness.shape)
    return Resemblances(
        rows, cols, likeness[rows, cols].astype(np.float32), turn[rows, cols].astype(np.float32)
    )
