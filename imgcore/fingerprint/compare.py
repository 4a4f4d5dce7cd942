"""Comparison of fingerprints."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imgcore.fingerprint.minutia_alignment import align
from imgcore.fingerprint.minutia_pairs import match_descriptors
from imgcore.fingerprint.registration import register
from imgcore.fingerprint.ridge_scores import score_ridges
from imgcore.fingerprint.similarity import MINUTIAE, RIDGES, Scale, Vector, similarity
from imgcore.fingerprint.template import Template


def compare(probe: Template | Sequence[Template], enrolled: Sequence[Template]) -> float:
    """Compare views of two fingers.

    Parameters
    ----------
    probe
        One view of a finger, or several.
    enrolled
        Views it is compared with; of all pairs the best counts.

    Returns
    -------
    float
        Similarity 0..1; of different fingers, one in 10 000 reaches 0.9.
    """
    views = [probe] if isinstance(probe, Template) else probe
    pairs = [(one, other) for one in views for other in enrolled]
    return similarity([neg_log_fmr(one, other) for one, other in pairs])


def neg_log_fmr(one: Template, other: Template) -> float:
    """Minus the logarithm to base 10 of the false match rate at the score of two views."""
    scale, features = comparison_scores(one, other)
    return scale.neg_log_fmr(scale.score(features))


def comparison_scores(one: Template, other: Template) -> tuple[Scale, Vector]:
    """Compute the features of one comparison, and select the scale for them."""
    if min(len(one), len(other)) == 0:
        return MINUTIAE, np.zeros(len(MINUTIAE.weights))
    one, other = sorted((one, other), key=_extent)
    pairs = match_descriptors(one, other)
    aligned = align(one, other, pairs)
    if one.ridges is None or other.ridges is None:
        return MINUTIAE, np.array([aligned.similarity, aligned.support, aligned.found])
    seen = score_ridges(one, other, register(one, other, pairs))
    figures = (seen.share, seen.minutiae, seen.found, aligned.similarity, aligned.found)
    return RIDGES, np.array(figures)


def _extent(finger: Template) -> tuple[int, int]:
    """Sort key by size: the smaller print is registered on the larger, whichever comes first."""
    return (int(finger.descriptors.known.sum()), len(finger))
