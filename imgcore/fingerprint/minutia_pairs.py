"""Pairs of minutiae of two fingers with similar descriptors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from imgcore.fingerprint.descriptors import SAMPLES, Bits, MinutiaDescriptors, cylinder_bits
from imgcore.fingerprint.template import Template

Floats = npt.NDArray[np.float32]
Counts = npt.NDArray[np.int32]

PAIRS = 60
"""Number of the best pairs that are kept."""
LEAST_SHARED = 0.4
"""Least share of a cylinder that both prints cover."""

LEAST_BITS = 6
"""Fewest bits of neighbours in a cylinder that is compared."""

LEAST_SURE = 6.0
"""Fewest samples of directions, weighted by coherence, that are compared."""

LARGEST_TURN = 1.25
"""Largest rotation between two fingers in radians."""

LARGEST_CORRECTION = 0.5
"""Largest rotation in radians by which ridges may correct that of two minutiae's directions."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MinutiaPairs:
    """Pairs of minutiae with the most similar descriptors, best first.

    Attributes
    ----------
    one, other
        intp ``(k,)``, numbers of the minutiae.
    similarity
        float32 ``(k,)``, 0..1.
    turn
        float32 ``(k,)``, rotation of the other finger in radians, x right and y down.
    """

    one: npt.NDArray[np.intp]
    other: npt.NDArray[np.intp]
    similarity: Floats
    turn: Floats

    def __len__(self) -> int:
        return len(self.one)


def match_descriptors(one: Template, other: Template) -> MinutiaPairs:
    """Compare the descriptors of all minutiae of one finger with those of another."""
    neighbours = cylinder_similarity(one.descriptors, other.descriptors)
    turn = np.radians(other.angles)[None] - np.radians(one.angles)[:, None]
    if one.descriptors.orientations is None or other.descriptors.orientations is None:
        similarity = neighbours
        correction = np.zeros_like(neighbours)
    else:
        ridges, correction = _orientation_similarity(one.descriptors, other.descriptors)
        similarity = np.maximum(neighbours, 0.05) * np.square(ridges)
    turn = turn + correction
    possible = (np.cos(turn) > np.cos(LARGEST_TURN)) & (np.abs(correction) < LARGEST_CORRECTION)
    return _best(np.where(possible, similarity, 0), turn)


def cylinder_similarity(one: MinutiaDescriptors, other: MinutiaDescriptors) -> Floats:
    """Similarity ``(n, m)`` of the cylinders, 0..1; 0 with too little in common."""
    first = (one.cylinders[:, None], one.valid[:, None])
    second = (other.cylinders[None], other.valid[None])
    here = first[0] & second[1]
    there = second[0] & first[1]
    many = _count(here)
    few = _count(there)
    apart = _count(here ^ there)
    known = _count(first[1] & second[1]) >= LEAST_SHARED * cylinder_bits()
    enough = known & (many >= LEAST_BITS) & (few >= LEAST_BITS)
    whole = np.sqrt(many, dtype=np.float32) + np.sqrt(few, dtype=np.float32)
    similarity = 1 - np.sqrt(apart, dtype=np.float32) / np.maximum(whole, 1)
    return np.where(enough, similarity, 0).astype(np.float32)


def _count(bits: Bits) -> Counts:
    return np.asarray(np.bitwise_count(bits).sum(2, dtype=np.int32))


def _orientation_similarity(one: MinutiaDescriptors, other: MinutiaDescriptors) -> tuple[Floats, Floats]:
    """Similarity of the ridge orientations, 0..1, and the rotation in radians at which it is highest.

    The sums go by einsum: a BLAS would wake its threads for them, which takes longer than they do.
    """
    assert one.orientations is not None and other.orientations is not None
    assert one.coherences is not None and other.coherences is not None
    x = one.orientations[:, :SAMPLES]
    y = one.orientations[:, SAMPLES:]
    u = other.orientations[:, :SAMPLES]
    v = other.orientations[:, SAMPLES:]
    weight = np.einsum("ik,jk->ij", one.coherences, other.coherences)
    along = np.einsum("ik,jk->ij", one.orientations, other.orientations)
    across = np.einsum("ik,jk->ij", y, u) - np.einsum("ik,jk->ij", x, v)
    similarity = np.where(weight > LEAST_SURE, np.hypot(along, across) / (weight + 1e-6), 0)
    return similarity.astype(np.float32), (0.5 * np.arctan2(across, along)).astype(np.float32)


def _best(similarity: Floats, turn: Floats) -> MinutiaPairs:
    """Select the best pairs, unambiguous ones first."""
    top = min(4, *similarity.shape)
    rivals = [
        np.sort(similarity, axis).take(range(-top, 0), axis).mean(axis, keepdims=True) for axis in (0, 1)
    ]
    ranked = (similarity - 0.25 * (rivals[0] + rivals[1])).ravel()
    filter_numbers = np.argsort(-ranked, kind="stable")[:PAIRS]
    rows, cols = np.unravel_index(filter_numbers, similarity.shape)
    return MinutiaPairs(
        rows, cols, similarity[rows, cols].astype(np.float32), turn[rows, cols].astype(np.float32)
    )
