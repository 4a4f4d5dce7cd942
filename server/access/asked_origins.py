"""Origins that were refused, as nothing was decided about them: candidates for a decision."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from server.access.origins import DEFAULT_PORTS, BadOrigin, canonical

MOST = 50
"""Limit of origins; the one that asked least recently gives way."""
LONGEST = 200
"""Limit of an origin in characters."""


@dataclass(frozen=True, slots=True)
class AskedOrigin:
    """Origin that asked.

    Attributes
    ----------
    count
        Number of refused requests.
    seconds_ago
        Age of the last.
    """

    origin: str
    count: int
    seconds_ago: float


class AskedOrigins:
    """The newest origins that were refused."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def note(self, origin: str) -> None:
        """Note a refused origin; one that no page of the web has is passed over."""
        if not _is_a_pages(origin):
            return
        count, _ = self._found.get(origin, (0, 0.0))
        self._found[origin] = (count + 1, self._clock())
        self._found.move_to_end(origin)
        if len(self._found) > MOST:
            self._found.popitem(last=False)

    def all(self) -> Sequence[AskedOrigin]:
        """Return the noted origins, the newest first."""
        now = self._clock()
        return [AskedOrigin(origin, count, now - at) for origin, (count, at) in reversed(self._found.items())]


def _is_a_pages(origin: str) -> bool:
    try:
        return (
            len(origin) <= LONGEST
            and origin.partition("://")[0] in DEFAULT_PORTS
            and canonical(origin) == origin
        )
    except BadOrigin:
        return False
