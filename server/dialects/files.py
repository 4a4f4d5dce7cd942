"""Files of dialect pages: below the storage root, by the page's own spelling, each its origin's alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from server.errors import FileMissing
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
    """Files that pages made, which the same origin may read back and replace.

    Its methods block and may be called from several threads.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def check(self, origin: str, spelling: str, suffixes: Collection[str] = SUFFIXES) -> None:
        """Refuse a name that `save` would refuse now.

        Raises server.errors.BadName, PathOutside, BadSuffix, FileExists.
        """
        self._storage.of(origin).check(as_name(spelling), suffixes)

    def save(self, origin: str, spelling: str, pictures: Sequence[bytes]) -> list[Path]:
        """Write pictures, numbered from the second on; files of the same origin are replaced.

        Raises server.errors.BadName, PathOutside, BadSuffix, FileExists, StorageFull, StorageFailed.
        """
        return self._storage.of(origin).save_series(as_name(spelling), pictures)

    def read(self, origin: str, spelling: str, limit_bytes: int) -> bytes:
        """Return the content of a file that a page of the same origin made.

        Raises
        ------
        server.errors.FileMissing
            There is none, or it is another's or nobody's.
        server.errors.BadName, PathOutside, FileUnreadable, PictureTooLarge
        """
        return self._storage.of(origin).read(self.name(origin, spelling), limit_bytes)

    def name(self, origin: str, spelling: str) -> str:
        """Return the name for the storage of a file that a page of the same origin made; see `read`."""
        name = as_name(spelling)
        if not self._storage.of(origin).made(name):
            raise FileMissing(name=self.located(spelling))
        return name

    def made(self, origin: str, spelling: str) -> bool:
        """Return whether a page of the origin made a file of that name; see `read`."""
        return self._storage.of(origin).made(as_name(spelling))

    def located(self, spelling: str) -> str:
        """Return the name below the root that a page's path stands for, whether or not there is such a file.

        Raises server.errors.BadName, PathOutside.
        """
        return self._storage.relative(as_name(spelling))
