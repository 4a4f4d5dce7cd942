"""Storage of files: the root and further folders, as the pages of one origin may use them."""

from __future__ import annotations

import contextlib
import copy
import logging
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal

from server.errors import FileExists
from server.storage.atomic import Content, remove_leftovers, write_all, writing
from server.storage.ownership import Claim, Maker, owner_of, record, sweep
from server.storage.paths import SUFFIXES, NumberedName, Numbers, series, suffix_of, time_name
from server.storage.place import FOLDER, Opener, Place, Quota, best_opener, held, make_folders
from server.storage.reader import StorageReader

log = logging.getLogger(__name__)


OWN_FOLDER = ".gaopai"

TAKEN_NAMES = 10_000
"""Limit of taken names of a series, after which saving fails."""


Beside = Callable[[str, Content], Mapping[str, Content]]
"""Returns the files to be written beside a file, by its name and content; blocks."""

Overwrite = Literal["own", "never", "always"]
"""Files that a request may replace: those that its origin made, none, or any."""


class Storage(StorageReader):
    """Files below the root and the folders beside it, as one origin may use them.

    No file name in a request leads to any other file. Each file remembers the origin that made it, and only
    that one may read or replace it; a file that no origin made may be read by all. Without `of`, it is the
    storage of programs that are no browser. Every method blocks and may be called from several threads.

    Parameters
    ----------
    root
        The folder; made (0700) where missing.
    overwrite
        Files that `save` may replace.
    quota_bytes
        Limit of all files below the root together, and below each of `folders`; None for that of the disk.
    folders
        Further folders, which absolute names lead to; one that is missing is looked for at each use.
    sharing
        Allow every origin to read the files of all.
    opener
        Function that resolves paths below the root; None for the best of this kernel.

    Raises
    ------
    server.errors.StorageFailed
        The root cannot be made or listed.
    """

    def __init__(
        self,
        root: Path,
        overwrite: Overwrite = "own",
        quota_bytes: int | None = None,
        *,
        folders: Sequence[Path] = (),
        sharing: bool = False,
        opener: Opener | None = None,
    ) -> None:
        root = root.absolute()
        self._overwrite = overwrite
        self._numbers = Numbers()
        self._profile = ""
        self._beside: Beside | None = None
        with writing(str(root), root):
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            home = Place(root, Quota(quota_bytes, None))
            with home.opened() as top:
                opener = opener or best_opener(top)
            places = (home, *(Place(folder.absolute(), Quota(quota_bytes, None)) for folder in folders))
            super().__init__(root, places, owner_of(None), sharing, opener)
            self._tidy(home)
        for place in self._places[1:]:
            try:
                self._tidy(place)
            except OSError as exc:
                log.warning("[storage] folders: %s cannot be used now (%s)", place.path, exc.strerror)

    def of(self, origin: str | None, profile: str = "") -> Storage:
        """Return this storage as the pages of an origin may use it.

        Parameters
        ----------
        origin
            None for programs that are no browser, which are one origin together.
        profile
            Name of the profile of the request that files are written for; empty where it names none.
        """
        view = copy.copy(self)
        view._owner = owner_of(origin)
        view._profile = profile
        return view

    def recording(self, beside: Beside) -> Storage:
        """Return this storage so that it writes others beside each file, all of them or none, of one time."""
        view = copy.copy(self)
        view._beside = beside
        return view

    def check(self, name: str, suffixes: Collection[str] = SUFFIXES) -> None:
        """Refuse a name that `save` would refuse now, without changing anything on the disk.

        An empty name passes: the file then gets `default_name`.

        Parameters
        ----------
        suffixes
            Allowed suffixes.
        """
        if not name:
            return
        place, parts = self._located(name)
        suffix_of(name, suffixes)
        self._check_free(place, parts)

    def save(self, name: str, data: bytes) -> Path:
        """Write and sync a file; return its absolute path.

        Parameters
        ----------
        name
            Path as in `server.storage.paths.parts_below`; missing folders are made (0700).

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
        place, (*folders, file) = self._located(name)
        suffix_of(name, suffixes)
        files = dict(zip(series(file, len(contents)), contents, strict=True))
        for numbered in files:
            self._located(numbered)
        self._save(place, folders, files)
        return [place.path.joinpath(*folders, numbered) for numbered in files]

    def save_series(self, name: str, pictures: Sequence[bytes]) -> list[Path]:
        """Like `save_documents`, for pictures."""
        return self.save_documents(name, [[one] for one in pictures], SUFFIXES)

    def remove(self, name: str) -> bool:
        """Remove a file that this origin made; False where another did, none is recorded, or it is held."""
        if not self.made(name):
            return False
        place, (*folders, file) = self._located(name)
        if self.retention.holds(place, (*folders, file)):
            return False
        with (
            writing("/".join((*folders, file)), self.root),
            place.opened() as top,
            held(self._opener(top, folders, FOLDER)) as folder,
        ):
            os.unlink(file, dir_fd=folder)
            os.fsync(folder)
        return True

    def save_next(self, name: str, number: int, data: bytes) -> tuple[Path, int]:
        """Write one file of a growing series, ``a.jpg`` for number 0, ``a1.jpg`` for 1.

        A number whose file cannot be replaced is skipped, so that no page is lost because of it.

        Returns
        -------
        tuple of Path and int
            The file, and the number of the next one.

        Raises
        ------
        server.errors.GaopaiError
            As in `save`, with `FileExists` only if `TAKEN_NAMES` names in a row are taken.
        """
        place, (*folders, file) = self._located(name)
        for used in range(number, number + TAKEN_NAMES):
            (numbered,) = islice(series(file, used + 1), used, None)
            try:
                return self.save(str(place.path.joinpath(*folders, numbered)), data), used + 1
            except FileExists:
                continue
        raise FileExists(name=name)

    def save_new(self, folder: str, names: Sequence[NumberedName], pictures: Sequence[bytes]) -> list[Path]:
        """Like `save_new_documents`, for pictures."""
        return self.save_new_documents(folder, names, [[one] for one in pictures], SUFFIXES)

    def save_new_documents(
        self,
        folder: str,
        names: Sequence[NumberedName],
        contents: Sequence[Content],
        suffixes: Collection[str],
    ) -> list[Path]:
        """Write files to a folder, all or none, each with a number that no file has; none is replaced.

        Raises
        ------
        server.errors.GaopaiError
            As in `save`, with `FileExists` only if others take `TAKEN_NAMES` numbers in a row.
        """
        view = copy.copy(self)
        view._overwrite = "never"
        for _ in range(TAKEN_NAMES):
            files = self._listed(folder)
            numbered: list[str] = []
            for name in names:
                numbered.append(name.file(self._numbers.next(folder, name, [*files, *numbered])))
            try:
                return view._save_named(folder, dict(zip(numbered, contents, strict=True)), suffixes)
            except FileExists:
                continue
        raise FileExists(name=folder)

    def _save_named(self, folder: str, files: Mapping[str, Content], suffixes: Collection[str]) -> list[Path]:
        located = [self._located(f"{folder}/{file}" if folder else file) for file in files]
        for file in files:
            suffix_of(file, suffixes)
        (place, (*folders, _)), *_ = located
        self._save(place, folders, files)
        return [place.path.joinpath(*parts) for place, parts in located]

    def _listed(self, folder: str) -> list[str]:
        """Return the names of all that is in a folder, none where it is missing."""
        place, (*folders, _) = self._located(f"{folder}/x" if folder else "x")
        with writing(folder, self.root):
            if place.is_to_be_made():
                return []
        with (
            writing(folder, self.root),
            place.opened() as top,
            contextlib.suppress(FileNotFoundError),
            held(self._opener(top, folders, FOLDER)) as descriptor,
        ):
            return os.listdir(descriptor)  # noqa: PTH208 - of the folder that is held, not of a path
        return []

    @contextlib.contextmanager
    def growing(self, name: str, limit_bytes: int, suffixes: Collection[str]) -> Iterator[BinaryIO]:
        """Make a file that is written bit by bit until the end of the block; what was written stays.

        Parameters
        ----------
        limit_bytes
            Bytes that the quota keeps for it; the caller writes no more.
        suffixes
            Allowed suffixes.

        Raises
        ------
        server.errors.GaopaiError
            As in `save`; also for errors of the disk within the block.
        """
        self.save_document(name, [b""], suffixes)
        place, parts = self._located(name)
        path = "/".join(parts)
        with (
            writing(path, self.root),
            place.opened() as top,
            place.quota.reserve(top, limit_bytes, path),
            held(self._opener(top, parts, os.O_RDWR | os.O_NOCTTY)) as descriptor,
        ):
            self._check_ordinary(os.fstat(descriptor), path)
            try:
                with os.fdopen(descriptor, "r+b", buffering=0, closefd=False) as file:
                    yield file
            finally:
                os.fsync(descriptor)
                # A record that is no attribute holds for one size and time.
                record(self._opener, top, descriptor, parts, self._maker)

    def own_folder(self) -> Path:
        """Make a folder (0700) for the service's own records, with a name that requests cannot use."""
        with writing(OWN_FOLDER, self.root), self._places[0].opened() as top:
            os.close(make_folders(self._opener, top, (OWN_FOLDER,)))
        return self.root / OWN_FOLDER

    def default_name(self, suffix: str, now: datetime, suffixes: Collection[str] = SUFFIXES) -> str:
        """Return a name made of the time and of chance, such as ``20261124-153012-123-5f0c9a81d2.jpg``."""
        name = f"{time_name(now)}.{suffix.lstrip('.')}"
        suffix_of(name, suffixes)
        return name

    def _tidy(self, place: Place) -> None:
        with place.opened() as top:
            remove_leftovers(top)
            sweep(self._opener, top)

    def _check_free(self, place: Place, parts: Sequence[str]) -> None:
        *folders, file = parts
        path = "/".join(parts)
        with writing(path, self.root):
            if place is self._places[0] and place.is_to_be_made():
                return
        with writing(path, self.root), place.opened() as top, contextlib.suppress(FileNotFoundError):
            folder = self._opener(top, folders, os.O_PATH | os.O_DIRECTORY)
            with held(folder):
                # The name itself, not the target of a link, as in `save`.
                os.stat(file, dir_fd=folder, follow_symlinks=False)
                claim = Claim(self._opener, top, folders, self._maker)
                if not self._replaceable(claim, place, folder, file):
                    raise FileExists(name=path)

    def _save(self, place: Place, folders: Sequence[str], files: Mapping[str, Content]) -> None:
        if (beside := self._beside) is not None:
            for name, content in tuple(files.items()):
                # First, so that after a crash none is there without those beside it.
                files = {**beside(name, content), **files}
        size = sum(len(piece) for pieces in files.values() for piece in pieces)
        path = "/".join((*folders, *islice(files, 1)))
        with writing(path, self.root):
            if place is self._places[0]:
                place.make()
        with (
            writing(path, self.root),
            place.opened() as top,
            place.quota.reserve(top, size, path),
            held(make_folders(self._opener, top, folders)) as folder,
        ):
            claim = Claim(self._opener, top, folders, self._maker, together=beside is not None)
            try:
                write_all(folder, files, partial(self._replaceable, claim, place), claim.mark)
            except BaseException:
                claim.settle(placed=False)
                raise
            claim.settle(placed=True)

    @property
    def _maker(self) -> Maker:
        return Maker(self._owner, self._profile)

    def _replaceable(self, claim: Claim, place: Place, folder: int, name: str) -> bool:
        if self.retention.holds(place, (*claim.folders, name)):
            return False
        return self._overwrite == "always" or (self._overwrite == "own" and claim.covers(folder, name))
