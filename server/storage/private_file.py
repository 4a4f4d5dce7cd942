"""Small JSON files of the service's own state, private to its owner."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from server.storage.atomic import write_private

BYTES = 1024 * 1024
"""Size limit of such a file."""

T = TypeVar("T", bound=msgspec.Struct)


class PrivateFileUnreadable(Exception):
    """The file cannot be read or written; the text names it and the remedy."""

    exit_code = 2


class PrivateFile(Generic[T]):
    """One file, whose content has a type with a default for each field.

    Parameters
    ----------
    path
        The file; its folder is made with the first content, private to its owner.
    """

    def __init__(self, path: Path, content: type[T]) -> None:
        self.path = path
        self._type = content

    def read(self) -> T:
        """Return the content, the default one where no file is."""
        try:
            with self.path.open("rb") as file:
                self._check_owner(os.fstat(file.fileno()))
                return msgspec.json.decode(file.read(BYTES), type=self._type)
        except FileNotFoundError:
            return self._type()
        except OSError as exc:
            raise PrivateFileUnreadable(f"{self.path}: cannot be read ({exc.strerror})") from exc
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
            raise PrivateFileUnreadable(f"{self.path}: {exc}; remove the file to start anew") from exc

    def write(self, content: T) -> None:
        """Write the content, whole or not at all."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self.path, msgspec.json.format(msgspec.json.encode(content, order="sorted")))
        except OSError as exc:
            raise PrivateFileUnreadable(f"{self.path}: cannot be written ({exc.strerror})") from exc

    def stamp(self) -> tuple[int, ...]:
        """Return inode, modification time and size, which change with the file; empty without one."""
        try:
            status = self.path.stat()
        except OSError:
            return ()
        return (status.st_ino, status.st_mtime_ns, status.st_size)

    def _check_owner(self, status: os.stat_result) -> None:
        if status.st_uid not in (os.geteuid(), 0) or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PrivateFileUnreadable(f"{self.path}: others could have written it; chown and chmod 600 it")


ROOT = 0
"""User ID of root, who can exchange any file."""
_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def is_trusted(file: Path, owners: Collection[int]) -> bool:
    """Return whether nobody but `owners` and root can exchange a file, or a folder on the way to it.

    Parameters
    ----------
    file
        Absolute, without symbolic links.

    Raises
    ------
    OSError
        It is not there, or cannot be seen.
    """
    return all(_is_safe(path.stat(), {ROOT, *owners}) for path in (file, *file.parents))


def _is_safe(status: os.stat_result, owners: Collection[int]) -> bool:
    if status.st_uid not in owners:
        return False
    # In a folder such as /tmp everybody may make files, but exchange his own only.
    sticky = stat.S_ISDIR(status.st_mode) and bool(status.st_mode & stat.S_ISVTX)
    return sticky or not status.st_mode & _OTHERS
