"""Files of dialect pages: below the storage root, by the page's own spelling, each its origin's alone."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Collection, Sequence
from pathlib import Path

from server.errors import FileMissing, PathOutside
from server.storage.paths import SUFFIXES
from server.storage.root import Storage

MOST_FILES = 100_000
"""Limit of remembered files; beyond it the oldest can be neither read back nor replaced."""

_DRIVE = re.compile(r"([A-Za-z]):[\\/]+")
_SEPARATORS = re.compile(r"[\\/]+")
_NOWHERE = re.compile(r"[\\/]{2}|~|[A-Za-z][A-Za-z0-9+.-]+:|[A-Za-z]:(?![\\/])")
"""Shares, somebody's home, URLs, and the current folder of a drive."""


def below_root(spelling: str, root: Path) -> str:
    """Return the name below the storage root of a path as pages write it.

    Examples
    --------
    >>> below_root("D:\\\\tmp//a.jpg", Path("/srv"))
    'D/tmp/a.jpg'

    Raises
    ------
    PathOutside
        The path of a share, a home or a URL; what is wrong with a part of it, the storage says.
    """
    if _NOWHERE.match(spelling):
        raise PathOutside(root=root)
    if spelling.startswith(f"{root}/"):
        return spelling.removeprefix(f"{root}/")
    drive = _DRIVE.match(spelling)
    path = f"{drive[1].upper()}/{spelling[drive.end() :]}" if drive else spelling
    return _SEPARATORS.sub("/", path).removeprefix("/")


class OriginFiles:
    """Files that pages made, which the same origin may read back and replace.

    Its methods block and may be called from several threads.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._replacing = storage.replacing()
        self._owners: OrderedDict[str, str] = OrderedDict()

    def check(self, origin: str, spelling: str, suffixes: Collection[str] = SUFFIXES) -> None:
        """Refuse a name that `save` would refuse now.

        Raises
        ------
        server.errors.BadName, PathOutside, BadSuffix, FileExists
        """
        name = self.located(spelling)
        self._storage_for(origin, name).check(name, suffixes)

    def save(self, origin: str, spelling: str, pictures: Sequence[bytes]) -> list[Path]:
        """Write pictures, numbered from the second on; a file of the same origin is replaced.

        Raises
        ------
        server.errors.BadName, PathOutside, BadSuffix, FileExists, StorageFull, StorageFailed
        """
        name = self.located(spelling)
        stem, dot, suffix = name.rpartition(".")
        names = [f"{stem}{number or ''}{dot}{suffix}" for number in range(len(pictures))]
        owned = [self._owners.get(each) == origin for each in names]
        if any(owned) and not all(owned):
            # The whole series has to be written at once, so no file of others may be in its way.
            for each, own in zip(names, owned, strict=True):
                if not own:
                    self._storage.check(each)
        storage = self._replacing if any(owned) else self._storage
        paths = storage.save_series(name, pictures)
        for each in names:
            self._remember(origin, each)
        return paths

    def read(self, origin: str, spelling: str, limit_bytes: int) -> bytes:
        """Return the content of a file that a page of the same origin made.

        Raises
        ------
        server.errors.FileMissing
            There is none, or it is another's.
        server.errors.BadName, PathOutside, FileUnreadable, PictureTooLarge
        """
        return self._storage.read(self.name(origin, spelling), limit_bytes)

    def name(self, origin: str, spelling: str) -> str:
        """Return the name below the root of a file that a page of the same origin made; see `read`."""
        name = self.located(spelling)
        if self._owners.get(name) != origin:
            raise FileMissing(name=name)
        return name

    def made(self, origin: str, spelling: str) -> bool:
        """Return whether a page of the origin made a file of that name."""
        try:
            return bool(self.name(origin, spelling))
        except FileMissing:
            return False

    def located(self, spelling: str) -> str:
        """Return the name below the root that a page's path stands for, whether or not there is such a file.

        Raises
        ------
        server.errors.BadName, PathOutside
        """
        return self._storage.relative(below_root(spelling, self._storage.root))

    def _storage_for(self, origin: str, name: str) -> Storage:
        return self._replacing if self._owners.get(name) == origin else self._storage

    def _remember(self, origin: str, name: str) -> None:
        self._owners[name] = origin
        self._owners.move_to_end(name)
        if len(self._owners) > MOST_FILES:
            self._owners.popitem(last=False)
