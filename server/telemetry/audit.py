"""The audit trail: who did what with which device, and what came of it, one JSON object a line."""

from __future__ import annotations

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
"""Lines that wait for the disk; beyond it they are lost, and counted."""
CLOSE_SECONDS = 2.0
MODE = 0o600


@dataclass(frozen=True, slots=True)
class RotatingFiles:
    """Where the files lie, and how much of them is kept.

    Attributes
    ----------
    folder
        Made where it is missing, for its owner alone.
    bytes
        Of one file; the next line begins a new one.
    files
        That are kept: ``audit.jsonl`` and, older and older, ``audit.jsonl.1`` and so on.
    """

    folder: Path
    bytes: int
    files: int

    def path(self, age: int = 0) -> Path:
        """The file of an age; 0 is the one that is written."""
        return self.folder / (NAME if age == 0 else f"{NAME}.{age}")

    def turn(self) -> None:
        """Make every file one older; the oldest goes."""
        self.path(self.files - 1).unlink(missing_ok=True)
        for age in reversed(range(self.files - 1)):
            if self.path(age).exists():
                self.path(age).rename(self.path(age + 1))


class AuditTrail:
    """Writes in a thread of its own: a slow disk keeps nobody waiting.

    Parameters
    ----------
    shelf
        Its folder is made, and tried, here.
    chained
        Each line carries the hash of the one before.

    Raises
    ------
    OSError
        The folder cannot be made or the file not be written.
    """

    def __init__(self, shelf: RotatingFiles, chained: bool = True) -> None:
        self._shelf = shelf
        self._chained = chained
        self._lines: queue.Queue[Mapping[str, object] | None] = queue.Queue(WAITING)
        self.lost = 0
        shelf.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._link = last_link(shelf.path(), shelf.path(1)) if chained else START
        self._torn = _is_torn(shelf.path())
        self._file = _opened(shelf.path())
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
        """Write what waits, within a bounded time."""
        try:
            self._lines.put(None, timeout=CLOSE_SECONDS)
        except queue.Full:
            log.warning("the audit trail's disk takes nothing: its last lines are lost")
            return
        self._thread.join(CLOSE_SECONDS)

    # In the thread ---------------------------------------------------------------------

    def _run(self) -> None:
        while (fields := self._lines.get()) is not None:
            try:
                self._append(fields)
                self._failing = False
            except OSError as error:
                self._lose(error.strerror or type(error).__name__)
            except (TypeError, ValueError) as error:
                # Something in it that is no JSON or no UTF-8: it costs this line and no other.
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
        # Behind half a line, left by a power failure, a line of its own begins.
        data = b"\n" * self._torn + line.encode() + b"\n"
        size = os.fstat(self._file).st_size
        if size and size + len(data) > self._shelf.bytes:
            self._turn()
            data, size = data.lstrip(b"\n"), 0
        try:
            _write_all(self._file, data)
        except OSError:
            self._take_back(size)
            raise
        self._torn, self._link = False, link

    def _take_back(self, size: int) -> None:
        """Remove what a full disk took of a line: the chain is to go on behind the last whole one."""
        try:
            os.ftruncate(self._file, size)
        except OSError:
            self._torn = True

    def _turn(self) -> None:
        self._shelf.turn()
        old, self._file = self._file, _opened(self._shelf.path())
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
    # Not through a link: whoever may write the folder must not have the trail written elsewhere.
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
