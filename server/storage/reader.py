"""Reading of stored files, and the names that lead to them."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from server import errors
from server.errors import LocalizedText
from server.storage.atomic import reading, writing
from server.storage.listing import ListedFile, StorageUsage, nearest_file, owned_files, usage_of
from server.storage.ownership import READING, Owner, recorded
from server.storage.paths import parts_below
from server.storage.place import Opener, Place, held
from server.storage.retention import Retention


class StorageReader:
    """Files below the root and the folders beside it, as one origin may read them.

    Parameters
    ----------
    root
        The root, absolute.
    places
        The root and the folders beside it.
    owner
        Owner of the files that this origin makes.
    sharing
        Allow every origin to read the files of all.
    opener
        Function that resolves paths below a folder.
    """

    def __init__(
        self, root: Path, places: Sequence[Place], owner: Owner, sharing: bool, opener: Opener
    ) -> None:
        self.root = root
        self._places = places
        self._owner = owner
        self._sharing = sharing
        self._opener = opener
        self.retention = Retention(places, opener)

    def usage(self) -> Sequence[StorageUsage]:
        """Return the use of each folder, the root first; walks through all of them."""
        return [self._usage(place) for place in self._places]

    def _usage(self, place: Place) -> StorageUsage:
        usage = usage_of(place)
        try:
            return usage if usage.fault else replace(usage, going=self.retention.forecast(place, time.time()))
        except OSError as exc:
            return replace(usage, fault=exc.strerror or type(exc).__name__)

    def read(self, name: str, limit_bytes: int, *, own: bool = False) -> bytes:
        """Return the content of a file.

        Parameters
        ----------
        own
            True for a file that this origin made, alone.

        Raises
        ------
        server.errors.BadName, PathOutside
            The name is not allowed, or leads to a link, symbolic or hard.
        server.errors.FileMissing, FileUnreadable
            There is no such file, it is not an ordinary file, or the disk fails.
        server.errors.FileOfAnotherOrigin, FileOfNoPage
        server.errors.PictureTooLarge
            It has more than `limit_bytes` bytes.
        """
        with self.opened(name, own=own) as file:
            # No more than the file has now, as a buffer of the limit would be allocated first.
            data = file.read(min(os.fstat(file.fileno()).st_size, limit_bytes) + 1)
        if len(data) > limit_bytes:
            path = self.relative(name)
            raise errors.PictureTooLarge(picture=path, size=f"> {limit_bytes} B", limit=f"{limit_bytes} B")
        return data

    @contextlib.contextmanager
    def opened(self, name: str, *, own: bool = False) -> Iterator[BinaryIO]:
        """Open a file for reading, until the end of the block; parameters as in `read`.

        Raises
        ------
        server.errors.BadName, PathOutside, FileMissing, FileUnreadable, FileOfAnotherOrigin, FileOfNoPage
            As in `read`; also for errors of the disk within the block.
        """
        place, parts = self._located(name)
        path = "/".join(parts)
        with (
            reading(path, self.root),
            place.opened() as top,
            held(self._descriptor(top, parts)) as descriptor,
        ):
            self._check_ordinary(os.fstat(descriptor), path)
            self._check_readable(top, descriptor, parts, own)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                yield file

    def _descriptor(self, top: int, parts: Sequence[str]) -> int:
        try:
            return self._opener(top, parts, READING)
        except FileNotFoundError as exc:
            near = nearest_file(self._opener, self._owner, top, parts)
            raise errors.FileMissing(name="/".join(parts), nearest=near) from exc

    def made(self, name: str) -> bool:
        """Return whether there is an ordinary file of that name, and this origin made it."""
        place, parts = self._located(name)
        try:
            with (
                reading("/".join(parts), self.root),
                place.opened() as top,
                held(self._opener(top, parts, READING)) as descriptor,
            ):
                self._check_ordinary(os.fstat(descriptor), name)
                return recorded(self._opener, top, descriptor, parts) == self._owner
        except errors.FileMissing:
            return False

    def located(self, name: str) -> Path:
        """Return the absolute path of a name."""
        place, parts = self._located(name)
        return place.path.joinpath(*parts)

    def relative(self, name: str) -> str:
        """Return `name` relative to the root or folder that it is in."""
        return "/".join(self._located(name)[1])

    def free_bytes(self, name: str) -> int:
        """Return the bytes that are left on the disk of a file."""
        place, parts = self._located(name)
        with writing("/".join(parts), self.root):
            disk = os.statvfs(place.path)
            return disk.f_bavail * disk.f_frsize

    def _located(self, name: str) -> tuple[Place, tuple[str, ...]]:
        number, parts = parts_below(name, [place.spellings for place in self._places])
        return self._places[number], parts

    def own_files(self, prefix: str) -> Iterator[ListedFile]:
        """Yield all files that this origin made, in no order.

        Parameters
        ----------
        prefix
            Beginning of their path, absolute or relative to the root or folder that they are in.
        """
        for place in self._places:
            with reading("", self.root):
                yield from owned_files(place, self._opener, self._owner, prefix)

    def _check_readable(self, top: int, file: int, parts: Sequence[str], own: bool) -> None:
        if self._sharing:
            return
        owner = recorded(self._opener, top, file, parts)
        if owner not in (None, self._owner):
            raise errors.FileOfAnotherOrigin(name="/".join(parts))
        if own and owner is None:
            raise errors.FileOfNoPage(name="/".join(parts))

    def _check_ordinary(self, status: os.stat_result, name: str) -> None:
        if stat.S_ISDIR(status.st_mode):
            raise errors.BadName(reason=LocalizedText("它是文件夹", "it is a folder"))
        if not stat.S_ISREG(status.st_mode):
            raise errors.FileUnreadable(
                name=name, reason=LocalizedText("不是普通文件", "it is not an ordinary file")
            )
        if status.st_nlink > 1:
            # The other name may be outside the root; the service's files never have two names.
            raise errors.PathOutside(root=self.root)
