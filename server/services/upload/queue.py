"""Queue of uploads to be retried, in a database that survives a power cut. All of it blocks.

The queued data is personal: only the service's user can read the file, and deleted rows are
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
    """Upload that waits for its next attempt.

    Attributes
    ----------
    attempts
        Number of attempts so far.
    created, due
        Times of the first and the next attempt, in seconds since 1970.
    """

    upload: Upload
    attempts: int
    created: float
    due: float


class UploadQueue:
    """Queue in a database, for use by one thread.

    Parameters
    ----------
    limit_bytes
        Limit of all entries together, stored files not counted.

    Raises
    ------
    sqlite3.Error, OSError
        From every method: disk failure, damaged file, or a lock of another process.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._limit = limit_bytes
        path = folder / FILE
        # SQLite gives its other files the mode of this one.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        self._database = sqlite3.connect(path, timeout=1.0, isolation_level=None)
        try:
            self._set_up()
        except BaseException:
            self._database.close()
            raise

    def _set_up(self) -> None:
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            self._database.execute(f"PRAGMA {pragma}").close()
        self._database.execute("BEGIN EXCLUSIVE")
        self._database.execute(_SCHEMA)
        self._database.execute("COMMIT")
        self._truncate_log()

    def add(self, entry: QueuedUpload) -> bool:
        """Add an entry; return False when the queue is full."""
        upload = entry.upload
        files = msgspec.json.encode(upload.files).decode()
        params = msgspec.json.encode(upload.params).decode()
        size = len(files) + len(params) + len(upload.req_id) + len(upload.picture or b"")
        count, held = self._database.execute(
            "SELECT count(*), coalesce(sum(size), 0) FROM uploads"
        ).fetchone()
        if count >= MOST_ENTRIES or held + size > self._limit:
            return False
        row = (
            *(upload.id, upload.url, upload.page, upload.req_id),
            *(entry.attempts, entry.created, entry.due, size),
            *(files, params, upload.picture),
        )
        self._database.execute("INSERT INTO uploads VALUES (?,?,?,?,?,?,?,?,?,?,?)", row)
        return True

    def next(self, busy: Collection[str]) -> QueuedUpload | None:
        """Return the entry that is due first, except those with the ids `busy`."""
        placeholders = ",".join("?" * len(busy))
        row = self._database.execute(
            f"SELECT {_ENTRY} FROM uploads WHERE id NOT IN ({placeholders}) ORDER BY due LIMIT 1", tuple(busy)
        ).fetchone()
        return None if row is None else _entry(row)

    def postpone(self, upload_id: str, attempts: int, due: float) -> None:
        """Record a failed attempt and the time of the next."""
        self._database.execute("UPDATE uploads SET attempts=?, due=? WHERE id=?", (attempts, due, upload_id))

    def remove(self, upload_id: str) -> None:
        """Remove an entry, with all of its data on the disk."""
        self._database.execute("DELETE FROM uploads WHERE id=?", (upload_id,))
        self._truncate_log()

    def close(self) -> None:
        """Close the database and release its lock."""
        self._database.close()

    def _truncate_log(self) -> None:
        """Write the log back and truncate it, as it still holds deleted data."""
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def _params(stored: str) -> dict[str, tuple[str, ...]]:
    # Queues of before have one text for each name.
    fields = msgspec.json.decode(stored, type=dict[str, str | tuple[str, ...]])
    return {name: (value,) if isinstance(value, str) else value for name, value in fields.items()}


def _entry(
    row: tuple[str, str, str | None, bytes, int, float, float, str, str, bytes | None],
) -> QueuedUpload:
    upload_id, url, page, req_id, attempts, created, due, files, params, picture = row
    upload = Upload(
        url=url,
        page=page,
        params=_params(params),
        files=msgspec.json.decode(files, type=tuple[str, ...]),
        picture=picture,
        req_id=req_id,
        id=upload_id,
    )
    return QueuedUpload(upload, attempts, created, due)
