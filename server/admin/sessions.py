"""Sessions of the settings view: from the exchange of a token until a page is idle."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass

from server.access.guesses import Guesses
from server.access.peer import Peer
from server.access.token import new_token
from server.admin.ticket import TicketFile

IDLE_SECONDS = 900.0
LONGEST_SECONDS = 8 * 3600.0
"""Time after which a session ends even if it is used."""
MOST = 4
"""Limit of sessions, beyond which the oldest ends."""
SECRET_CHARACTERS = 256
"""Limit of a secret that is looked at."""


class TooManyGuesses(Exception):
    """A peer presented too many wrong secrets, and has to wait.

    Attributes
    ----------
    seconds
        Remaining wait.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


@dataclass(slots=True)
class _Session:
    secret: bytes
    peer: Peer
    begun: float
    used: float


class AdminSessions:
    """Open sessions, each of which one peer may use.

    Parameters
    ----------
    tickets
        Tickets that open one.
    """

    def __init__(self, tickets: TicketFile, clock: Callable[[], float] = time.monotonic) -> None:
        self._tickets = tickets
        self._clock = clock
        self._guesses = Guesses(clock)
        self._sessions: list[_Session] = []

    async def open(self, token: str, peer: Peer) -> str | None:
        """Exchange a token for a session's secret; None for a token that is wrong, late or used.

        Raises
        ------
        TooManyGuesses
        server.storage.private_file.PrivateFileUnreadable
        """
        self._refuse_guesser(peer)
        if len(token) > SECRET_CHARACTERS or not await asyncio.to_thread(self._tickets.take, token):
            self._guesses.wrong(peer, None)
            return None
        self._guesses.right(peer, None)
        secret, now = new_token(), self._clock()
        self._sessions = [*self._living()[1 - MOST :], _Session(secret.encode(), peer, now, now)]
        return secret

    def admits(self, secret: str, peer: Peer) -> bool:
        """Return whether a secret is that of a living session of the peer, which is then not idle.

        Raises
        ------
        TooManyGuesses
        """
        self._refuse_guesser(peer)
        found = self._find(secret, peer)
        if found is None:
            self._guesses.wrong(peer, None)
            return False
        found.used = self._clock()
        return True

    def end(self, secret: str, peer: Peer) -> None:
        """End a session."""
        found = self._find(secret, peer)
        self._sessions = [each for each in self._sessions if each is not found]

    def _find(self, secret: str, peer: Peer) -> _Session | None:
        presented = secret[:SECRET_CHARACTERS].encode(errors="replace")
        self._sessions = self._living()
        # Each is compared, so that the time tells nothing of which.
        found = [each for each in self._sessions if hmac.compare_digest(each.secret, presented)]
        return next((each for each in found if each.peer == peer), None)

    def _living(self) -> list[_Session]:
        now = self._clock()
        return [
            each
            for each in self._sessions
            if now - each.used < IDLE_SECONDS and now - each.begun < LONGEST_SECONDS
        ]

    def _refuse_guesser(self, peer: Peer) -> None:
        if self._guesses.must_wait(peer, None):
            raise TooManyGuesses(self._guesses.wait_seconds(peer, None))
