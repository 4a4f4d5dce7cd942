"""Sessions of the settings view: from the exchange of a token until a page is idle."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from server.access.peer import Peer
from server.access.token import Guesses, new_token
from server.storage.atomic import always, remove_leftovers, write_all
from server.storage.place import held
from server.storage.private_file import PrivateFile, PrivateFileUnreadable

IDLE_SECONDS = 900.0
"""Time without a request after which a session ends, in seconds."""
LONGEST_SECONDS = 8 * 3600.0
"""Time after which a session ends even if it is used, in seconds."""
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
        """Exchange a token for a session's secret; None for a token that is wrong, late or used."""
        self._refuse_guesser(peer)
        if len(token) > SECRET_CHARACTERS or not await asyncio.to_thread(self._tickets.take, token):
            self._guesses.wrong(peer, None)
            return None
        self._guesses.right(peer, None)
        secret = new_token()
        now = self._clock()
        self._sessions = [*self._living()[1 - MOST :], _Session(secret.encode(), peer, now, now)]
        return secret

    def admits(self, secret: str, peer: Peer) -> bool:
        """Return whether a secret is that of a living session of the peer, which is then not idle."""
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


FILE = "admin.json"
SECONDS = 120.0
"""Time in which a token has to be presented, in seconds."""


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    digest: str = ""
    until: float = 0.0
    """By the monotonic clock, which all processes of a computer share."""


class TicketFile:
    """File of the newest ticket, which the command writes and the service takes.

    Parameters
    ----------
    folder
        Folder of decisions about origins, private to the service's account.
    clock
        Clock that both sides share; it starts anew with the computer, as does the service, see `discard`.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._file = PrivateFile(folder / FILE, _Content)
        self._clock = clock

    def issue(self) -> str:
        """Write a ticket in place of one before, and return its token.

        Raises
        ------
        OSError
            The folder cannot be used.
        """
        token = new_token()
        content = msgspec.json.encode(_Content(_digest(token), self._clock() + SECONDS))
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with held(os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)) as folder:
            owner = os.fstat(folder)

            def give(descriptor: int, _: str) -> None:
                # Root writes for the account of the whole machine's service, which cannot read root's.
                if owner.st_uid != os.geteuid():
                    os.fchown(descriptor, owner.st_uid, owner.st_gid)

            remove_leftovers(folder)
            write_all(folder, {FILE: [content]}, always, give)
        return token

    def take(self, token: str) -> bool:
        """Return whether a token is that of the ticket, and remove the ticket if it is."""
        ticket = self._file.read()
        is_right = hmac.compare_digest(_digest(token), ticket.digest)
        if not is_right or not 0 <= ticket.until - self._clock() <= SECONDS:
            return False
        return self.discard()

    def discard(self) -> bool:
        """Remove the ticket; return False if there was none, as somebody else took it.

        Raises
        ------
        server.storage.private_file.PrivateFileUnreadable
            It cannot be removed, and must not be good again.
        """
        try:
            self._file.path.unlink()
        except FileNotFoundError:
            return False
        except OSError as exc:
            raise PrivateFileUnreadable(f"{self._file.path}: cannot be removed ({exc.strerror})") from exc
        return True


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
