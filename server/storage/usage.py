"""Use of a folder's disk and quota."""

from __future__ import annotations

import os
from dataclasses import dataclass

from server.storage.place import Place, measured


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
    """

    path: str
    files: int = 0
    used: int = 0
    free: int = 0
    limit: int | None = None
    fault: str = ""


def usage_of(place: Place) -> StorageUsage:
    """Return the use of a folder; walks through all of it, blocking."""
    path, limit = str(place.path), place.quota.limit
    try:
        with place.opened() as top:
            files, used = measured(top)
            disk = os.statvfs(place.path)
    except OSError as exc:
        return StorageUsage(path, limit=limit, fault=exc.strerror or type(exc).__name__)
    return StorageUsage(path, files, used, disk.f_bavail * disk.f_frsize, limit)
