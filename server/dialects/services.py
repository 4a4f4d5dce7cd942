"""Services that the dialects speak for, and the files of their pages."""

from __future__ import annotations

import asyncio
import heapq
import re
from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from server.access.activity import ActivityRecorder
from server.access.client import Client
from server.access.limits import ByteBudget, Charge
from server.composition import Service
from server.connection.session import ServerContext
from server.errors import Cancelled, FileMissing, GaopaiError, LocalizedText, PictureTooLarge
from server.services.context import translated
from server.services.pools import ThreadPools
from server.storage.paths import SUFFIXES
from server.storage.root import Storage

_ABSOLUTE = re.compile(r"[A-Za-z]+:|[\\/~]")
_SEPARATORS = re.compile(r"[\\/]+")


def as_name(spelling: str) -> str:
    """Return the name that a storage knows a page's path by; absolute ones it knows as they are.

    Examples
    --------
    >>> as_name("scans\\\\a.jpg"), as_name("D:\\\\a.jpg")
    ('scans/a.jpg', 'D:\\\\a.jpg')
    """
    return spelling if _ABSOLUTE.match(spelling) else _SEPARATORS.sub("/", spelling)


class OriginFiles:
    """Files that pages of an origin made, which the same origin may read back and replace."""

    def __init__(self, storage: Storage, pools: ThreadPools, origin: str) -> None:
        self._storage = storage.of(origin)
        self._pools = pools

    async def check(self, spelling: str, suffixes: Collection[str] = SUFFIXES) -> None:
        """Refuse a name that `save` would refuse now.

        Raises server.errors.BadName, PathOutside, BadSuffix, FileExists.
        """
        await self._pools.run(self._storage.check, as_name(spelling), suffixes)

    async def save(
        self, spelling: str, pictures: Sequence[bytes], suffixes: Collection[str] = SUFFIXES
    ) -> list[Path]:
        """Write pictures, numbered from the second on; files of the same origin are replaced.

        Raises server.errors.BadName, PathOutside, BadSuffix, FileExists, StorageFull, StorageFailed.
        """
        documents = [[one] for one in pictures]
        return await self._pools.run(self._storage.save_documents, as_name(spelling), documents, suffixes)

    async def read(self, spelling: str, limit_bytes: int) -> bytes:
        """Return the content of a file that a page of the origin made.

        Raises
        ------
        server.errors.FileMissing
            There is none, or it is another's or nobody's.
        server.errors.BadName, PathOutside, FileUnreadable, PictureTooLarge
        """
        return await self._pools.run(self._storage.read, await self.name(spelling), limit_bytes)

    async def name(self, spelling: str) -> str:
        """Return the name for the storage of a file that a page of the origin made; see `read`."""
        if not await self.made(spelling):
            raise FileMissing(name=await self.located(spelling))
        return as_name(spelling)

    async def made(self, spelling: str) -> bool:
        """Return whether a page of the origin made a file of that name; see `read`."""
        return await self._pools.run(self._storage.made, as_name(spelling))

    async def listed(self, spelling: str, count: int) -> list[str]:
        """Return the files of the origin in a folder as the page would spell them, the newest first.

        Raises server.errors.BadName, PathOutside, FileUnreadable.
        """
        return await self._pools.run_heavy(self._listed, spelling.rstrip("/\\"), count)

    def _listed(self, folder: str, count: int) -> list[str]:
        top = self._storage.located(as_name(f"{folder}/a.jpg")).parent
        found = heapq.nlargest(count, self._storage.own_files(f"{top}/"), key=lambda file: file.time)
        return [f"{folder}\\" + "\\".join(one.path.relative_to(top).parts) for one in found]

    async def located(self, spelling: str) -> str:
        """Return the name below the root that a page's path stands for, whether or not there is such a file.

        Raises server.errors.BadName, PathOutside.
        """
        return await self._pools.run(self._storage.relative, as_name(spelling))


MOST_PAGES = 200
"""Limit of the pages, and of the collected pictures, of one document."""
MOST_BYTES = 64 << 20
"""Limit of the pictures of one document together, in bytes."""
PICTURE = LocalizedText("要合并的图片", "a picture to be merged")


class PictureList:
    """Pictures collected for a document, each an own file by its name, or its content.

    Parameters
    ----------
    budget
        Budget that their content counts in until they are forgotten.
    """

    def __init__(self, budget: ByteBudget) -> None:
        self.pictures: list[str | bytes] = []
        self._charge = Charge(budget)

    def add(self, picture: str | bytes) -> None:
        """Add a picture.

        Raises
        ------
        server.errors.PictureTooLarge
            There are too many of them, or they are too large together.
        """
        size = len(picture)
        if len(self.pictures) >= MOST_PAGES:
            raise PictureTooLarge(picture=PICTURE, size=f"> {MOST_PAGES}", limit=MOST_PAGES)
        if self._charge.size + size > MOST_BYTES or not self._charge.grow(size):
            raise PictureTooLarge(picture=PICTURE, size=f"> {MOST_BYTES >> 20} MiB", limit=MOST_BYTES >> 20)
        self.pictures.append(picture)

    def clear(self) -> None:
        """Forget all pictures."""
        self.pictures.clear()
        self._charge.release()


@dataclass(frozen=True, slots=True)
class DialectServices:
    """Services, files and shared objects that dialects use.

    Attributes
    ----------
    house
        Services of the house.
    """

    house: Service
    storage: Storage
    context: ServerContext

    def new_client(self, origin: str) -> Client:
        """Return a new client of an origin, which has to be released when its page is gone."""
        return Client(next(self.context.client_ids), origin)


T = TypeVar("T")

POLLS = frozenset({"getframe"})
"""Commands that pages repeat as fast as they are answered: they would fill the audit trail."""


class CommandLog:
    """Log of the commands of one dialect, for the audit trail."""

    def __init__(self, dialect: str, activity: ActivityRecorder) -> None:
        self._dialect = dialect
        self._activity = activity

    async def run(self, client: Client, number: int, command: str, work: Awaitable[T]) -> T:
        """Return the result of a command.

        Parameters
        ----------
        number
            Number of the request within its session.
        command
            Name of a command that the dialect knows, never text of the page.

        Raises
        ------
        GaopaiError
            Every failure; an unexpected one is logged and becomes `server.errors.InternalError`.
        """
        name = f"{self._dialect} {command}"
        if command in POLLS:
            return await translated(name, work)
        with self._activity.request(client, name, number) as entry:
            try:
                return await translated(name, work)
            except GaopaiError as error:
                entry.result = error.code
                raise
            except asyncio.CancelledError:
                entry.result = Cancelled.code
                raise
