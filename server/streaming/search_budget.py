"""Budget of processor time for quick outline searches."""

from __future__ import annotations

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
        self._saved, self._at = max(saved - seconds, -SHARE * LONGEST_SECONDS), now

    def refill(self) -> None:
        """Save up all that can be, as a scene has come to rest."""
        self._saved = BURST_SECONDS
