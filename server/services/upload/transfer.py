"""Transfer of one upload within one time limit, and the queue of those to be retried.

The queue is a database that survives a power cut; all of it blocks. The queued data is personal: only the
service's user can read the file, and deleted rows are overwritten. SQLite locks it for one process, so that
no two send the same upload.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import re
import sqlite3
import ssl
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from server import errors
from server.config import UploadConfig as UploadLimits
from server.errors import GaopaiError, LocalizedText
from server.protocol.messages.files import DeliveryReceipt
from server.services.context import RequestContext
from server.services.pictures import uploaded_picture
from server.services.pools import ThreadPools
from server.services.upload import form
from server.services.upload.form import FormPart, StoredFile, UploadForm, headers_of
from server.services.upload.policy import UploadPolicy
from server.services.upload.post import HttpReply, post
from server.services.upload.targets import Targets
from server.services.upload.targets.port import DeliveredFile, Delivery
from server.storage.root import Storage

FILE = "uploads.db"
MOST_ENTRIES = 1000
"""Limit of the uploads in the queue."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, url TEXT NOT NULL, page TEXT, req_id BLOB NOT NULL,
    attempts INTEGER NOT NULL, created REAL NOT NULL, due REAL NOT NULL, size INTEGER NOT NULL,
    files TEXT NOT NULL, params TEXT NOT NULL, picture BLOB, target TEXT NOT NULL DEFAULT ''
)
"""
_LATER_COLUMNS = {"target": "ALTER TABLE uploads ADD COLUMN target TEXT NOT NULL DEFAULT ''"}
"""Columns that queues of before lack, and what adds them."""
_ENTRY = "id, url, page, req_id, attempts, created, due, files, params, picture, target"


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
        present = {row[1] for row in self._database.execute("PRAGMA table_info(uploads)").fetchall()}
        for name, addition in _LATER_COLUMNS.items():
            if name not in present:
                self._database.execute(addition)
        self._database.execute("COMMIT")
        self._truncate_log()

    def add(self, entry: QueuedUpload) -> bool:
        """Add an entry; return False when the queue is full, or the share of its page is.

        A page has half of what the others leave, so that the next one finds room whatever it fills. A first
        entry, however large, is let in.
        """
        upload = entry.upload
        files = msgspec.json.encode(upload.files).decode()
        params = msgspec.json.encode(upload.params).decode()
        size = len(files) + len(params) + len(upload.req_id) + len(upload.picture or b"")
        count, held = self._held()
        own_count, own = self._held("WHERE page IS ?", upload.page)
        if count >= MOST_ENTRIES or held + size > self._limit:
            return False
        left_count = MOST_ENTRIES - (count - own_count)
        left = self._limit - (held - own)
        if own_count and (2 * (own_count + 1) > left_count or 2 * (own + size) > left):
            return False
        row = (
            *(upload.id, upload.url, upload.page, upload.req_id),
            *(entry.attempts, entry.created, entry.due, size),
            *(files, params, upload.picture, upload.target),
        )
        self._database.execute("INSERT INTO uploads VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", row)
        return True

    def _held(self, where: str = "", *values: object) -> tuple[int, int]:
        """Return the number of entries and their bytes."""
        found: tuple[int, int] = self._database.execute(
            f"SELECT count(*), coalesce(sum(size), 0) FROM uploads {where}", values
        ).fetchone()
        return found

    def next(self, busy: Collection[str], pages: Collection[str | None] = ()) -> QueuedUpload | None:
        """Return the entry that is due first, except those with the ids `busy`, and those of `pages`."""
        ids = ",".join("?" * len(busy))
        others = "".join(" AND page IS NOT ?" for _ in pages)
        row = self._database.execute(
            f"SELECT {_ENTRY} FROM uploads WHERE id NOT IN ({ids}){others} ORDER BY due LIMIT 1",
            (*busy, *pages),
        ).fetchone()
        return None if row is None else _entry(row)

    def postpone(self, upload_id: str, attempts: int, due: float) -> None:
        """Record a failed attempt and the time of the next."""
        self._database.execute("UPDATE uploads SET attempts=?, due=? WHERE id=?", (attempts, due, upload_id))

    def remove(self, upload_id: str) -> None:
        """Remove an entry, with all of its data on the disk."""
        self._database.execute("DELETE FROM uploads WHERE id=?", (upload_id,))
        self._truncate_log()

    def files(self) -> set[str]:
        """Return the names of the stored files that entries wait to send."""
        rows = self._database.execute("SELECT files FROM uploads").fetchall()
        return {name for (names,) in rows for name in msgspec.json.decode(names, type=tuple[str, ...])}

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
    row: tuple[str, str, str | None, bytes, int, float, float, str, str, bytes | None, str],
) -> QueuedUpload:
    upload_id, url, page, req_id, attempts, created, due, files, params, picture, target = row
    upload = Upload(
        url=url,
        page=page,
        params=_params(params),
        files=msgspec.json.decode(files, type=tuple[str, ...]),
        picture=picture,
        req_id=req_id,
        id=upload_id,
        target=target,
    )
    return QueuedUpload(upload, attempts, created, due)


_LATER = (errors.UploadBroken, errors.UploadTimeout, errors.UploadUnreachable, errors.TargetRefused)
_BUSY = frozenset({408, 429})
"""Statuses of a server that may take the same upload later, beside those from 500 on."""


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Upload:
    """Upload as requested by a page; its ``repr`` leaves out personal data.

    Attributes
    ----------
    url
        URL as requested.
    page
        Origin of the page, None for a program that is no browser.
    params
        Values of form fields, sent before the files, in this order.
    files
        Names of files that the page may read.
    picture
        Picture to be sent in place of files; None for files.
    req_id
        JSON text of the request's number.
    id
        Identifier that stays the same in all attempts.
    target
        Name of a target, which one file goes to in place of a URL.
    """

    url: str
    page: str | None
    params: Mapping[str, Sequence[str]]
    files: tuple[str, ...] = ()
    picture: bytes | None = None
    req_id: bytes = b'""'
    id: str = field(default_factory=_new_id)
    target: str = ""

    @classmethod
    def to_target(
        cls,
        context: RequestContext,
        target: str,
        params: Mapping[str, Sequence[str]] | None = None,
        *,
        file: str = "",
        picture: bytes | None = None,
    ) -> Upload:
        """Return the upload of one file to a target."""
        return cls(
            url="",
            page=context.client.origin,
            params=params or {},
            files=(file,) if file else (),
            picture=picture,
            req_id=context.head.req_id,
            target=target,
        )

    def __repr__(self) -> str:
        return f"Upload({self.id})"


@dataclass(frozen=True, slots=True, repr=False)
class UploadOutcome:
    """Outcome of one attempt.

    Attributes
    ----------
    error
        None when the server accepted the upload and its answer is complete.
    status
        HTTP status, None without an answer.
    response
        Beginning of the answer's body.
    receipt
        Receipt of a target that has the file.
    """

    error: GaopaiError | None
    status: int | None = None
    response: str | None = None
    receipt: DeliveryReceipt | None = None

    @property
    def delivered(self) -> bool:
        """True if the target has it, or the status is a success, even if the answer was cut off."""
        return self.receipt is not None or (self.status is not None and 200 <= self.status < 300)

    @property
    def retryable(self) -> bool:
        """True if the same upload may succeed later."""
        if self.delivered:
            return False
        if isinstance(self.error, errors.UploadRejected):
            status = self.error.values["status"]
            return isinstance(status, int) and (status >= 500 or status in _BUSY)
        return isinstance(self.error, _LATER)


log = logging.getLogger(__name__)

MIB = 1024 * 1024
"""Bytes in a mebibyte."""
MOST_FILES = 1000
"""Limit of the files of one upload."""


Sent = Callable[[int, int], None]
"""Told how many bytes of a file were sent, of how many; by any thread, and never waits."""


def not_told(sent: int, size: int) -> None:
    """Tell nobody."""


_DELIVERIES = uuid.UUID("4a4b5b0e-7c52-4d0c-8a2f-6d7f2b1f9e61")
"""Space of the identifiers of deliveries, which follow from target, name and content."""


@dataclass(frozen=True, slots=True)
class UploadTransfer:
    """Sends uploads; keeps no state.

    Attributes
    ----------
    tls
        TLS context; True for the system's certificate authorities.
    """

    limits: UploadLimits
    policy: UploadPolicy
    storage: Storage
    pools: ThreadPools
    tls: ssl.SSLContext | bool = True
    targets: Targets | None = None

    async def run(self, upload: Upload, sent: Sent = not_told) -> UploadOutcome:
        """Send an upload once; a cancel closes the connection at once."""
        reply = HttpReply()
        receipt: DeliveryReceipt | None = None
        error: GaopaiError | None = None
        try:
            async with asyncio.timeout(self.limits.seconds):
                if upload.target:
                    receipt = await self._deliver(upload, reply, sent)
                else:
                    await self._send(upload, reply)
        except TimeoutError:
            error = errors.UploadTimeout(seconds=self.limits.seconds)
        except GaopaiError as exc:
            error = exc
            if isinstance(exc, errors.UploadRejected):
                reply.status = exc.values["status"]  # type: ignore[assignment]
        outcome = UploadOutcome(error, reply.status, reply.text, receipt)
        _report(upload, outcome)
        return outcome

    async def _deliver(self, upload: Upload, reply: HttpReply, sent: Sent) -> DeliveryReceipt:
        if self.targets is None:
            raise errors.TargetUnknown(name=upload.target)
        self.targets.check(upload.target)
        file = await self.pools.run(self._content, upload, sent)
        receipt = await self.targets.deliver(upload.target, delivery_of(upload.target, file, upload.params))
        reply.status = receipt.status
        reply.body += (receipt.response or "").encode()
        return DeliveryReceipt(
            target=upload.target,
            name=file.name,
            place=receipt.place,
            size=file.size,
            sha256=file.sha256,
            already=receipt.already,
        )

    def _content(self, upload: Upload, sent: Sent) -> DeliveredFile:
        """Return the one file of an upload, hashed; blocks."""
        picture = upload.picture
        if picture is not None:
            name = uploaded_picture.file_name(uploaded_picture.format_of(picture))
            size = len(picture)

            def read(offset: int) -> bytes:
                return picture[offset : offset + form.PIECE]
        else:
            storage = self.storage.of(upload.page)
            stored = form.stat_file(storage, upload.files[0])
            name = re.split(r"[\\/]", stored.name)[-1]
            size = stored.size
            read = partial(form.read_piece, storage, stored)
        if size > self.limits.megabytes * MIB:
            raise errors.UploadTooLarge(size=f"{size / MIB:.1f} MiB", limit=f"{self.limits.megabytes} MiB")
        return delivered_file(name, size, read, self.pools, sent)

    async def _send(self, upload: Upload, reply: HttpReply) -> None:
        target = self.policy.admit(upload.url, upload.page)
        body = await self.pools.run(self._form, upload)
        destination = await self.policy.resolve(target)
        pieces = self._pieces(self.storage.of(upload.page), body)
        await post(destination, headers_of(upload.id, body), pieces, reply, self.tls)
        if not UploadOutcome(None, reply.status).delivered:
            raise errors.UploadRejected(status=reply.status)

    def _form(self, upload: Upload) -> UploadForm:
        if len(upload.files) > MOST_FILES:
            files = len(upload.files)
            raise errors.UploadTooLarge(
                size=LocalizedText(f"{files} 个文件", f"{files} files"),
                limit=LocalizedText(f"{MOST_FILES} 个文件", f"{MOST_FILES} files"),
            )
        body = UploadForm([*form.text_parts(upload.params), *self._files(upload)])
        if body.length > self.limits.megabytes * MIB:
            raise errors.UploadTooLarge(
                size=f"{body.length / MIB:.1f} MiB", limit=f"{self.limits.megabytes} MiB"
            )
        return body

    def _files(self, upload: Upload) -> Iterator[FormPart]:
        if upload.picture is not None:
            yield form.picture_part(upload.picture)
            return
        storage = self.storage.of(upload.page)
        for name in upload.files:
            yield form.file_part(form.stat_file(storage, name))

    async def _pieces(self, storage: Storage, body: UploadForm) -> AsyncIterator[bytes]:
        for frame, content in body.frames():
            yield frame
            if isinstance(content, bytes):
                yield content
                continue
            async for data in self._read(storage, content):
                yield data

    async def _read(self, storage: Storage, file: StoredFile) -> AsyncIterator[bytes]:
        offset = 0
        while offset < file.size:
            data = await self.pools.run(form.read_piece, storage, file, offset)
            offset += len(data)
            yield data


def delivery_of(target: str, file: DeliveredFile, params: Mapping[str, Sequence[str]]) -> Delivery:
    """Return a delivery, whose identifier follows from target, name and content."""
    return Delivery(file, str(uuid.uuid5(_DELIVERIES, f"{target}\n{file.name}\n{file.sha256}")), params)


def delivered_file(
    name: str, size: int, read: Callable[[int], bytes], pools: ThreadPools, sent: Sent = not_told
) -> DeliveredFile:
    """Return content to be delivered, once it is hashed; blocks."""
    found = hashlib.sha256()
    offset = 0
    while offset < size:
        data = read(offset)
        offset += len(data)
        found.update(data)
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        sent(done, size)

    return DeliveredFile(name, size, found.hexdigest(), read, count, pools)


def _report(upload: Upload, outcome: UploadOutcome) -> None:
    """Log one line, with the host alone of the URL and nothing of the content or the answer."""
    host = upload.target or _host(upload.url)
    error = outcome.error
    if error is None:
        log.info("uploaded to %s", host)
    elif isinstance(error, errors.UploadNotAllowed):
        log.warning("refused an upload to %s: %s", host, _reason(error))
    else:
        log.warning(
            "an upload to %s failed: %s, status %s", host, type(error).__name__, outcome.status or "-"
        )


def _reason(error: errors.UploadNotAllowed) -> str:
    reason = error.values["reason"]
    return reason.en if isinstance(reason, LocalizedText) else "-"


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    return host[:100] if host else "?"
