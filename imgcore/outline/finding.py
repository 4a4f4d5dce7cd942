"""Finds in a picture, those that are trusted and those that are not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from imgcore.outline.overlap import overlap_coefficient
from imgcore.types import Outline, Points

Floats = npt.NDArray[np.float64]

_APART = 0.3
"""Overlap of two outlines, as a share of the smaller one, from which only the first is reported."""


class Refusal(StrEnum):
    """Reasons for which finds are parts of a page."""

    PRINT = "print outside of it"
    BARE = "a side on bare paper"
    FRAME = "a printed frame"
    CONTINUED = "paper beyond a side"
    DRAWN = "drawn surfaces around it"


class RefusedOutline(NamedTuple):
    """Outline that is likelier a part of a page than a document, and the reason."""

    outline: Outline
    reason: Refusal


class Finding(NamedTuple):
    """Outlines found in a picture, and those that were found and not trusted.

    Attributes
    ----------
    outlines
        In reading order; empty where there is no document or no certain one.
    refused
        In reading order, too: likelier parts of a page that the picture is than documents.
    """

    outlines: tuple[Outline, ...] = ()
    refused: tuple[RefusedOutline, ...] = ()

    @property
    def outline(self) -> Outline | None:
        """The first outline."""
        return self.outlines[0] if self.outlines else None

    @property
    def doubted(self) -> tuple[RefusedOutline, ...]:
        """Refused outlines, the surest first."""
        return tuple(sorted(self.refused, key=lambda each: -each.outline.score))

    @property
    def reason(self) -> Refusal | None:
        """Reason of the first refusal; None where nothing was refused."""
        return self.refused[0].reason if self.refused else None


def told(outlines: Sequence[Outline], refused: Iterable[RefusedOutline]) -> Finding:
    """Return outlines with those refused elsewhere; of several that overlap, the first stays."""
    apart: list[RefusedOutline] = []
    for one in refused:
        others = [*outlines, *(each.outline for each in apart)]
        if all(_overlap(one.outline, other) < _APART for other in others):
            apart.append(one)
    return Finding(tuple(outlines), tuple(apart))


def trusting(finding: Finding) -> tuple[Finding, list[str]]:
    """Trust refused outlines, too; return with them why each was refused, empty for the others."""
    reasons = {id(each.outline): str(each.reason) for each in finding.refused}
    outlines = reading_order([*finding.outlines, *(each.outline for each in finding.refused)])
    return Finding(outlines), [reasons.get(id(outline), "") for outline in outlines]


def reading_order(outlines: Sequence[Outline]) -> tuple[Outline, ...]:
    """Sort outlines by rows from the top, left to right in each.

    A row is the topmost document left and all whose middle lies within its height.
    """
    waiting = sorted(outlines, key=lambda outline: float(outline.corners[:, 1].mean()))
    ordered: list[Outline] = []
    while waiting:
        low = waiting[0].corners[:, 1].min()
        high = waiting[0].corners[:, 1].max()
        row = [outline for outline in waiting if low <= outline.corners[:, 1].mean() <= high]
        ordered += sorted(row, key=lambda outline: float(outline.corners[:, 0].mean()))
        waiting = waiting[len(row) :]
    return tuple(ordered)


def clockwise(corners: Floats) -> Points:
    """Order corners clockwise, from the top left of the document as the picture shows it.

    The top side is the one that is most nearly level with the rest below it.
    """
    edges = np.roll(corners, -1, axis=0) - corners
    turn = edges[0, 0] * edges[1, 1] - edges[0, 1] * edges[1, 0]
    ordered = corners if turn > 0 else corners[::-1]
    edges = np.roll(ordered, -1, axis=0) - ordered
    level = edges[:, 0] / np.maximum(np.linalg.norm(edges, axis=1), 1e-9)
    # Averaged with the opposite side's, so that a tapered page reads by its middle.
    top = int((level - np.roll(level, 2)).argmax())
    return np.ascontiguousarray(np.roll(ordered, -top, axis=0), np.float32)


def _overlap(one: Outline, other: Outline) -> float:
    return overlap_coefficient(one.corners.astype(np.float64), other.corners.astype(np.float64))
