"""Scores of candidates: by their features, among the others, against devices, and against parts of a page.

Features of lines and regions are weighed alone, for they are seen without nets. The other scores are networks
with one hidden layer. All are fitted: the README of ``models/training`` tells from what.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from imgcore.outline.judge.weights import ScoringNet, weights_of
from imgcore.outline.measure import candidate_context, device_evidence, page_evidence
from imgcore.outline.measure.candidate_context import measure_context
from imgcore.outline.measure.device_evidence import measure_devices
from imgcore.outline.overlap import PairwiseOverlap
from imgcore.outline.propose import features
from imgcore.outline.propose.candidates import Candidates, ReducedPicture
from imgcore.outline.propose.segmentation import DocumentMaps
from imgcore.types import Image

Floats = npt.NDArray[np.float64]

CANDIDATE_LOG_ODDS = -1.0
"""Logarithm of the odds from which a candidate by the segmentation may be a document. Measured on made desks:
below even odds, as of a document's many candidates none may be exact."""
_BEYOND_DOUBT = 0.99
"""Confidence beyond which overlapping candidates count as equally likely."""
_POSSIBLE = -4.0
"""Logarithm of the odds above which a candidate may be a document at all, and is compared with others."""
_COMPARED = 150
"""Number of candidates that are compared, the likeliest first."""
_NOT_COMPARED = -9.0
"""Logarithm of the odds of a candidate that is not compared."""
_ALONE = 0.75
"""Weight of a candidate's odds by itself; the rest is that of its odds among the others. Measured on
photographs."""
_LOWERED = 4.0
"""Logarithm of the odds by which the other candidates may lower those of one by itself, at most. Measured on
photographs: the odds are fitted on made desks, and lose real documents that look otherwise."""
_REAL = 0.8
"""Logarithm of the odds by which documents are likelier than the scores say, which are fitted on made desks
and lose real documents that look otherwise. Measured on photographs; the check of whole pages behind them
keeps pages and desks out."""
_DOUBT = -1.0
"""Logarithm of the odds to be no device below which a candidate becomes less likely. One in 12 real documents
lies below, of other sources than those learnt from, and 8 in 10 made devices."""
_DEVICE_WEIGHT = 2.0
"""Weight of the doubt that a candidate is a device in the logarithm of its odds: a keyboard may be a document
beyond doubt for the other scores."""
_ONE_THING = 0.7
"""Intersection over union above which candidates are of one thing. Their mean counts, the likelier ones more:
the sides of some hide what others show."""
_FEATURE_WEIGHTS = weights_of("features", features.NAMES)
"""Weights of each feature in the rank, in the odds of a page and in those of a region, with their offsets."""
_CONTEXT_NET = ScoringNet(**weights_of("context", candidate_context.NAMES))
"""Network that scores a candidate among others."""
_DEVICE_NET = ScoringNet(**weights_of("device", device_evidence.NAMES))
"""Network that tells documents from devices."""
_PAGE_WEIGHTS = weights_of("page", page_evidence.NAMES)
"""Weights of the network for evidence of pages, and the median of each evidence."""
USUAL = _PAGE_WEIGHTS.pop("usual")
"""Median of each evidence over documents."""
_PAGE_NET = ScoringNet(**_PAGE_WEIGHTS)
"""Network that tells documents from parts of a page that is the whole picture."""


def ranking_score(features: Floats) -> Floats:
    """Score that ranks the candidates of one picture; higher for what is more likely the page."""
    return np.asarray(features @ _FEATURE_WEIGHTS["rank"])


def confidence(features: Floats) -> Floats:
    """Likelihood 0..1 that the highest-ranking candidate is a document; comparable between pictures."""
    return _likelihood(features, "page")


def region_confidence(features: Floats) -> Floats:
    """Likelihood 0..1 that a region is a document; comparable between pictures and with `confidence`."""
    return _likelihood(features, "region")


def _likelihood(features: Floats, kind: str) -> Floats:
    odds = features @ _FEATURE_WEIGHTS[kind] + _FEATURE_WEIGHTS[f"{kind}_offset"]
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -40, 40))))


def overlap_priority(scores: Floats, area_fractions: Floats) -> Floats:
    """Priority among candidates that overlap: by their odds, the larger one first.

    Parameters
    ----------
    scores
        Confidences, 0..1.
    area_fractions
        Areas, as shares of the picture.
    """
    # Beyond doubt is enough: a photograph on a page may look even more like a page than the page.
    likely = np.minimum(scores, _BEYOND_DOUBT)
    return np.asarray(np.log(likely / (1 - likely) + 1e-12) + np.log(area_fractions + 1e-9))


def page_log_odds(evidence: Floats) -> Floats:
    """Logarithm of the odds ``(q,)`` that finds are documents, not parts of a page that is the whole picture.

    Parameters
    ----------
    evidence
        ``(q, len(NAMES))``, as `imgcore.outline.measure.page_evidence` measures it.
    """
    return _PAGE_NET.log_odds(evidence)


def segmented_log_odds(
    net: ScoringNet,
    reduced: ReducedPicture,
    candidates: Candidates,
    shape: tuple[int, ...],
    maps: DocumentMaps,
) -> Floats:
    """Logarithm of the odds ``(q,)`` of candidates by the segmentation, alone and among the others.

    Parameters
    ----------
    net
        Scores candidates by themselves.
    reduced
        The picture as they were searched in it.
    shape
        Shape of the full picture.
    """
    alone = net.log_odds(candidates.features)
    among = odds_in_context(candidates.corners, alone, shape, maps)
    # On real desks documents are likelier than the odds by either, which are fitted on made ones.
    odds = _ALONE * alone + (1 - _ALONE) * np.maximum(among, alone - _LOWERED) + _REAL
    return without_devices(reduced.small, reduced.to_small(candidates.corners), odds, CANDIDATE_LOG_ODDS)


def odds_in_context(corners: Floats, odds: Floats, shape: tuple[int, ...], net_maps: DocumentMaps) -> Floats:
    """Return logarithms of odds ``(n,)`` of candidates ``(n, 4, 2)``, given those of each by itself."""
    chosen = pool(odds)
    measures = measure_context(corners[chosen], odds[chosen], shape, net_maps)
    among = np.full(len(odds), _NOT_COMPARED)
    among[chosen] = _CONTEXT_NET.log_odds(measures)
    return among


def pool(odds: Floats) -> npt.NDArray[np.int64]:
    """Select the candidates that are compared, the likeliest first."""
    order = np.argsort(-odds, kind="stable")[:_COMPARED]
    return np.asarray(order[odds[order] > _POSSIBLE], np.int64)


def without_devices(small: Image, quads: Floats, odds: Floats, least: float) -> Floats:
    """Return the odds ``(n,)`` of candidates ``(n, 4, 2)``, lower where they look like devices.

    Parameters
    ----------
    small
        BGR or grey, some 400 to 700 px on the long side.
    quads
        In pixels of `small`.
    odds
        Logarithms.
    least
        Logarithm of the odds from which candidates are looked at; some 0.6 ms each.
    """
    likely = np.flatnonzero(odds >= least)
    if not len(likely):
        return odds
    device = _DEVICE_NET.log_odds(measure_devices(small, quads[likely]))
    weight = (PairwiseOverlap(quads[likely]).union > _ONE_THING) / (1 + np.exp(-odds[likely]))
    mean = (weight * device).sum(axis=1) / weight.sum(axis=1)
    lower = odds.copy()
    lower[likely] += _DEVICE_WEIGHT * np.minimum(mean - _DOUBT, 0)
    return lower
