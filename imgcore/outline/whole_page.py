"""Judgement of finds against the hypothesis that the picture is the page.

Finders look for what a document is like. This measures what no document leaves outside, and what no desk
shows: print on the paper around it, paper that goes on beyond its sides, a frame that is printed, surfaces
that are drawn. Finds that are likelier parts of a page are refused, each by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from imgcore.outline.scoring.page_evidence import NAMES, measure_evidence
from imgcore.outline.scoring.page_score import USUAL, document_log_odds
from imgcore.types import Image

Floats = npt.NDArray[np.float64]

MIN_LOG_ODDS = -2.4
"""Logarithm of the odds from which a find is a document. It lies below 0 as the fit weighed pages more,
on desks plainer than real ones: real documents lie above, pages below (decision 62)."""
_CONTINUED = 0.85
"""Share along which a sheet's edges are seen beyond a side, from which it is cut there."""


class Refusal(StrEnum):
    """Reasons for which finds are parts of a page."""

    PRINT = "print outside of it"
    BARE = "a side on bare paper"
    FRAME = "a printed frame"
    CONTINUED = "paper beyond a side"
    DRAWN = "drawn surfaces around it"


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
        for own, odds in zip(evidence, document_log_odds(evidence), strict=True)
    ]


def documents_odds(small: Image, quads: Sequence[Floats]) -> Floats:
    """Logarithms of the odds that finds, all there are, are documents and no parts of a page."""
    return document_log_odds(measure_evidence(small, quads))


def likeliest_reason(small: Image, quad: Floats) -> Refusal:
    """Return the reason for which a find is no document, where something else than this says so."""
    return _reason(measure_evidence(small, [quad])[0])


def _reason(evidence: Floats) -> Refusal:
    if evidence[NAMES.index("goes_on")] >= _CONTINUED:
        return Refusal.CONTINUED
    usual = np.stack([_without(evidence, names) for names in _EVIDENCE.values()])
    return tuple(_EVIDENCE)[int(document_log_odds(usual).argmax())]


def _without(evidence: Floats, names: Sequence[str]) -> Floats:
    """Return evidence in which some is as usual for documents."""
    columns = [NAMES.index(name) for name in names]
    changed = evidence.copy()
    changed[columns] = USUAL[columns]
    return changed
