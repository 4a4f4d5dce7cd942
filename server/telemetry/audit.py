"""Audit trail of connections and requests, their devices and results: one JSON object per line."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import queue
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from time import monotonic
from typing import Any, Final

from server.runtime.background import supervise_thread
from server.telemetry.chain import START, last_link, linked
from server.telemetry.line_quota import LineQuota
from server.telemetry.printable import json_line
from server.telemetry.trail_files import RotatingFiles, opened_lines, opened_to_append

log = logging.getLogger(__name__)

WAITING = 10_000
"""Limit of lines that wait for the disk; further ones are lost, and counted."""
CLOSE_SECONDS = 2.0
"""Time limit for the waiting lines to be written at the end, in seconds."""
RETRY_SECONDS = 10.0
"""Time between attempts of telling that lines were lost, in seconds, while no new one comes."""
LINES_PER_MINUTE = 60
"""Number of lines a minute that one origin may fill the trail with, where none is given."""


class _Signal(Enum):
    END = 1
    SUMS = 2
    """A sum has begun, which the thread is to write when it is due."""


class AuditTrail:
    """Writes events in a thread, so that callers never wait for a slow disk.

    Lines that the disk does not take are lost; the next one that it takes is preceded by a line that says how
    many, also after a restart.

    Parameters
    ----------
    files
        Files to write, whose folder is made and opened here.
    chained
        Each line carries the hash of the one before.
    lines_per_minute
        Quota of each origin; see `server.telemetry.line_quota`.

    Raises
    ------
    BlockingIOError
        Another process writes the trail: each would chain to its own last line.
    OSError
        The folder cannot be made or the file not be written.
    """

    def __init__(
        self, files: RotatingFiles, chained: bool = True, lines_per_minute: float = LINES_PER_MINUTE
    ) -> None:
        self.files = files
        """Files that are written."""
        self._chained = chained
        self._lines: queue.Queue[Mapping[str, object] | _Signal] = queue.Queue(WAITING)
        self._quota = LineQuota(lines_per_minute)
        self.lost = 0
        files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = _locked(files.folder)
        files.tidy()
        self._gap = Gap(files.folder)
        self._link = last_link(files.path(), files.path(1)) if chained else START
        self._torn = _is_torn(files)
        self._begun = _begun(files)
        self._file = opened_to_append(files.path())
        self._failing = False
        self.written = threading.Event()
        """Set after each line."""
        self._thread = supervise_thread("audit trail", self._run)

    def write(self, fields: Mapping[str, object]) -> None:
        """Write an event with its time; never waits."""
        line = {"time": _now(), **fields}
        pending = self._quota.pending
        if self._quota.admits(line):
            self._put(line)
        elif not pending:
            with contextlib.suppress(queue.Full):
                self._lines.put_nowait(_Signal.SUMS)

    def close(self) -> None:
        """Write the waiting lines, within a bounded time."""
        with contextlib.suppress(queue.Full):
            self._lines.put(_Signal.END, timeout=CLOSE_SECONDS)
            self._thread.join(CLOSE_SECONDS)
        if self._thread.is_alive():
            log.warning("the audit trail's disk takes nothing: its last lines are lost")

    def _put(self, line: Mapping[str, object]) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._count_lost()

    def _count_lost(self) -> None:
        self.lost += 1
        self._gap.add()

    # In the thread ---------------------------------------------------------------------

    def _run(self) -> None:
        while (line := self._next()) is not _Signal.END:
            if not isinstance(line, _Signal):
                self._take(line)
            self._take_sums()
        self._take_sums(final=True)
        self._tell_gap()
        self._gap.end()
        os.close(self._file)
        os.close(self._lock)

    def _next(self) -> Mapping[str, object] | _Signal:
        while True:
            waits = self._quota.pending or self._gap.open
            try:
                return self._lines.get(timeout=RETRY_SECONDS if waits else None)
            except queue.Empty:
                self._take_sums()
                self._tell_gap()

    def _take_sums(self, final: bool = False) -> None:
        for fields in self._quota.sums(final):
            self._take({"time": _now(), **fields})

    def _take(self, fields: Mapping[str, object]) -> None:
        """Write a line, and before it one about those that were lost."""
        taken = False
        try:
            taken = self._tell_gap() and self._is_written(fields)
        finally:
            if taken:
                self._failing = False
            else:
                self._count_lost()
                self._gap.keep(seldom=True)

    def _tell_gap(self) -> bool:
        """Write a line about those that were lost, if there are any; return False if it is not taken."""
        gap = self._gap.line()
        if gap is None:
            return True
        if not self._is_written({"time": _now(), "event": "lost", **gap}):
            return False
        self._gap.close_by(gap["lines"])
        return True

    def _is_written(self, fields: Mapping[str, object]) -> bool:
        try:
            self._append(fields)
        except OSError as error:
            self._fail(error.strerror or type(error).__name__)
            return False
        except (TypeError, ValueError) as error:
            # The event cannot be encoded as JSON or UTF-8: it costs this line and no other.
            self._fail(type(error).__name__)
            return False
        return True

    def _fail(self, reason: str) -> None:
        if not self._failing:
            log.error("a line of the audit trail is lost: %s", reason)
        self._failing = True

    def _append(self, fields: Mapping[str, object]) -> None:
        link, line = linked(self._link, fields) if self._chained else (START, _plain(fields))
        # After an incomplete line, left by a power failure, a new line begins.
        data = b"\n" * self._torn + line.encode() + b"\n"
        size = os.fstat(self._file).st_size
        if size and (size + len(data) > self.files.bytes or self._is_old()):
            self._rotate()
            data = data.lstrip(b"\n")
            size = 0
        try:
            _write_all(self._file, data)
        except OSError:
            self._truncate(size)
            raise
        self._torn = False
        self._link = link
        self.written.set()
        self._begun = self._begun or datetime.now(UTC)

    def _is_old(self) -> bool:
        limit = timedelta(days=self.files.days)
        return self._begun is not None and datetime.now(UTC) - self._begun > limit

    def _truncate(self, size: int) -> None:
        """Remove a partial line that a full disk left, so that the chain continues after a whole one."""
        try:
            os.ftruncate(self._file, size)
        except OSError:
            self._torn = True

    def _rotate(self) -> None:
        self.files.rotate()
        old = self._file
        self._file = opened_to_append(self.files.path())
        os.close(old)
        self._torn = False
        self._begun = None
        try:
            self.files.compress()
        except OSError as error:
            log.warning("an older file of the audit trail stays uncompressed: %s", error.strerror)


def _locked(folder: Path) -> int:
    """Lock the folder of a trail for this process, until the descriptor is closed or the process ends."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _now() -> str:
    return told(datetime.now(UTC))


def _begun(files: RotatingFiles) -> datetime | None:
    """Return the time of the first line of the file that is written, None if it has none."""
    if not files.path().exists():
        return None
    with opened_lines(files.path()) as lines:
        first = lines.readline()
    try:
        return datetime.fromisoformat(json.loads(first)["time"])
    except (ValueError, KeyError, TypeError):
        return None


def _is_torn(files: RotatingFiles) -> bool:
    path = files.path()
    if not path.exists() or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"


def _plain(fields: Mapping[str, object]) -> str:
    return json_line(fields)


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


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
        self._count = 0
        self._since = datetime.now(UTC)
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
