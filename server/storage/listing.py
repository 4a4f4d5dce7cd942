"""Listing of the stored files that one owner made."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from server.protocol.spelling import nearest
from server.storage.ownership import READING, Maker, Owner, maker_of, recorded
from server.storage.paths import DEPTH
from server.storage.place import FOLDER, Opener, Place, held, measured


@dataclass(frozen=True, slots=True)
class ListedFile:
    """File with its size in bytes, the time of its last change, in seconds since 1970, and its profile."""

    path: Path
    size: int
    time: float
    profile: str = ""


def owned_files(place: Place, opener: Opener, owner: Owner | None, prefix: str) -> Iterator[ListedFile]:
    """Yield the ordinary files of an owner in a folder and below it; none where it is missing.

    Parameters
    ----------
    owner
        None for those of every owner, but none that nobody is recorded for.
    prefix
        Beginning of their path, absolute or relative to the folder.
    """
    try:
        with place.opened() as top:
            for folder, folders, names, descriptor in os.fwalk(".", dir_fd=top):
                parents = Path(folder).parts
                folders[:] = [name for name in folders if _leads_on(place, (*parents, name), prefix)]
                for parts in ((*parents, name) for name in names if not name.startswith(".")):
                    if _begins(place, parts, prefix):
                        found = _file(descriptor, parts[-1])
                        maker = found and _maker(opener, top, descriptor, parts)
                        if found and maker and owner in (None, maker.owner):
                            path = place.path.joinpath(*parts)
                            yield ListedFile(path, found.st_size, found.st_mtime, maker.profile)
    except FileNotFoundError:
        return


def _leads_on(place: Place, parts: tuple[str, ...], prefix: str) -> bool:
    """Return whether a folder may hold files that are asked for."""
    # Names that requests cannot use: the service's own, and whatever is too deep.
    if parts[-1].startswith(".") or len(parts) >= DEPTH:
        return False
    return _begins(place, parts, prefix) or any(
        prefix.startswith(f"{path}/") for path in ("/".join(parts), place.path.joinpath(*parts))
    )


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


def _maker(opener: Opener, top: int, folder: int, parts: tuple[str, ...]) -> Maker | None:
    with contextlib.suppress(FileNotFoundError, PermissionError):
        descriptor = os.open(parts[-1], READING | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        with held(descriptor):
            return maker_of(opener, top, descriptor, parts)
    return None


_DIGITS = re.compile(r"\d")
"""Digits of a name."""
NAMES = 1000
"""Limit of the names of a folder that a missing one is compared with."""


def nearest_file(opener: Opener, owner: Owner, top: int, parts: Sequence[str]) -> str | None:
    """Return the file of an owner whose path is nearest to one that is missing; None if none is near.

    Nothing is told of the files of others, and of those that nobody is recorded for. One that differs by a
    number is another page, not another spelling.

    Parameters
    ----------
    top
        Descriptor of the folder that `opener` opens names below.
    parts
        Components of the path that is missing.
    """
    found: list[str] = []
    try:
        for part in parts:
            with held(opener(top, found, FOLDER)) as folder, os.scandir(folder) as entries:
                names = [entry.name for entry in islice(entries, NAMES) if not entry.name.startswith(".")]
            alike = [name for name in names if _DIGITS.findall(name) == _DIGITS.findall(part)]
            near = part if part in names else nearest(part, alike)
            if near is None:
                return None
            found.append(near)
        with held(opener(top, found, READING)) as file:
            is_own = stat.S_ISREG(os.fstat(file).st_mode) and recorded(opener, top, file, found) == owner
    except OSError:
        return None
    return "/".join(found) if is_own else None


@dataclass(frozen=True, slots=True)
class RetentionForecast:
    """Files that go within some days, or later or never (None), and their bytes."""

    days: int | None
    files: int
    size: int


@dataclass(frozen=True, slots=True)
class StorageUsage:
    """Use of a folder.

    Attributes
    ----------
    files, used
        Number and bytes of the files below it.
    free
        Bytes that the disk has left for this account.
    limit
        Quota in bytes; None for that of the disk.
    fault
        Error of the system that keeps it from being read; empty if there is none.
    going
        Forecast of retention; empty where it removes nothing.
    """

    path: str
    files: int = 0
    used: int = 0
    free: int = 0
    limit: int | None = None
    fault: str = ""
    going: tuple[RetentionForecast, ...] = ()


def usage_of(place: Place) -> StorageUsage:
    """Return the use of a folder; walks through all of it, blocking."""
    path = str(place.path)
    limit = place.quota.limit
    try:
        with place.opened() as top:
            files, used = measured(top)
            disk = os.statvfs(place.path)
    except OSError as exc:
        return StorageUsage(path, limit=limit, fault=exc.strerror or type(exc).__name__)
    return StorageUsage(path, files, used, disk.f_bavail * disk.f_frsize, limit)
