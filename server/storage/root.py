"""Storage root: the one folder that pages may save pictures to and read files from, with its quota."""

from __future__ import annotations

import contextlib
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
    for _, _, files, folder in os.fwalk(".", dir_fd=root):
        for name in files:
            with contextlib.suppress(FileNotFoundError):
                total += os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
    return total


OWN_FOLDER = ".gaopai"

TAKEN_NAMES = 10_000
"""How many names of a series may be taken before one is given up."""


class Storage:
    """Files below one root; whatever a page names, nothing else is touched.

    Every method blocks and may be called from several threads.

    Parameters
    ----------
    root
        The folder; made (0700) where missing. Links in its own path are the
        administrator's and followed; below it none is.
    overwrite
        Whether `save` may replace a file.
    quota_bytes
        Limit of all files below the root together; None for the disk's own.
    opener
        How paths are resolved below the root; None for the best this kernel offers.

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

    def check(self, name: str, suffixes: Collection[str] = SUFFIXES) -> None:
        """Refuse a name that `save` would refuse now, without changing anything on the disk.

        An empty name passes: the file then gets `default_name`.

        Parameters
        ----------
        suffixes
            What the name may end in.

        Raises
        ------
        server.errors.BadName, PathOutside, BadSuffix, FileExists
        """
        parts = self._parts(name) if name else ()
        if name:
            suffix_of(name, suffixes)
        if parts and not self._overwrite:
            self._refuse_taken(parts)

    def save(self, name: str, data: bytes) -> Path:
        """Write a file and make it last; return its absolute path.

        Parameters
        ----------
        name
            Relative to the root, or absolute below it; missing folders are made (0700).

        Raises
        ------
        server.errors.BadName, PathOutside, BadSuffix
            The name; nothing was touched.
        server.errors.FileExists, StorageFull, StorageFailed
            The disk; no part of the file was left.
        """
        return self.save_series(name, [data])[0]

    def save_document(self, name: str, pieces: Content, suffixes: Collection[str]) -> Path:
        """As `save`, a file in pieces, whose name may end in one of `suffixes`."""
        return self.save_documents(name, [pieces], suffixes)[0]

    def save_documents(self, name: str, contents: Sequence[Content], suffixes: Collection[str]) -> list[Path]:
        """Write ``a.pdf, a1.pdf, a2.pdf``, each in pieces, all or none; return their absolute paths.

        Raises
        ------
        server.errors.GaopaiError
            As `save`, about any of the files.
        """
        *folders, file = self._parts(name)
        suffix_of(name, suffixes)
        files = dict(zip(series(file, len(contents)), contents, strict=True))
        for numbered in files:
            self._parts(numbered)
        self._save(folders, files, "/".join((*folders, file)))
        return [self.root.joinpath(*folders, numbered) for numbered in files]

    def save_series(self, name: str, pictures: Sequence[bytes]) -> list[Path]:
        """As `save_documents`, pictures."""
        return self.save_documents(name, [[one] for one in pictures], SUFFIXES)

    def save_next(self, name: str, number: int, data: bytes) -> Path:
        """Write one file of a series that grows: ``a.jpg`` is number 0, ``a1.jpg`` 1; its absolute path.

        A name that is taken is passed over, so that a page is never lost to an old file.

        Raises
        ------
        server.errors.GaopaiError
            As `save`, but not `FileExists` unless `TAKEN_NAMES` in a row are taken.
        """
        *folders, file = self._parts(name)
        for numbered in islice(series(file, number + TAKEN_NAMES), number, None):
            try:
                return self.save("/".join((*folders, numbered)), data)
            except FileExists:
                continue
        raise FileExists(name=name)

    def read(self, name: str, limit_bytes: int) -> bytes:
        """The content of a file below the root.

        Raises
        ------
        server.errors.BadName, PathOutside
            The name, or what it leads to: links of either kind are refused.
        server.errors.FileMissing, FileUnreadable
            No such file, not an ordinary file, or the disk's reason.
        server.errors.PictureTooLarge
            More than `limit_bytes` bytes.
        """
        with self.opened(name) as file:
            # No more room than the file has now: a buffer of the limit would be made and given back.
            data = file.read(min(os.fstat(file.fileno()).st_size, limit_bytes) + 1)
        if len(data) > limit_bytes:
            shown = self.relative(name)
            raise PictureTooLarge(picture=shown, size=f"> {limit_bytes} B", limit=f"{limit_bytes} B")
        return data

    @contextlib.contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """A file below the root, open for reading until the end of the block.

        Raises
        ------
        server.errors.BadName, PathOutside, FileMissing, FileUnreadable
            As `read`; also for what the disk says within the block.
        """
        parts = self._parts(name)
        shown = "/".join(parts)
        with reading(shown, self.root), self._opened() as top:
            # O_NONBLOCK: a pipe or device in the folder must not hold the thread.
            flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
            with held(self._opener(top, parts, flags)) as descriptor:
                self._refuse_odd(os.fstat(descriptor), shown)
                with os.fdopen(descriptor, "rb", closefd=False) as file:
                    yield file

    def relative(self, name: str) -> str:
        """`name` as it is below the root, which may be elsewhere another day.

        Raises
        ------
        server.errors.BadName, PathOutside
        """
        return "/".join(self._parts(name))

    def own_folder(self) -> Path:
        """A folder (0700) for the service's own records: its name is one that pages cannot use.

        Raises
        ------
        server.errors.PathOutside, StorageFull, StorageFailed
        """
        with writing(OWN_FOLDER, self.root), self._opened() as top:
            os.close(make_folders(self._opener, top, (OWN_FOLDER,)))
        return self.root / OWN_FOLDER

    def default_name(self, suffix: str, now: datetime, suffixes: Collection[str] = SUFFIXES) -> str:
        """A name made of the time, such as ``20261124-153012-123.jpg``, and not given out before.

        Raises
        ------
        server.errors.BadSuffix
        """
        name = f"{self._times.next(now)}.{suffix.lstrip('.')}"
        suffix_of(name, suffixes)
        return name

    def _parts(self, name: str) -> tuple[str, ...]:
        return parts_below(name, self._roots)

    def _refuse_taken(self, parts: Sequence[str]) -> None:
        *folders, file = parts
        shown = "/".join(parts)
        with writing(shown, self.root), self._opened() as top, contextlib.suppress(FileNotFoundError):
            folder = self._opener(top, folders, os.O_PATH | os.O_DIRECTORY)
            with held(folder):
                # The name itself, not what it may point to: save meets the same.
                os.stat(file, dir_fd=folder, follow_symlinks=False)
            raise FileExists(name=shown)

    def _opened(self) -> contextlib.AbstractContextManager[int]:
        # Opened for each use: a root that was unmounted or replaced is noticed, none stays pinned.
        return held(os.open(self.root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))

    def _save(self, folders: Sequence[str], files: Mapping[str, Content], shown: str) -> None:
        size = sum(len(piece) for pieces in files.values() for piece in pieces)
        with (
            writing(shown, self.root),
            self._opened() as top,
            self._quota.room_for(top, size, shown),
            held(make_folders(self._opener, top, folders)) as folder,
        ):
            write_all(folder, files, self._overwrite)

    def _refuse_odd(self, status: os.stat_result, name: str) -> None:
        if stat.S_ISDIR(status.st_mode):
            raise BadName(reason=LocalizedText("它是文件夹", "it is a folder"))
        if not stat.S_ISREG(status.st_mode):
            raise FileUnreadable(
                name=name, reason=LocalizedText("不是普通文件", "it is not an ordinary file")
            )
        if status.st_nlink > 1:
            # The other name may be outside; our own files never have two.
            raise PathOutside(root=self.root)
