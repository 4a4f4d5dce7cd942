"""Lines that an audit trail has lost and not yet told of, counted where a full disk has room for it."""

from __future__ import annotations

import logging
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

log = logging.getLogger(__name__)

FILE: Final = "audit.lost"
RECORD_SECONDS = 1.0
"""Least time between two records of a number that grows."""


class LossRecord:
    """Number and time of lost lines as the size and time of an empty file, which take no room on a disk.

    Parameters
    ----------
    folder
        Folder of the audit trail.

    Raises
    ------
    OSError
        From every method: the file cannot be made, read or changed.
    """

    def __init__(self, folder: Path) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(folder / FILE, flags, 0o600)

    def read(self) -> tuple[int, datetime]:
        """Return the number of lost lines, and the time of the first."""
        status = os.fstat(self._file)
        return status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)

    def write(self, count: int, since: datetime) -> None:
        """Record a number and a time."""
        os.ftruncate(self._file, count)
        os.utime(self._file, (since.timestamp(), since.timestamp()))
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


class Gap:
    """Lines that were lost since the last one that was written, also in an earlier life of the service."""

    def __init__(self, folder: Path) -> None:
        self._record: LossRecord | None = None
        self._count, self._since = 0, datetime.now(UTC)
        self._recorded = -RECORD_SECONDS
        self._failing = False
        self._lock = threading.Lock()
        try:
            self._record = LossRecord(folder)
            self._count, self._since = self._record.read()
        except OSError as error:
            self._fail(error)

    @property
    def open(self) -> bool:
        """True if there are lost lines that were not told of."""
        return self._count > 0

    def add(self) -> None:
        """Count a lost line; never waits for the disk."""
        with self._lock:
            if not self._count:
                self._since = datetime.now(UTC)
            self._count += 1

    def line(self) -> dict[str, Any] | None:
        """Return the fields of a line about the lost ones, None if there are none."""
        with self._lock:
            return {"lines": self._count, "since": told(self._since)} if self._count else None

    def close_by(self, count: int) -> None:
        """Forget so many lines, which the trail tells of now."""
        with self._lock:
            self._count -= count
            self._since = datetime.now(UTC)
        self.keep()

    def keep(self, seldom: bool = False) -> None:
        """Record the lines that were not told of, for the next life; with `seldom` not too often."""
        if self._record is None or (seldom and monotonic() - self._recorded < RECORD_SECONDS):
            return
        self._recorded = monotonic()
        try:
            self._record.write(self._count, self._since)
            self._failing = False
        except OSError as error:
            self._fail(error)

    def end(self) -> None:
        """Record the lines that were not told of, and close the record."""
        self.keep()
        if self._record is not None:
            self._record.close()

    def _fail(self, error: OSError) -> None:
        if not self._failing:
            log.error("the number of the audit trail's lost lines cannot be kept: %s", error.strerror)
        self._failing = True


def told(time: datetime) -> str:
    """Return a time as the lines of a trail have it."""
    return time.isoformat(timespec="milliseconds")
