"""Budget of processor time for quick outline searches."""

from __future__ import annotations

SHARE = 0.02
"""Share of a core that searches take in a scene that never rests; painting takes five to ten times that."""
BURST_SECONDS = 0.1
"""Processor time that may be saved up: a hand that lays a page down is followed at the full rate."""
LONGEST_SECONDS = 1.0
"""Longest pause between two searches, also on a slow processor."""


class SearchBudget:
    """Token bucket of processor time."""

    def __init__(self) -> None:
        self._saved = BURST_SECONDS
        self._at: float | None = None

    def allows(self, now: float) -> bool:
        """Return whether there is time for a search.

        Parameters
        ----------
        now
            Seconds, monotonic.
        """
        if self._at is None:
            return True
        return self._saved + SHARE * (now - self._at) > 0 or now - self._at >= LONGEST_SECONDS

    def spend(self, seconds: float, now: float) -> None:
        """Note the processor time of a search that began at `now`."""
        earned = 0.0 if self._at is None else SHARE * (now - self._at)
        # What the longest pause allowed is not owed for ever.
        self._saved = max(min(self._saved + earned, BURST_SECONDS) - seconds, -SHARE * LONGEST_SECONDS)
        self._at = now
