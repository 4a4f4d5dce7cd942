"""Judgement of finds against the hypothesis that the picture is the page.

Finders look for what a document is like. This measures what no document leaves outside, and what no desk
shows: print on the paper around it, paper that goes on beyond its sides, a frame that is printed, surfaces
that are drawn. Finds that are likelier parts of a page are refused, each by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.outline.finding import Refusal, RefusedOutline, clockwise
from imgcore.outline.judge.scores import USUAL, page_log_odds
from imgcore.outline.measure.page_evidence import NAMES, measure_evidence
from imgcore.outline.overlap import iou, overlap_coefficient
from imgcore.outline.propose.candidates import Proposal
from imgcore.outline.refine import refine_quad
from imgcore.types import Image, Outline, Points

Floats = npt.NDArray[np.float64]

MIN_LOG_ODDS = -2.4
"""Logarithm of the odds from which a find is a document. It lies below 0 as the fit weighed pages more,
on desks plainer than real ones: real documents lie above, pages below (decision 62)."""
_CONTINUED = 0.85
"""Share along which a sheet's edges are seen beyond a side, from which it is cut there."""
_LARGER = 1.15
"""Area of a candidate, as a multiple of that of a refused one, below which it may be a part of it."""
_HELD = 0.9
"""Share of the smaller of two outlines that they have in common, from which it is a part of the other."""
_ALIKE = 0.95
"""Intersection over union from which a candidate is the one that was refused."""
_PARTS = 3
"""Number of candidates inside of refused ones that are judged in one picture: what was refused may be the
desk that they lie on, or their own document with less exact corners."""
_CLEAR = 1.5
"""Logarithm of the odds from which a candidate inside of a refused one is trusted."""
_TRIED = 3
"""Number of candidates of one search that are judged until one is trusted."""


_EVIDENCE: dict[Refusal, tuple[str, ...]] = {
    Refusal.PRINT: ("words", "contrast", "clear", "edges", "aligned"),
    Refusal.BARE: (
        *("bare_side", "bare", "weakest_step", "step", "outside_paper", "rim_paper"),
        *("followed", "followed_all", "end", "third_end", "agreed", "agreed_mean", "strays"),
    ),
    Refusal.FRAME: ("ruled", "second_ruled", "desk_inside"),
    Refusal.DRAWN: ("flat", "flat_all", "turn", "skew", "taper", "texture", "saturation", "out_saturation"),
}
"""Evidence by which each reason for a refusal is told."""


def judge_whole_page(
    small: Image, quads: Sequence[Floats], least: float = MIN_LOG_ODDS
) -> list[Refusal | None]:
    """Return for each find the reason for which it is a part of a page that is the picture; None without one.

    Parameters
    ----------
    small
        BGR or grey, reduced to some 250 to 550 px on the long side.
    quads
        Each ``(4, 2)``, in pixels of `small`: all that is to be cut out of one picture.
    least
        Logarithm of the odds from which a find is a document.
    """
    if not quads:
        return []
    evidence = measure_evidence(small, quads)
    return [
        None if odds >= least else _reason(own)
        for own, odds in zip(evidence, page_log_odds(evidence), strict=True)
    ]


def documents_odds(small: Image, quads: Sequence[Floats]) -> Floats:
    """Logarithms of the odds that finds, all there are, are documents and no parts of a page."""
    return page_log_odds(measure_evidence(small, quads))


def likeliest_reason(small: Image, quad: Floats) -> Refusal:
    """Return the likeliest reason for which a find that is doubted elsewhere is no document."""
    return _reason(measure_evidence(small, [quad])[0])


def _reason(evidence: Floats) -> Refusal:
    if evidence[NAMES.index("goes_on")] >= _CONTINUED:
        return Refusal.CONTINUED
    usual = np.stack([_without(evidence, names) for names in _EVIDENCE.values()])
    return tuple(_EVIDENCE)[int(page_log_odds(usual).argmax())]


def _without(evidence: Floats, names: Sequence[str]) -> Floats:
    """Return evidence with the named measures at their usual values for documents."""
    columns = [NAMES.index(name) for name in names]
    changed = evidence.copy()
    changed[columns] = USUAL[columns]
    return changed


class Found(NamedTuple):
    """Outline that is no part of a page, and the proposal that it was."""

    outline: Outline
    proposal: Proposal


class WholePageJudge:
    """Check of what is found in one picture; if a proposal is refused, the next one is checked.

    Parameters
    ----------
    image
        The full picture.
    small, factor
        The picture reduced to some 250 to 550 px, and the scale of its reduction in x and y.
    reach
        Pixels of `image` within which a side's edge is looked for.

    Attributes
    ----------
    refused
        Outlines refused so far.
    """

    def __init__(self, image: Image, small: Image, factor: Floats, reach: float) -> None:
        self._image = image
        self._small = small
        self._factor = factor
        self._reach = reach
        self.refused: list[RefusedOutline] = []
        self._parts = _PARTS

    def first_of(self, search: Sequence[Proposal]) -> Found | None:
        """Return the first proposal of a search that is no part of a page; none if the search is unsure."""
        return self.first(search) if search and search[0].likely else None

    def first(self, proposals: Iterable[Proposal]) -> Found | None:
        """Return the first proposal that is no part of a page, nor of what was refused before it."""
        tried = 0
        for proposal in proposals:
            if self._is_new(proposal):
                tried += 1
                outline = self._refined(proposal)
                if self.trusted([outline]):
                    return Found(outline, proposal)
            if tried == _TRIED:
                break
        return None

    def trusted(self, outlines: Sequence[Outline]) -> list[Outline]:
        """Return the outlines that are no parts of a page, and keep the others as refused."""
        reasons = judge_whole_page(self._small, [self._to_small(outline.corners) for outline in outlines])
        judged = list(zip(outlines, reasons, strict=True))
        self.refused += [RefusedOutline(outline, reason) for outline, reason in judged if reason]
        return [outline for outline, reason in judged if reason is None]

    def is_doubted(self, corners: Floats) -> bool:
        """Return whether a candidate was refused, or lies inside of what was and is not certain by itself."""
        wholes = [refused.outline.corners for refused in self.refused]
        wholes = [whole for whole in wholes if _is_part(corners, whole)]
        if not wholes:
            return False
        if not self._parts or any(iou(corners, whole.astype(np.float64)) > _ALIKE for whole in wholes):
            return True
        self._parts -= 1
        return judge_whole_page(self._small, [self._to_small(corners)], _CLEAR) != [None]

    def _is_new(self, proposal: Proposal) -> bool:
        return not self.is_doubted(proposal.corners) and (
            proposal.likely
            or any(
                overlap_coefficient(proposal.corners, refused.outline.corners.astype(np.float64)) > _HELD
                for refused in self.refused
                if refused.reason is Refusal.CONTINUED
            )
        )

    def _to_small(self, corners: Floats | Points) -> Floats:
        return np.asarray((corners + 0.5) / self._factor - 0.5, np.float64)

    def _refined(self, proposal: Proposal) -> Outline:
        corners = refine_quad(self._image, proposal.corners, proposal.on_border, self._reach)
        return Outline(clockwise(corners), proposal.score)


def _is_part(one: Floats, other: Points) -> bool:
    areas = [cv2.contourArea(quad.astype(np.float32)) for quad in (one, other)]
    return areas[0] < _LARGER * areas[1] and overlap_coefficient(one, other.astype(np.float64)) > _HELD
