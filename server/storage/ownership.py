"""Record of the origin that made a file, kept with the file.

It is an extended attribute, which is there before the file has its name, moves with it, and goes with it;
with it lies the name of the request's profile, by which retention goes (`server.storage.retention`).
On a file system that keeps none it is a small file of its own, which holds for this name, size and time
alone. A file without a record was laid there by somebody else, such as the administrator.

The record keeps origins apart. Programs that can write the files can write the records, too.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Sequence
from typing import Final, NamedTuple

from server.storage.atomic import always, write_all
from server.storage.place import FOLDER, Opener, held, make_folders

ATTRIBUTE: Final = "user.gaopai.origin"
RECORDS: Final = (".gaopai", "origins")
"""Folder of the records that are no attributes, with a name that requests cannot use."""

Owner = bytes
"""Digest of an origin, short enough to lie in a file's inode."""
OWNER_BYTES: Final = hashlib.sha256().digest_size


class Maker(NamedTuple):
    """Origin that made a file, and the profile of its request; empty where it named none."""

    owner: Owner
    profile: str = ""

    def encoded(self) -> bytes:
        """Return what a record says."""
        return self.owner + self.profile.encode(errors="surrogatepass")


def _decoded(content: bytes) -> Maker:
    return Maker(content[:OWNER_BYTES], content[OWNER_BYTES:].decode(errors="replace"))


READING: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
"""Flags to open a name that may be of a pipe or a device, which must not hold the thread."""

_NO_ATTRIBUTES = (errno.ENOTSUP, errno.ENOSYS, errno.EPERM)
_PRECISION = 2
"""Precision of the times that the coarsest file systems keep, in seconds."""
_RECORD_BYTES = 8192
"""Limit of a record, in bytes: an owner, a path and a profile."""


def owner_of(origin: str | None) -> Owner:
    """Return the owner that an origin is; programs that are no browser are one together."""
    return hashlib.sha256(f"origin {origin or ''}".encode(errors="surrogatepass")).digest()


def record(opener: Opener, top: int, file: int, parts: Sequence[str], maker: Maker) -> bool:
    """Record the maker of a written file, before it gets its name; return whether a record was made for it.

    One that is there already may be that of the file to be replaced, of the same size and time.

    Parameters
    ----------
    top, file
        Descriptors of the folder that `opener` opens names below, and of the file.
    parts
        Components of the name that the file will have.

    Raises
    ------
    OSError
        Any error of the disk.
    """
    try:
        os.setxattr(file, ATTRIBUTE, maker.encoded())
    except OSError as exc:
        if exc.errno not in _NO_ATTRIBUTES:
            raise
        return _write(opener, top, file, parts, maker)
    return False


def recorded(opener: Opener, top: int, file: int, parts: Sequence[str]) -> Owner | None:
    """Return the owner of an open file, None if none is recorded; parameters and errors as in `record`."""
    found = maker_of(opener, top, file, parts)
    return found and found.owner


def maker_of(opener: Opener, top: int, file: int, parts: Sequence[str]) -> Maker | None:
    """Return the maker of an open file, None if none is recorded; parameters as in `record`."""
    try:
        return _decoded(os.getxattr(file, ATTRIBUTE))
    except OSError as exc:
        if exc.errno == errno.ENODATA:
            return None
        if exc.errno not in _NO_ATTRIBUTES:
            raise
    return _read(opener, top, _record_name(file, parts))


def forget(opener: Opener, top: int, name: str) -> None:
    """Remove the record `name` if there is one."""
    with contextlib.suppress(FileNotFoundError), held(opener(top, RECORDS, FOLDER)) as folder:
        os.unlink(name, dir_fd=folder)


def sweep(opener: Opener, top: int) -> None:
    """Remove the records of files that are gone."""
    try:
        records = opener(top, RECORDS, FOLDER)
    except (FileNotFoundError, NotADirectoryError):
        return
    with held(records):
        names = os.listdir(records)  # noqa: PTH208 - of the folder that is held, not of a path
    for name in names:
        if not _is_needed(opener, top, name):
            forget(opener, top, name)


class Claim:
    """Names in one folder, as an owner takes and replaces them.

    Parameters
    ----------
    top
        Descriptor of the folder that `opener` opens names below.
    folders
        Components of the folder's own name.
    together
        True to give all files the time of the first, so that their days are over at once.
    """

    def __init__(
        self, opener: Opener, top: int, folders: Sequence[str], maker: Maker, *, together: bool = False
    ) -> None:
        self._opener = opener
        self._together = together
        self._moment: int | None = None
        self._top = top
        self.folders = tuple(folders)
        self._maker = maker
        self._marked: set[str] = set()
        self._made: set[str] = set()
        self._covered: set[str] = set()

    def mark(self, file: int, name: str) -> None:
        """Record the owner of a written file; parameters and errors as in `record`."""
        parts = (*self.folders, name)
        if self._together:
            self._moment = self._moment or os.fstat(file).st_mtime_ns
            os.utime(file, ns=(self._moment, self._moment))
        made = record(self._opener, self._top, file, parts, self._maker)
        record_name = _record_name(file, parts)
        self._marked.add(record_name)
        if made:
            self._made.add(record_name)

    def covers(self, folder: int, name: str) -> bool:
        """Return whether a name is that of an ordinary file which the owner made."""
        parts = (*self.folders, name)
        try:
            file = os.open(name, READING | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        except OSError as exc:
            if exc.errno in (errno.ELOOP, errno.ENXIO, errno.EACCES):
                return False
            raise
        with held(file):
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                return False
            if recorded(self._opener, self._top, file, parts) != self._maker.owner:
                return False
            self._covered.add(_record_name(file, parts))
            return True

    def settle(self, placed: bool) -> None:
        """Remove the records of the files that were replaced or, if none was placed, of the new ones."""
        old, new = (self._covered, self._marked) if placed else (self._made, self._covered)
        for name in old - new:
            # The files are as they are to be; what stays is removed at the next start.
            with contextlib.suppress(OSError):
                forget(self._opener, self._top, name)


def _write(opener: Opener, top: int, file: int, parts: Sequence[str], maker: Maker) -> bool:
    name = _stamped(opener, top, file, parts, maker.owner)
    if _read(opener, top, name) == maker:
        return False
    profile = b"\0" + maker.encoded()[OWNER_BYTES:] if maker.profile else b""
    with held(make_folders(opener, top, RECORDS)) as folder:
        write_all(folder, {name: [maker.owner + "/".join(parts).encode() + profile]}, always)
    return True


def _stamped(opener: Opener, top: int, file: int, parts: Sequence[str], owner: Owner) -> str:
    """Give a file a time of its own, that every file system keeps as it is; return the name of its record."""
    seconds = int(os.fstat(file).st_mtime) // _PRECISION * _PRECISION
    while True:
        os.utime(file, (seconds, seconds))
        name = _record_name(file, parts)
        # Another origin may have made one of that name and size just now, whose record must not become ours.
        found = _read(opener, top, name)
        if found is None or found.owner == owner:
            return name
        seconds -= _PRECISION


def _record_name(file: int, parts: Sequence[str]) -> str:
    status = os.fstat(file)
    text = f"{status.st_size} {int(status.st_mtime) // _PRECISION} {'/'.join(parts)}"
    return hashlib.sha256(text.encode()).hexdigest()


def _read(opener: Opener, top: int, name: str) -> Maker | None:
    if (content := _content(opener, top, name)) is None:
        return None
    _, _, profile = content[OWNER_BYTES:].partition(b"\0")
    return _decoded(content[:OWNER_BYTES] + profile)


def _content(opener: Opener, top: int, name: str) -> bytes | None:
    with contextlib.suppress(FileNotFoundError), held(opener(top, (*RECORDS, name), READING)) as descriptor:
        return os.read(descriptor, _RECORD_BYTES)
    return None


def _is_needed(opener: Opener, top: int, name: str) -> bool:
    """Return whether a record is of a file that is there."""
    content = _content(opener, top, name) or b""
    path = content[OWNER_BYTES:].partition(b"\0")[0].decode(errors="replace")
    try:
        with held(opener(top, parts := path.split("/"), READING)) as file:
            return _record_name(file, parts) == name
    except OSError as exc:
        return exc.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
