"""Uploads that wait for another try, in a database that survives a power cut. Everything here blocks.

What waits is personal data: the file is its owner's alone, and what is deleted is
overwritten. SQLite locks it for one process, so that no two send the same upload.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import msgspec

from server.services.upload.transfer import Upload

FILE = "uploads.db"
MOST_ENTRIES = 1000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, url TEXT NOT NULL, page TEXT, req_id BLOB NOT NULL,
    attempts INTEGER NOT NULL, created REAL NOT NULL, due REAL NOT NULL, size INTEGER NOT NULL,
    files TEXT NOT NULL, params TEXT NOT NULL, picture BLOB
)
"""
_ENTRY = "id, url, page, req_id, attempts, created, due, files, params, picture"


@dataclass(frozen=True, slots=True)
class QueuedUpload:
    """An upload that waits.

    Attributes
    ----------
    attempts
        How often it was tried.
    created, due
        Seconds since 1970: when it was first tried, when it is tried next.
    """

    upload: Upload
    attempts: int
    created: float
    due: float


class UploadQueue:
    """The database; used by one thread.

    Parameters
    ----------
    limit_bytes
        Of all that waits together, stored files not counted.

    Raises
    ------
    sqlite3.Error, OSError
        From every method: the disk, a damaged file, or another process that has it.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._limit = limit_bytes
        path = folder / FILE
        # SQLite gives its other files the mode of this one.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        self._base = sqlite3.connect(path, timeout=1.0, isolation_level=None)
        try:
            self._settle()
        except BaseException:
            self._base.close()
            raise

    def _settle(self) -> None:
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            self._base.execute(f"PRAGMA {pragma}").close()
        self._base.execute("BEGIN EXCLUSIVE")
        self._base.execute(_SCHEMA)
        self._base.execute("COMMIT")
        self._forget()

    def add(self, entry: QueuedUpload) -> bool:
        """Keep it; false when there is no more room."""
        upload = entry.upload
        files = msgspec.json.encode(upload.files).decode()
        params = msgspec.json.encode(upload.params).decode()
        size = len(files) + len(params) + len(upload.req_id) + len(upload.picture or b"")
        count, held = self._base.execute("SELECT count(*), coalesce(sum(size), 0) FROM uploads").fetchone()
        if count >= MOST_ENTRIES or held + size > self._limit:
            return False
        row = (
            *(upload.id, upload.url, upload.page, upload.req_id),
            *(entry.attempts, entry.created, entry.due, size),
            *(files, params, upload.picture),
        )
        self._base.execute("INSERT INTO uploads VALUES (?,?,?,?,?,?,?,?,?,?,?)", row)
        return True

    def next(self, busy: Collection[str]) -> QueuedUpload | None:
        """The one that is due first, those with the ids `busy` left out."""
        marks = ",".join("?" * len(busy))
        row = self._base.execute(
            f"SELECT {_ENTRY} FROM uploads WHERE id NOT IN ({marks}) ORDER BY due LIMIT 1",
            tuple(busy),
        ).fetchone()
        return None if row is None else _entry(row)

    def postpone(self, upload_id: str, attempts: int, due: float) -> None:
        """Note a try that failed."""
        self._base.execute("UPDATE uploads SET attempts=?, due=? WHERE id=?", (attempts, due, upload_id))

    def remove(self, upload_id: str) -> None:
        """Forget it; nothing of it stays on the disk."""
        self._base.execute("DELETE FROM uploads WHERE id=?", (upload_id,))
        self._forget()

    def close(self) -> None:
        """Give the file free."""
        self._base.close()

    def _forget(self) -> None:
        """What was deleted from the database stands in its log until the log is written back."""
        self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def _entry(
    row: tuple[str, str, str | None, bytes, int, float, float, str, str, bytes | None],
) -> QueuedUpload:
    upload_id, url, page, req_id, attempts, created, due, files, params, picture = row
    upload = Upload(
        url=url,
        page=page,
        params=msgspec.json.decode(params, type=dict[str, str]),
        files=msgspec.json.decode(files, type=tuple[str, ...]),
        picture=picture,
        req_id=req_id,
        id=upload_id,
    )
    return QueuedUpload(upload, attempts, created, due)
