"""Whether two prints are of one finger."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from imgcore.fingerprint.constellation import align
from imgcore.fingerprint.evidence import weigh
from imgcore.fingerprint.growth import follow
from imgcore.fingerprint.resemblance import resemblances
from imgcore.fingerprint.similarity import MINUTIAE, RIDGES, Scale, Vector, similarity
from imgcore.fingerprint.template import Template


def compare(probe: Template | Sequence[Template], enrolled: Sequence[Template]) -> float:
    """How surely prints are of one finger.

    Parameters
    ----------
    probe
        One view of a finger, or several.
    enrolled
        The views it is compared with; each with each, the best counts.

    Returns
    -------
    float
        0..1; of different fingers, one in 10 000 reaches 0.9.
    """
    views = [probe] if isinstance(probe, Template) else probe
    pairs = [(one, other) for one in views for other in enrolled]
    return similarity([rarity(one, other) for one, other in pairs])


def rarity(one: Template, other: Template) -> float:
    """Minus the logarithm to base 10 of how often different fingers agree as much."""
    scale, evidence = collect(one, other)
    return scale.rare(scale.answer(evidence))


def collect(one: Template, other: Template) -> tuple[Scale, Vector]:
    """The evidence of one comparison, and the scale it goes with."""
    if min(len(one), len(other)) == 0:
        return MINUTIAE, np.zeros(len(MINUTIAE.weights))
    one, other = sorted((one, other), key=_extent)
    pairs = resemblances(one, other)
    aligned = align(one, other, pairs)
    if one.ridges is None or other.ridges is None:
        return MINUTIAE, np.array([aligned.likeness, aligned.support, aligned.found])
    seen = weigh(one, other, follow(one, other, pairs))
    figures = (seen.share, seen.minutiae, seen.found, aligned.likeness, aligned.found)
    return RIDGES, np.array(figures)


def _extent(finger: Template) -> tuple[int, int]:
    """The smaller print is laid on the larger, whichever is asked for first."""
    return (int(finger.surroundings.known.sum()), len(finger))
