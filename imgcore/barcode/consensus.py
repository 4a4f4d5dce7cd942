"""Consensus between the texts read from several strips by several prefilters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imgcore.barcode.code import Symbology

PICTURE = -1
"""Number of the strip of votes that come from the whole picture."""

_CHECKED = frozenset({Symbology.CODE_128, Symbology.GS1_128, Symbology.CODE_93, Symbology.QR})
"""Symbologies whose check characters leave fewer than one wrong reading of a hundred."""
_PARTIAL = frozenset({Symbology.EAN_8, Symbology.UPC_E, Symbology.ITF})
"""Symbologies that parts of other codes are taken for."""
_SHORT = {Symbology.ITF: 6, Symbology.CODE_39: 3, Symbology.CODABAR: 6}
"""Length of a symbology's texts below which they need more strips than usual: bars of anything else give such
texts."""
_AHEAD = 2
"""Least ratio of the votes to those of the best other text in the same place."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One reading of a text.

    Attributes
    ----------
    start, end
        Positions of its first and last bar along the field, in the order of reading.
    strip, prefilter
        Number of the strip, and name of the filter applied to it.
    """

    text: str
    symbology: Symbology
    start: float
    end: float
    strip: int
    prefilter: str
    alternatives: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()

    @property
    def span(self) -> tuple[float, float]:
        """`start` and `end` from left to right."""
        return min(self.start, self.end), max(self.start, self.end)


def needs_consensus(symbology: Symbology) -> bool:
    """Return whether one reading of a symbology is not enough."""
    return symbology not in _CHECKED


def consensus(votes: Iterable[Vote]) -> tuple[Vote, ...]:
    """Return one vote of each text with a consensus, the best supported first.

    A text needs two votes; kinds without strong check characters need three, from two strips, and
    twice as many as any other text in the same place.
    """
    texts: dict[tuple[str, Symbology], list[Vote]] = {}
    for vote in votes:
        texts.setdefault((vote.text, _family(vote.symbology)), []).append(vote)
    ranked = sorted(texts.values(), key=lambda group: -_weight(group))
    kept: list[list[Vote]] = []
    for group in ranked:
        rivals = [
            other for other in ranked if other is not group and overlap(_best(other).span, _best(group).span)
        ]
        if _enough(group) and all(_beats(group, other) for other in rivals):
            kept.append(group)
    return tuple(_best(group) for group in kept)


def clear_consensus(votes: Sequence[Vote]) -> tuple[Vote, ...]:
    """Return the texts with a consensus so clear that further filters are idle."""
    return tuple(best for best in consensus(votes) if _strips(_same_text(votes, best)) >= 3)


def overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Return whether more than a third of the shorter span lies within the other."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared > min(one[1] - one[0], other[1] - other[0]) / 3


def is_part(one: Vote, other: Vote) -> bool:
    """Return whether the first is of a symbology read from parts of others, and lies within the second."""
    inside = overlap(one.span, other.span)
    longer = other.span[1] - other.span[0] > 1.1 * (one.span[1] - one.span[0])
    return inside and longer and one.symbology in _PARTIAL


def _family(symbology: Symbology) -> Symbology:
    return Symbology.CODE_128 if symbology is Symbology.GS1_128 else symbology


def _same_text(votes: Iterable[Vote], best: Vote) -> list[Vote]:
    return [
        vote
        for vote in votes
        if vote.text == best.text and _family(vote.symbology) is _family(best.symbology)
    ]


def _strips(group: Iterable[Vote]) -> int:
    return len({vote.strip for vote in group})


def _weight(group: Sequence[Vote]) -> int:
    return len({(vote.strip, vote.prefilter) for vote in group})


def _enough(group: Sequence[Vote]) -> bool:
    first = group[0]
    if len(first.text) < _SHORT.get(first.symbology, 0):
        return _strips(group) >= 4
    if not needs_consensus(first.symbology):
        return _weight(group) >= 2
    return _weight(group) >= 3 and _strips(group) >= 2


def _beats(group: Sequence[Vote], other: Sequence[Vote]) -> bool:
    if is_part(_best(group), _best(other)) and _enough(other):
        return False
    if is_part(_best(other), _best(group)):
        return True
    stronger = needs_consensus(other[0].symbology) and not needs_consensus(group[0].symbology)
    return stronger or _weight(group) >= _AHEAD * _weight(other)


def _best(group: Sequence[Vote]) -> Vote:
    """Choose a vote of median length; GS1 if there is one, as engines without GS1 report plain Code 128."""
    special = [vote for vote in group if vote.symbology is Symbology.GS1_128] or list(group)
    within = [vote for vote in special if vote.strip != PICTURE] or special
    return sorted(within, key=lambda vote: abs(vote.end - vote.start))[len(within) // 2]
