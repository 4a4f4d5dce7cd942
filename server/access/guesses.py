"""Wrong guesses of a secret, after which their peer has to wait longer each time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

WRONG_UNTIL_WAIT = 10
WRONG_OF_PEER_UNTIL_WAIT = 100
"""The same under whatever origins; an honest page of the peer cannot come near it alone, as it waits."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
"""Seconds; doubled with each further wrong guess."""
REMEMBERED = 256
"""Limit of peers and their origins whose failures are remembered."""


@dataclass(slots=True)
class _Failures:
    count: int = 0
    until: float = 0.0


class Guesses:
    """Counts wrong guesses by peer, and by its origins, any of which a program may claim."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[tuple[Hashable, ...], _Failures] = OrderedDict()

    def must_wait(self, peer: Hashable, origin: str | None) -> bool:
        """Return whether a peer's origin may not guess now.

        Parameters
        ----------
        peer
            Other end of the connection, as the kernel tells it.
        origin
            Origin of the client, None for one without.
        """
        return self._until(peer, origin) > self._clock()

    def right(self, peer: Hashable, origin: str | None) -> None:
        """Forget the wrong guesses of a peer's origin, as it knows the secret."""
        self._failures.pop((peer, origin), None)

    def wrong(self, peer: Hashable, origin: str | None) -> None:
        """Count a wrong guess."""
        self._count((peer, origin), WRONG_UNTIL_WAIT)
        self._count((peer,), WRONG_OF_PEER_UNTIL_WAIT)

    def wait_seconds(self, peer: Hashable, origin: str | None) -> int:
        """Return the remaining wait of a peer's origin, in seconds."""
        return max(0, round(self._until(peer, origin) - self._clock() + 0.5))

    def _until(self, peer: Hashable, origin: str | None) -> float:
        counted = (self._failures.get(key) for key in ((peer,), (peer, origin)))
        return max((failures.until for failures in counted if failures is not None), default=0.0)

    def _count(self, key: tuple[Hashable, ...], most: int) -> None:
        failures = self._failures.setdefault(key, _Failures())
        self._failures.move_to_end(key)
        failures.count += 1
        if (over := failures.count - most) >= 0:
            failures.until = self._clock() + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(over, 20))
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)
