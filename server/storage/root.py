"""Storage root: the one folder that requests can write and read, with its quota."""

from __future__ import annotations

import contextlib
import copy
import os
import stat
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from server.errors import (
    BadName,
    FileExists,
    FileUnreadable,
    LocalizedText,
    PathOutside,
    PictureTooLarge,
    StorageFull,
)
from server.storage.atomic import Content, reading, remove_leftovers, write_all, writing
from server.storage.openat import Opener, best_opener, held, make_folders
from server.storage.paths import SUFFIXES, TimeNames, parts_below, series, suffix_of


class Quota:
    """Quota of the bytes below a root.

    The folder is measured once, and again only before a save would be refused, so that
    files removed by others count at once and an ordinary save costs no walk.

    Parameters
    ----------
    limit
        Limit of all files below the root together, in bytes; None for no limit.
    used
        Bytes in use now.
    """

    def __init__(self, limit: int | None, used: int) -> None:
        self._limit = limit
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
        try:
            yield
        except BaseException:
            self._end(size, written=0)
            raise
        self._end(size, written=size)

    def _begin(self, root: int, size: int, name: str) -> None:
        with self._lock:
            if not self._fits(size):
                self._used = used_bytes(root)
            if not self._fits(size):
                raise StorageFull(name=name)
            self._writing += size

    def _fits(self, size: int) -> bool:
        return self._limit is None or self._used + self._writing + size <= self._limit

    def _end(self, size: int, written: int) -> None:
        with self._lock:
            self._writing -= size
            self._used += written


def used_bytes(root: int) -> int:
    """Return the bytes of all files below a folder, without files that vanish meanwhile."""
    total = 0
    for _, _, files, folder in os.fwalk(".", dir_fd=root):
        for name in files:
            with contextlib.suppress(FileNotFoundError):
                total += os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
    return total


OWN_FOLDER = ".gaopai"

TAKEN_NAMES = 10_000
"""Limit of taken names of a series, after which saving fails."""


class Storage:
    """Files below one root; no file name in a request leads to any other file.

    Every method blocks and may be called from several threads.

    Parameters
    ----------
    root
        The folder; made (0700) where missing. Links in its own path are the
        administrator's and followed; below it none is.
    overwrite
        Allow `save` to replace a file.
    quota_bytes
        Limit of all files below the root together; None for that of the disk.
    opener
        Function that resolves paths below the root; None for the best of this kernel.

    Raises
    ------
    server.errors.StorageFailed
        The folder cannot be made or listed.
    """

    def __init__(
        self,
        root: Path,
        overwrite: bool = False,
        quota_bytes: int | None = None,
        *,
        opener: Opener | None = None,
    ) -> None:
        self.root = root.absolute()
        self._overwrite = overwrite
        self._times = TimeNames()
        with writing(str(self.root), self.root):
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._roots = (self.root, self.root.resolve())
            with self._opened() as top:
                self._opener = opener or best_opener(top)
                remove_leftovers(top)
                self._quota = Quota(quota_bytes, 0 if quota_bytes is None else used_bytes(top))

    def replacing(self) -> Storage:
        """Return this storage, sharing its quota, with leave to replace files."""
        view = copy.copy(self)
        view._overwrite = True
        return view

    def check(self, name: str, suffixes: Collection[str] = SUFFIXES) -> None:
        """Refuse a name that `save` would refuse now, without changing anything on the disk.

        An empty name passes: the file then gets `default_name`.

        Parameters
        ----------
        suffixes
            Allowed suffixes.

        Raises
        ------
        server.errors.BadName, PathOutside, BadSuffix, FileExists
        """
        parts = self._parts(name) if name else ()
        if name:
            suffix_of(name, suffixes)
        if parts and not self._overwrite:
            self._check_free(parts)

    def save(self, name: str, data: bytes) -> Path:
        """Write and sync a file; return its absolute path.

        Parameters
        ----------
        name
            Path relative to the root, or absolute below it; missing folders are made (0700).

        Raises
        ------
        server.errors.BadName, PathOutside, BadSuffix
            The name is not allowed; nothing was changed.
        server.errors.FileExists, StorageFull, StorageFailed
            The file cannot be written; no part of it is left.
        """
        return self.save_series(name, [data])[0]

    def save_document(self, name: str, pieces: Content, suffixes: Collection[str]) -> Path:
        """Like `save`, for a file in pieces whose name has one of `suffixes`."""
        return self.save_documents(name, [pieces], suffixes)[0]

    def save_documents(self, name: str, contents: Sequence[Content], suffixes: Collection[str]) -> list[Path]:
        """Write ``a.pdf, a1.pdf, a2.pdf``, each in pieces, all or none; return their absolute paths.

        Raises
        ------
        server.errors.GaopaiError
            As in `save`, for any of the files.
        """
        *folders, file = self._parts(name)
        suffix_of(name, suffixes)
        files = dict(zip(series(file, len(contents)), contents, strict=True))
        for numbered in files:
            self._parts(numbered)
        self._save(folders, files, "/".join((*folders, file)))
        return [self.root.joinpath(*folders, numbered) for numbered in files]

    def save_series(self, name: str, pictures: Sequence[bytes]) -> list[Path]:
        """Like `save_documents`, for pictures."""
        return self.save_documents(name, [[one] for one in pictures], SUFFIXES)

    def save_next(self, name: str, number: int, data: bytes) -> Path:
        """Write one file of a growing series, ``a.jpg`` for number 0, ``a1.jpg`` for 1; return its path.

        A name that is taken is skipped, so that no page is lost because of an old file.

        Raises
        ------
        server.errors.GaopaiError
            As in `save`, with `FileExists` only if `TAKEN_NAMES` names in a row are taken.
        """
        *folders, file = self._parts(name)
        for numbered in islice(series(file, number + TAKEN_NAMES), number, None):
            try:
                return self.save("/".join((*folders, numbered)), data)
            except FileExists:
                continue
        raise FileExists(name=name)

    def read(self, name: str, limit_bytes: int) -> bytes:
        """Return the content of a file below the root.

        Raises
        ------
        server.errors.BadName, PathOutside
            The name is not allowed, or leads to a link, symbolic or hard.
        server.errors.FileMissing, FileUnreadable
            There is no such file, it is not an ordinary file, or the disk fails.
        server.errors.PictureTooLarge
            It has more than `limit_bytes` bytes.
        """
        with self.opened(name) as file:
            # No more than the file has now, as a buffer of the limit would be allocated first.
            data = file.read(min(os.fstat(file.fileno()).st_size, limit_bytes) + 1)
        if len(data) > limit_bytes:
            path = self.relative(name)
            raise PictureTooLarge(picture=path, size=f"> {limit_bytes} B", limit=f"{limit_bytes} B")
        return data

    @contextlib.contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """Open a file below the root for reading, until the end of the block.

        Raises
        ------
        server.errors.BadName, PathOutside, FileMissing, FileUnreadable
            As in `read`; also for errors of the disk within the block.
        """
        parts = self._parts(name)
        path = "/".join(parts)
        with reading(path, self.root), self._opened() as top:
            # O_NONBLOCK: a pipe or device in the folder must not hold the thread.
            flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
            with held(self._opener(top, parts, flags)) as descriptor:
                self._check_ordinary(os.fstat(descriptor), path)
                with os.fdopen(descriptor, "rb", closefd=False) as file:
                    yield file

    def relative(self, name: str) -> str:
        """Return `name` relative to the root.

        Raises
        ------
        server.errors.BadName, PathOutside
        """
        return "/".join(self._parts(name))

    def own_folder(self) -> Path:
        """Make a folder (0700) for the service's own records, with a name that requests cannot use.

        Raises
        ------
        server.errors.PathOutside, StorageFull, StorageFailed
        """
        with writing(OWN_FOLDER, self.root), self._opened() as top:
            os.close(make_folders(self._opener, top, (OWN_FOLDER,)))
        return self.root / OWN_FOLDER

    def default_name(self, suffix: str, now: datetime, suffixes: Collection[str] = SUFFIXES) -> str:
        """Return a unique name made of the time, such as ``20261124-153012-123.jpg``.

        Raises
        ------
        server.errors.BadSuffix
        """
        name = f"{self._times.next(now)}.{suffix.lstrip('.')}"
        suffix_of(name, suffixes)
        return name

    def _parts(self, name: str) -> tuple[str, ...]:
        return parts_below(name, self._roots)

    def _check_free(self, parts: Sequence[str]) -> None:
        *folders, file = parts
        path = "/".join(parts)
        with writing(path, self.root), self._opened() as top, contextlib.suppress(FileNotFoundError):
            folder = self._opener(top, folders, os.O_PATH | os.O_DIRECTORY)
            with held(folder):
                # The name itself, not the target of a link, as in `save`.
                os.stat(file, dir_fd=folder, follow_symlinks=False)
            raise FileExists(name=path)

    def _opened(self) -> contextlib.AbstractContextManager[int]:
        # Opened for each use, so that a root that was unmounted or replaced is noticed and not kept busy.
        return held(os.open(self.root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))

    def _save(self, folders: Sequence[str], files: Mapping[str, Content], path: str) -> None:
        size = sum(len(piece) for pieces in files.values() for piece in pieces)
        with (
            writing(path, self.root),
            self._opened() as top,
            self._quota.reserve(top, size, path),
            held(make_folders(self._opener, top, folders)) as folder,
        ):
            write_all(folder, files, self._overwrite)

    def _check_ordinary(self, status: os.stat_result, name: str) -> None:
        if stat.S_ISDIR(status.st_mode):
            raise BadName(reason=LocalizedText("它是文件夹", "it is a folder"))
        if not stat.S_ISREG(status.st_mode):
            raise FileUnreadable(
                name=name, reason=LocalizedText("不是普通文件", "it is not an ordinary file")
            )
        if status.st_nlink > 1:
            # The other name may be outside the root; the service's files never have two names.
            raise PathOutside(root=self.root)
