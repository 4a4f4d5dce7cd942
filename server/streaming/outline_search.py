"""Outlines of a preview: quickly found while things move, those of a capture once they rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from imgcore.jpeg import Workspace
from imgcore.outline.desk.memory import DeskMemory
from imgcore.types import CropOutcome, CropState, DoubtedCrop, Points, Prior, quad_of
from server.devices.ports.camera import Frame, Size
from server.streaming.painter import Overlay, Variant, eighth
from server.streaming.pixels import EIGHTH, ChangeDetector, Thumbnail
from server.streaming.quick_search import FullFind, GetDocumentNets, QuickFind, QuickSearch

AGAIN_SECONDS = 2.0
"""Interval of quick searches in an unchanging scene that no full search has seen."""
FULL_SECONDS = 1.0
"""Least interval of full searches."""
PATIENCE_SECONDS = 4.0
"""Longest interval of full searches of a scene that never rests and in which no document is found."""
HOLD_SECONDS = 0.6
"""Time that the last outline stays when nothing is found, so that a passing hand does not make it blink."""
STEADY = 2
"""Quick searches in a row with the same find, from which a page rests though the light flickers."""
JUMP = 0.005
"""Share of a document's extent: larger moves are drawn in full, smaller ones may be noise and are halved."""


NOTHING = CropOutcome(CropState.WHOLE, reason="no page was found")


class FullRequest(NamedTuple):
    """Request for a full search: the find of the quick one in the same scene, the frame's size, and rest."""

    quick: Sequence[Points]
    size: Size
    rests: bool


class FullFinding(NamedTuple):
    """Find of a full search, and that of the quick one in the same scene."""

    lines: Sequence[Points]
    quick: Sequence[Points]


class OutlineSearch:
    """Outline search that keeps state from one frame to the next; not thread-safe.

    Parameters
    ----------
    clock
        Returns the processor time of the calling thread, in seconds.
    memory
        Memory of the camera's desk, where there is one.

    Attributes
    ----------
    crop
        Outcome that a capture's crop would have, in pixels of the turned frame.
    """

    def __init__(
        self,
        variant: Variant,
        documents: GetDocumentNets,
        clock: Callable[[], float] = time.thread_time,
        memory: DeskMemory | None = None,
    ) -> None:
        self._clock = clock
        self.variant = variant
        self.documents = documents
        self.memory = memory
        self._quick = QuickSearch(variant, documents)
        self._budget = SearchBudget()
        self.space = Workspace()
        self._scene = ChangeDetector()
        self._number = 0
        self._searched = 0
        self._seen_in_full = 0
        self._searched_at = 0.0
        self._found_at = 0.0
        self._full_at = -PATIENCE_SECONDS
        self._patience = FULL_SECONDS
        self._rests = False
        self._rested_at = 0.0
        self._size = Size(0, 0)
        self._last = QuickFind((), True)
        self._repeated = 0
        self._full_finding: FullFinding | None = None
        self._found: Sequence[Points] = ()
        self.crop = NOTHING

    def update(self, frame: Frame, thumbnail: Thumbnail | None, now: float) -> Sequence[Points]:
        """Search a frame quickly, where anything has changed, and return its outlines.

        Parameters
        ----------
        thumbnail
            Thumbnail of about this frame; None to make one.
        now
            Seconds, monotonic.
        """
        if thumbnail is None:
            thumbnail = eighth(frame, self.space)
        if frame.size != self._size:
            self._size = frame.size
            self._full_finding = None
            self._show((), document=False)
        self._rests = not self._scene.changed(thumbnail.grey)
        self._number += not self._rests
        self._rested_at = now if self._rests else self._rested_at
        if self._is_due(now):
            begun = self._clock()
            found = self._quick.search(frame, thumbnail, now, self._rested_at)
            self._budget.spend(self._clock() - begun, now)
            self._searched = self._number
            self._searched_at = now
            self._take(found, now)
        return self._found

    def wants_full(self, now: float) -> bool:
        """Return whether the frame of the last update is to be searched as a capture would."""
        waited = now - self._full_at
        if self._seen_in_full == self._number or waited < FULL_SECONDS:
            return False
        if self._rests or (self._repeated >= STEADY and self._full_finding is None):
            return True
        return not self._last.document and waited >= self._patience

    def request_full(self, now: float) -> FullRequest:
        """Note that a full search of the last update's frame begins."""
        self._full_at = now
        # A desk is learned from a scene at rest alone, which is searched once more then.
        self._seen_in_full = self._number if self._rests or self.memory is None else 0
        self._patience = FULL_SECONDS if self._rests else min(2 * self._patience, PATIENCE_SECONDS)
        return FullRequest(self._last.lines, self._size, self._rests)

    def adopt(self, found: FullFind, request: FullRequest, now: float) -> Sequence[Points]:
        """Take over what a full search found, unless the page has moved meanwhile; return the outlines."""
        if request.size != self._size or not _same(request.quick, self._last.lines):
            self._seen_in_full = 0
            return self._found
        self._full_finding = FullFinding(found.lines, self._last.lines)
        self._found_at = now
        self._show(found.lines, bool(found.lines) or found.page is not None, found.doubted, found.prior)
        if found.page is not None:
            self._quick.follow(found.page, now)
        return self._found

    def _is_due(self, now: float) -> bool:
        if not self._rests:
            return self._budget.allows(now)
        self._budget.refill()
        if self._searched != self._number:
            return True
        return self._seen_in_full != self._number and now - self._searched_at >= AGAIN_SECONDS

    def _take(self, found: QuickFind, now: float) -> None:
        """Draw what was found, unless a full search has judged the same find already."""
        self._repeated = self._repeated + 1 if _same(found.lines, self._last.lines) else 0
        self._last = found
        finding = self._full_finding
        if finding and (_same(found.lines, finding.lines) or _same(found.lines, finding.quick)):
            self._found_at = now
            return
        self._full_finding = None
        if found.lines:
            self._found_at = now
            self._show(_steadied(self._found, found.lines, self._rests), document=True)
        elif now - self._found_at > HOLD_SECONDS:
            self._show((), found.document)

    def _show(
        self,
        lines: Sequence[Points],
        document: bool,
        doubted: tuple[DoubtedCrop, ...] = (),
        prior: Prior = Prior.PICTURE,
    ) -> None:
        corners = quad_of(lines[0]) if lines and self.variant.overlay is not Overlay.GUTTER else None
        if document:
            crop = CropOutcome(CropState.CROPPED, corners, doubted=doubted, prior=prior)
        elif doubted:
            crop = CropOutcome(CropState.UNSURE, doubted[0].corners, doubted[0].reason, doubted[1:], prior)
        else:
            crop = replace(NOTHING, prior=prior)
        if lines is not self._found or crop != self.crop:
            # Another object means that something else is shown.
            self._found = lines
            self.crop = crop


def _same(one: Sequence[Points], other: Sequence[Points]) -> bool:
    """Return whether lines are the same up to a pixel of a thumbnail; a closed one may begin anywhere."""
    if [len(line) for line in one] != [len(line) for line in other]:
        return False
    return all(
        any(np.abs(np.roll(before, turn, axis=0) - after).max() <= EIGHTH for turn in range(len(before)))
        for before, after in zip(one, other, strict=True)
    )


def _steadied(old: Sequence[Points], new: Sequence[Points], unchanged: bool) -> Sequence[Points]:
    """Return `new`, smoothed with `old` where a document has not moved, so that outlines do not jitter."""
    if [len(line) for line in old] != [len(line) for line in new]:
        return new
    return [_smoothed(before, after, unchanged) for before, after in zip(old, new, strict=True)]


def _smoothed(before: Points, after: Points, unchanged: bool) -> Points:
    away = float(np.abs(after - before).max())
    if unchanged and away <= EIGHTH:
        # Less than a pixel of the searched thumbnail: noise, as nothing in the scene has moved.
        return before
    if away > JUMP * float(np.ptp(after, axis=0).max()):
        return after
    return np.asarray((before + after) / 2, np.float32)


SHARE = 0.012
"""Share of a core that searches take in a scene that never rests: a tenth of what painting takes."""
BURST_SECONDS = 0.06
"""Processor time for a scene that begins to move: a hand that lays a page down is followed at full rate."""
LONGEST_SECONDS = 2.0
"""Longest pause between two searches, also on a slow processor."""


class SearchBudget:
    """Token bucket of processor time."""

    def __init__(self) -> None:
        self._saved = BURST_SECONDS
        self._at = 0.0

    def allows(self, now: float) -> bool:
        """Return whether there is time for a search.

        Parameters
        ----------
        now
            Seconds, monotonic.
        """
        pause = now - self._at
        return self._saved + SHARE * pause > 0 or pause >= LONGEST_SECONDS

    def spend(self, seconds: float, now: float) -> None:
        """Take the processor time of a search that began at `now`."""
        saved = min(self._saved + SHARE * (now - self._at), BURST_SECONDS)
        # A longest pause is enough, whatever the search took.
        self._saved = max(saved - seconds, -SHARE * LONGEST_SECONDS)
        self._at = now

    def refill(self) -> None:
        """Save up all that can be, as a scene has come to rest."""
        self._saved = BURST_SECONDS
