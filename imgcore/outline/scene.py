"""A picture, and what is proposed in it: each search is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.outline.judge.scores import (
    CANDIDATE_LOG_ODDS,
    confidence,
    overlap_priority,
    ranking_score,
    region_confidence,
    segmented_log_odds,
)
from imgcore.outline.judge.weights import ScoringNet
from imgcore.outline.overlap import area_fractions, iou
from imgcore.outline.propose.candidates import (
    SEARCH_SIDE,
    Candidates,
    Proposal,
    ReducedPicture,
    reduce_picture,
    search_documents,
    search_quads,
    search_regions,
)
from imgcore.outline.propose.quads import is_aslant
from imgcore.outline.propose.segmentation import DocumentMaps, segment_documents
from imgcore.outline.refine import reach_in
from imgcore.types import Image, Net

Floats = npt.NDArray[np.float64]

MIN_CONFIDENCE = 0.5
"""Confidence from which a quadrilateral of lines counts as a document."""
MIN_SIDE = 16
"""Pixels of the shorter side below which a picture holds no page."""
_ASLANT = 0.75
"""Confidence from which a candidate that the picture's border cuts aslant counts as a document: screens and
rooms have such sides, too."""
_MIN_REGION_CONFIDENCE = 0.8
"""Confidence from which a region that stands in for a page counts as a document: on a page that fills the
picture, a block of text may look like one, and cutting that out would lose the rest."""
_COARSER = 370
"""Long side of the second search, in pixels: of white paper on white, more edges stand out from the noise."""
_COMPARED = 60
"""Number of proposals of one search that are kept, the highest-ranking first."""
_EACH = 4
"""Number of proposals of each search that are judged."""
_ALIKE = 0.93
"""Intersection over union from which two proposals of one search are alike, and the second is left out."""
_SAME = 0.98
"""Intersection over union from which proposals of different searches are the same: the second of two that
nearly agree may be better."""


@dataclass(frozen=True, slots=True, eq=False)
class DocumentNets:
    """Networks that find documents; `scoring` and `segmentation` work only together.

    Attributes
    ----------
    scoring
        Scores candidates by the segmentation.
    segmentation
        Segments the picture into documents, see `imgcore.outline.propose.segmentation`.
    verification
        Sees candidates in the picture, see `imgcore.outline.measure.view`; without it measures decide.
    """

    OPENED: ClassVar = ("segmentation", "verification")

    scoring: ScoringNet
    segmentation: Net
    verification: Net | None = None


class Segmented(NamedTuple):
    """Candidates by the segmentation, the logarithms of their odds, and the net's maps."""

    reduced: ReducedPicture
    candidates: Candidates
    odds: Floats
    net_maps: DocumentMaps


class Scene:
    """A picture of `MIN_SIDE` or more, and the proposals of each search in it, the highest-ranking first."""

    def __init__(self, image: Image, nets: DocumentNets | None = None) -> None:
        self.image = image
        self.nets = nets
        self.reach = reach_in(image)
        """Pixels of the full picture within which a side's edge is looked for."""

    @cached_property
    def reduced(self) -> ReducedPicture:
        """The picture as lines and regions are searched in it."""
        return reduce_picture(self.image)

    @cached_property
    def by_lines(self) -> Sequence[Proposal]:
        """Proposals of the search for lines."""
        return pages(search_quads(self.reduced))

    @cached_property
    def by_coarse_lines(self) -> Sequence[Proposal]:
        """Proposals of the search for lines in a smaller picture."""
        return pages(search_quads(reduce_picture(self.image, _COARSER)))

    @cached_property
    def by_regions(self) -> Sequence[Proposal]:
        """Proposals of the search for regions."""
        return regions(search_regions(self.reduced), self.image.shape)

    @cached_property
    def segmented(self) -> Segmented | None:
        """Candidates by the segmentation; None without its nets."""
        if self.nets is None:
            return None
        return segmented(reduce_picture(self.image, SEARCH_SIDE), self.nets, self.image.shape)

    @cached_property
    def by_segmentation(self) -> Sequence[Proposal]:
        """Proposals of the segmentation, with the logarithms of their odds as scores."""
        if self.segmented is None:
            return ()
        candidates = self.segmented.candidates
        odds = self.segmented.odds
        return [
            Proposal(
                candidates.corners[number],
                candidates.on_border[number],
                float(odds[number]),
                bool(odds[number] >= CANDIDATE_LOG_ODDS),
            )
            for number in np.argsort(-odds, kind="stable")[:_COMPARED].tolist()
        ]

    def proposals(self) -> list[Proposal]:
        """Return the first few of each search, those that differ."""
        searches = (self.by_lines, self.by_coarse_lines, self.by_regions, self.by_segmentation)
        found: list[Proposal] = []
        for search in searches:
            own = differing(search)
            found += [one for one in own if all(iou(one.corners, other.corners) < _SAME for other in found)]
        return found


def differing(search: Sequence[Proposal]) -> list[Proposal]:
    """Return the first few proposals of one search, those that differ."""
    found: list[Proposal] = []
    for proposal in search:
        if all(iou(proposal.corners, other.corners) < _ALIKE for other in found):
            found.append(proposal)
        if len(found) == _EACH:
            break
    return found


def pages(candidates: Candidates) -> list[Proposal]:
    """Return candidates for the page, the highest-ranking first."""
    aslant = is_aslant(candidates.corners, candidates.on_border)
    candidates = candidates[np.flatnonzero(~aslant | (confidence(candidates.features) >= _ASLANT))]
    ranks = ranking_score(candidates.features)
    return _proposals(candidates, ranks, confidence(candidates.features), MIN_CONFIDENCE)


def regions(candidates: Candidates, shape: tuple[int, ...]) -> list[Proposal]:
    """Return pages that lines miss: small ones, and those among many other lines."""
    scores = region_confidence(candidates.features)
    priorities = overlap_priority(scores, area_fractions(candidates.corners, shape))
    return _proposals(candidates, priorities, scores, _MIN_REGION_CONFIDENCE)


def _proposals(candidates: Candidates, ranks: Floats, scores: Floats, least: float) -> list[Proposal]:
    """Return candidates by rank; those whose score reaches the least are likely."""
    return [
        Proposal(
            np.asarray(candidates.corners[number], np.float64),
            candidates.on_border[number],
            float(scores[number]),
            bool(scores[number] >= least),
        )
        for number in np.argsort(-ranks, kind="stable")[:_COMPARED]
    ]


def segmented(reduced: ReducedPicture, nets: DocumentNets, shape: tuple[int, ...]) -> Segmented:
    """Segment a picture that was reduced to `SEARCH_SIDE` into candidates."""
    net_maps = segment_documents(nets.segmentation, reduced.small, reduced.factor)
    candidates = search_documents(reduced, net_maps)
    odds = segmented_log_odds(nets.scoring, reduced, candidates, shape, net_maps)
    return Segmented(reduced, candidates, odds, net_maps)
