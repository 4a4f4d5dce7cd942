"""Ticket of ``gaopai admin``: the proof that somebody may use the files of the service's account.

The command makes a token and leaves only its hash, in the folder of decisions that nobody else can open. The
service looks for it when a page presents the token, and removes it: a ticket is good once, for two minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from server.access.token import new_token
from server.storage.atomic import always, remove_leftovers, write_all
from server.storage.openat import held
from server.storage.private_file import PrivateFile, PrivateFileUnreadable

FILE = "admin.json"
SECONDS = 120.0
"""Time in which a token has to be presented."""


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
        """Return whether a token is that of the ticket, and remove the ticket if it is.

        Raises
        ------
        server.storage.private_file.PrivateFileUnreadable
        """
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
