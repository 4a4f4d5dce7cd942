"""Audit trail of connections and requests, their devices and results: one JSON object per line."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from server.background import supervise_thread
from server.telemetry.chain import START, last_link, linked

log = logging.getLogger(__name__)

NAME: Final = "audit.jsonl"
WAITING = 10_000
"""Limit of lines that wait for the disk; further ones are lost, and counted."""
CLOSE_SECONDS = 2.0
MODE = 0o600


@dataclass(frozen=True, slots=True)
class RotatingFiles:
    """Rotated files of the audit trail.

    Attributes
    ----------
    folder
        Folder of the files; made if it is missing, private to its owner.
    bytes
        Size limit of one file, after which a new one begins.
    files
        Number of files kept: ``audit.jsonl`` and, in order of age, ``audit.jsonl.1`` and so on.
    """

    folder: Path
    bytes: int
    files: int

    def path(self, age: int = 0) -> Path:
        """Return the path of the file of an age; 0 is the one being written."""
        return self.folder / (NAME if age == 0 else f"{NAME}.{age}")

    def rotate(self) -> None:
        """Rename each file to the next age and delete the oldest; a no-op if that was done before."""
        if not self.path().exists():
            return
        self.path(self.files - 1).unlink(missing_ok=True)
        for age in reversed(range(self.files - 1)):
            if self.path(age).exists():
                self.path(age).rename(self.path(age + 1))


class AuditTrail:
    """Writes events in a thread, so that callers never wait for a slow disk.

    Parameters
    ----------
    files
        Files to write, whose folder is made and opened here.
    chained
        Each line carries the hash of the one before.

    Raises
    ------
    OSError
        The folder cannot be made or the file not be written.
    """

    def __init__(self, files: RotatingFiles, chained: bool = True) -> None:
        self._files = files
        self._chained = chained
        self._lines: queue.Queue[Mapping[str, object] | None] = queue.Queue(WAITING)
        self.lost = 0
        files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._link = last_link(files.path(), files.path(1)) if chained else START
        self._torn = _is_torn(files.path())
        self._file = _opened(files.path())
        self._failing = False
        self._thread = supervise_thread("audit trail", self._run)

    def write(self, fields: Mapping[str, object]) -> None:
        """Write an event with its time; never waits."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            self._lines.put_nowait({"time": now, **fields})
        except queue.Full:
            self.lost += 1

    def close(self) -> None:
        """Write the waiting lines, within a bounded time."""
        with contextlib.suppress(queue.Full):
            self._lines.put(None, timeout=CLOSE_SECONDS)
            self._thread.join(CLOSE_SECONDS)
        if self._thread.is_alive():
            log.warning("the audit trail's disk takes nothing: its last lines are lost")

    # In the thread ---------------------------------------------------------------------

    def _run(self) -> None:
        while (fields := self._lines.get()) is not None:
            try:
                self._append(fields)
                self._failing = False
            except OSError as error:
                self._lose(error.strerror or type(error).__name__)
            except (TypeError, ValueError) as error:
                # The event cannot be encoded as JSON or UTF-8: it costs this line and no other.
                self._lose(type(error).__name__)
            except Exception:
                self.lost += 1
                raise
        os.close(self._file)

    def _lose(self, reason: str) -> None:
        self.lost += 1
        if not self._failing:
            log.error("a line of the audit trail is lost: %s", reason)
        self._failing = True

    def _append(self, fields: Mapping[str, object]) -> None:
        link, line = linked(self._link, fields) if self._chained else (START, _plain(fields))
        # After an incomplete line, left by a power failure, a new line begins.
        data = b"\n" * self._torn + line.encode() + b"\n"
        size = os.fstat(self._file).st_size
        if size and size + len(data) > self._files.bytes:
            self._rotate()
            data, size = data.lstrip(b"\n"), 0
        try:
            _write_all(self._file, data)
        except OSError:
            self._truncate(size)
            raise
        self._torn, self._link = False, link

    def _truncate(self, size: int) -> None:
        """Remove a partial line that a full disk left, so that the chain continues after a whole one."""
        try:
            os.ftruncate(self._file, size)
        except OSError:
            self._torn = True

    def _rotate(self) -> None:
        self._files.rotate()
        old, self._file = self._file, _opened(self._files.path())
        os.close(old)
        self._torn = False


def _is_torn(path: Path) -> bool:
    if not path.exists() or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"


def _plain(fields: Mapping[str, object]) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _opened(path: Path) -> int:
    # Not through a link, by which another writer of the folder could redirect the trail.
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
