"""Asking the person at the desktop about an origin that nobody has decided about."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from enum import Enum

from server.origins import DEFAULT_PORTS, BadOrigin, canonical
from server.session.grants import Grants

log = logging.getLogger(__name__)

HOUR = 3600.0
ASKS_AN_HOUR = 6
ASKS_AN_ORIGIN = 2
WAITING = 8
"""Handshakes that wait for one answer; a page that opens more is told no."""
CHARACTERS = 100
"""A longer origin cannot be read in one glance, and its end is what counts."""


class ConsentAnswer(Enum):
    """What the person said."""

    YES = 0
    NO = 1
    NONE = 2


Ask = Callable[[str], Awaitable[ConsentAnswer]]
"""Shows an origin and waits for the answer, within a bounded time."""


class Consent:
    """One question at a time, and few of them.

    Parameters
    ----------
    ask
        Cancelled when the service stops.
    """

    def __init__(self, ask: Ask, grants: Grants, clock: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._grants = grants
        self._clock = clock
        self._asked: deque[tuple[float, str]] = deque()
        self._origin = ""
        self._question: asyncio.Task[bool] | None = None
        self._waiting = 0

    async def allows(self, origin: str) -> bool:
        """Whether the person lets `origin` connect; no answer is no.

        An explicit answer is kept.
        """
        if self._question is None:
            if not (_can_be_shown(origin) and self._may_ask(origin)):
                return False
            self._origin = origin
            self._question = asyncio.create_task(self._put(origin), name="consent")
        elif origin != self._origin or self._waiting >= WAITING:
            return False
        question = self._question
        self._waiting += 1
        try:
            # A page that goes away does not take the question from the others that wait.
            return await asyncio.shield(question)
        except asyncio.CancelledError:
            if question.cancelled():
                return False
            raise
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Take a question that is open off the desktop."""
        if self._question is not None:
            self._question.cancel()
            await asyncio.gather(self._question, return_exceptions=True)

    async def _put(self, origin: str) -> bool:
        try:
            log.info("asking about the origin %s", origin)
            answer = await self._ask(origin)
            log.info("the answer about the origin %s: %s", origin, answer.name.lower())
            if answer is not ConsentAnswer.NONE:
                await self._grants.decide(origin, answer is ConsentAnswer.YES)
            return answer is ConsentAnswer.YES
        finally:
            self._question = None

    def _may_ask(self, origin: str) -> bool:
        now = self._clock()
        while self._asked and self._asked[0][0] <= now - HOUR:
            self._asked.popleft()
        of_origin = sum(1 for _, asked in self._asked if asked == origin)
        if len(self._asked) >= ASKS_AN_HOUR or of_origin >= ASKS_AN_ORIGIN:
            return False
        self._asked.append((now, origin))
        return True


def _can_be_shown(origin: str) -> bool:
    """Whether it is a web page's, exactly as browsers write one, so that nothing in it can mislead."""
    try:
        plain = canonical(origin) == origin
    except BadOrigin:
        return False
    return plain and origin.partition("://")[0] in DEFAULT_PORTS and len(origin) <= CHARACTERS
