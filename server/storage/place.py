"""Folder that requests can write to and read from, and its quota."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from server.errors import StorageFull
from server.storage.openat import held


class Quota:
    """Quota of the bytes below a root.

    The folder is measured once, and again only before a save would be refused, so that
    files removed by others count at once and an ordinary save costs no walk.

    Parameters
    ----------
    used
        Bytes in use now; None to measure them before the first file.

    Attributes
    ----------
    limit
        Limit of all files below the root together, in bytes; None for no limit.
    """

    def __init__(self, limit: int | None, used: int | None) -> None:
        self.limit = limit
        self._used = used
        self._writing = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def reserve(self, root: int, size: int, name: str) -> Iterator[None]:
        """Reserve `size` bytes while a file is written; they count as used afterwards.

        Raises
        ------
        server.errors.StorageFull
            The limit would be exceeded.
        """
        self._begin(root, size, name)
        written = 0
        try:
            yield
            written = size
        finally:
            self._end(size, written)

    def _begin(self, root: int, size: int, name: str) -> None:
        with self._lock:
            if self.limit is not None and not self._fits(size):
                _, self._used = measured(root)
                if not self._fits(size):
                    raise StorageFull(name=name)
            self._writing += size

    def _fits(self, size: int) -> bool:
        limit, used = self.limit, self._used
        return limit is None or (used is not None and used + self._writing + size <= limit)

    def _end(self, size: int, written: int) -> None:
        with self._lock:
            self._writing -= size
            if self._used is not None:
                self._used += written


def measured(root: int) -> tuple[int, int]:
    """Return number and bytes of all files below a folder, without files that vanish meanwhile."""
    count = total = 0
    for _, _, files, folder in os.fwalk(".", dir_fd=root):
        for name in files:
            with contextlib.suppress(FileNotFoundError):
                total += os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
                count += 1
    return count, total


class Place:
    """Folder that requests can write to and read from.

    Attributes
    ----------
    path
        Absolute path, as configured. Links in it are the administrator's and followed; below it none is.
    spellings
        Absolute paths by which requests may name it: as configured, and with links resolved.
    """

    def __init__(self, path: Path, quota: Quota) -> None:
        self.path = path
        self.spellings = (path, path.resolve())
        self.quota = quota

    def opened(self) -> contextlib.AbstractContextManager[int]:
        """Open the folder until the end of the block.

        Raises
        ------
        OSError
        """
        # For each use, so that a folder that was unmounted or replaced is noticed and not kept busy.
        return held(os.open(self.path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))

    def is_to_be_made(self) -> bool:
        """Return whether the folder is missing and `make` could make it.

        Raises
        ------
        OSError
            Its parent is missing, too.
        """
        return not self.path.exists() and self.path.parent.stat() is not None

    def make(self) -> None:
        """Make the folder (0700) if it is missing, as somebody who needs room may delete all of it.

        Raises
        ------
        OSError
            Its parent is missing, too.
        """
        with contextlib.suppress(FileExistsError):
            self.path.mkdir(mode=0o700)
