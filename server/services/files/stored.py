"""Stored files: those that pages of an origin made, listed and fetched."""

from __future__ import annotations

import heapq
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.access.client import Client
from server.config import LimitsConfig
from server.services.pools import ThreadPools
from server.storage.listing import ListedFile
from server.storage.root import Storage


@dataclass(frozen=True, slots=True)
class FileList:
    """Part of a list, newest first, and True if there are older ones."""

    files: tuple[ListedFile, ...]
    more: bool


class OwnFileService:
    """Lists and fetches stored files."""

    def __init__(self, storage: Storage, pools: ThreadPools, downloads: Downloads) -> None:
        self._storage = storage
        self._pools = pools
        self._downloads = downloads

    async def list(self, client: Client, prefix: str, offset: int, limit: int) -> FileList:
        """Return files that pages of the client's origin made.

        Parameters
        ----------
        prefix
            Beginning of their path, absolute or relative to the storage root.
        offset, limit
            Number of the newest that are passed over, and number of those returned.

        Raises
        ------
        server.errors.FileUnreadable
            The disk fails.
        """
        storage = self._storage.of(client.origin)
        found = await self._pools.run_heavy(_newest, storage, prefix, offset + limit + 1)
        return FileList(tuple(found[offset : offset + limit]), len(found) > offset + limit)

    async def describe(self, client: Client, name: str) -> ListedFile:
        """Describe a file that pages of the client's origin made.

        Raises
        ------
        server.errors.FileOfAnotherOrigin, FileOfNoPage
            It is not theirs.
        server.errors.BadName, PathOutside, FileMissing, FileUnreadable
        """
        return await self._pools.run(_described, self._storage.of(client.origin), name)

    async def content(self, client: Client, name: str, limit_bytes: int) -> bytes:
        """Return the content of a file.

        Raises
        ------
        server.errors.GaopaiError
            As `describe`, and `PictureTooLarge` beyond the limit.
        """
        return await self._pools.run(self._storage.of(client.origin).read, name, limit_bytes, own=True)

    def offer(self, client: Client, path: Path) -> str:
        """Return a ticket to download a file once."""
        return self._downloads.offer(client.origin, str(path))


def _newest(storage: Storage, prefix: str, count: int) -> list[ListedFile]:
    return heapq.nlargest(count, storage.own_files(prefix), key=lambda file: (file.time, str(file.path)))


def _described(storage: Storage, name: str) -> ListedFile:
    with storage.opened(name, own=True) as file:
        status = os.fstat(file.fileno())
    return ListedFile(storage.located(name), status.st_size, status.st_mtime)


TICKET_BYTES = 24
MOST_TICKETS = 1000
"""Limit for one origin, whose oldest tickets make room."""
LEAST_MINUTES = 1


@dataclass(frozen=True, slots=True)
class Download:
    """File that a ticket is for.

    Attributes
    ----------
    origin
        Origin that the ticket was given to, and whose file it is; None for programs that are no browser.
    """

    origin: str | None
    path: str
    until: float


class Downloads:
    """Gives tickets for files, and takes each once.

    Parameters
    ----------
    limits
        Returns the limits of the configuration, which a reload may change.
    """

    def __init__(
        self, limits: Callable[[], LimitsConfig], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._tickets: dict[str, Download] = {}

    def offer(self, origin: str | None, path: str) -> str:
        """Return a ticket for a file, which nobody can guess."""
        self._expire()
        own = [ticket for ticket, download in self._tickets.items() if download.origin == origin]
        if len(own) >= MOST_TICKETS:
            del self._tickets[own[0]]
        ticket = secrets.token_urlsafe(TICKET_BYTES)
        seconds = 60 * max(LEAST_MINUTES, self._limits().kept_minutes)
        self._tickets[ticket] = Download(origin, path, self._clock() + seconds)
        return ticket

    def find(self, ticket: str) -> Download | None:
        """Return what a ticket is for, None if it was used, has expired or was never given."""
        self._expire()
        return self._tickets.get(ticket)

    def take(self, ticket: str) -> bool:
        """Use a ticket; return False if another request did a moment ago."""
        return self._tickets.pop(ticket, None) is not None

    def _expire(self) -> None:
        now = self._clock()
        # In the order they were given, so that the first that is good ends the search.
        while self._tickets:
            ticket, download = next(iter(self._tickets.items()))
            if download.until > now:
                return
            del self._tickets[ticket]
