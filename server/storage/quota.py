"""How much a root may hold, and what it holds now."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

from server.errors import StorageFull


class Quota:
    """Counts bytes below a root against a limit.

    The folder is measured once and again only before a save would be refused, so that
    files removed by others count at once and an ordinary save costs no walk.

    Parameters
    ----------
    limit
        Bytes of all files below the root together; None for no limit.
    used
        Bytes there now.
    """

    def __init__(self, limit: int | None, used: int) -> None:
        self._limit = limit
        self._used = used
        self._writing = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def room_for(self, root: int, size: int, name: str) -> Iterator[None]:
        """Hold `size` bytes free while a file is written; they count as used afterwards.

        Raises
        ------
        server.errors.StorageFull
            The limit would be exceeded.
        """
        self._take(root, size, name)
        try:
            yield
        except BaseException:
            self._give_back(size, kept=0)
            raise
        self._give_back(size, kept=size)

    def _take(self, root: int, size: int, name: str) -> None:
        with self._lock:
            if not self._fits(size):
                self._used = used_bytes(root)
            if not self._fits(size):
                raise StorageFull(name=name)
            self._writing += size

    def _fits(self, size: int) -> bool:
        return self._limit is None or self._used + self._writing + size <= self._limit

    def _give_back(self, size: int, kept: int) -> None:
        with self._lock:
            self._writing -= size
            self._used += kept


def used_bytes(root: int) -> int:
    """Bytes of all files below a folder; files that vanish meanwhile count nothing."""
    total = 0
    for _, _, names, folder in os.fwalk(".", dir_fd=root):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
    return total
