"""Listing of the stored files that one owner made."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.storage.openat import Opener, held
from server.storage.ownership import READING, Owner, recorded
from server.storage.place import Place


@dataclass(frozen=True, slots=True)
class StoredFile:
    """File with its size in bytes and the time of its last change, in seconds since 1970."""

    path: Path
    size: int
    time: float


def owned_files(place: Place, opener: Opener, owner: Owner, prefix: str) -> Iterator[StoredFile]:
    """Yield the ordinary files of an owner in a folder and below it; none where the folder is missing.

    Parameters
    ----------
    prefix
        Beginning of their path, absolute or relative to the folder.

    Raises
    ------
    OSError
    """
    try:
        opened = place.opened()
        with opened as top:
            for folder, folders, names, descriptor in os.fwalk(".", dir_fd=top):
                # Names that requests cannot use: the service's own, and files that are being written.
                folders[:] = [name for name in folders if not name.startswith(".")]
                parents = Path(folder).parts
                for name in names:
                    parts = (*parents, name)
                    if not name.startswith(".") and _begins(place, parts, prefix):
                        found = _file(descriptor, name)
                        if found is not None and _is_of(opener, top, descriptor, parts, owner):
                            yield StoredFile(place.path.joinpath(*parts), found.st_size, found.st_mtime)
    except FileNotFoundError:
        return


def _begins(place: Place, parts: tuple[str, ...], prefix: str) -> bool:
    relative = "/".join(parts)
    return relative.startswith(prefix) or str(place.path / relative).startswith(prefix)


def _file(folder: int, name: str) -> os.stat_result | None:
    """Return the status of an ordinary file with one name; None for anything else, or if it is gone."""
    with contextlib.suppress(FileNotFoundError):
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
            return status
    return None


def _is_of(opener: Opener, top: int, folder: int, parts: tuple[str, ...], owner: Owner) -> bool:
    with contextlib.suppress(FileNotFoundError, PermissionError):
        descriptor = os.open(parts[-1], READING | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        with held(descriptor):
            return recorded(opener, top, descriptor, parts) == owner
    return False
