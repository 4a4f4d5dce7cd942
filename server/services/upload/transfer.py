"""One upload: judged, measured and sent within one time limit, and its outcome."""

from __future__ import annotations

import asyncio
import logging
import ssl
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from server import __version__
from server.config import UploadConfig as UploadLimits
from server.errors import (
    GaopaiError,
    LocalizedText,
    UploadBroken,
    UploadNotAllowed,
    UploadRejected,
    UploadTimeout,
    UploadTooLarge,
    UploadUnreachable,
)
from server.services.pools import ThreadPools
from server.services.upload import form
from server.services.upload.form import FormPart, StoredFile, UploadForm, measured, piece
from server.services.upload.policy import UploadPolicy
from server.services.upload.post import HttpReply, post
from server.storage.root import Storage

_LATER = (UploadBroken, UploadTimeout, UploadUnreachable)
_BUSY = frozenset({408, 429})


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Upload:
    """What a page asked for; holds personal data, so it is shown nowhere.

    Attributes
    ----------
    url
        As the page gave it.
    page
        The origin of the page, None for a program that is no browser.
    params
        Form fields, sent before the files, in this order.
    files
        Names below the storage root.
    picture
        Sent instead of files where there is one.
    req_id
        JSON text of the request's number.
    id
        The same each time this upload is tried.
    """

    url: str
    page: str | None
    params: Mapping[str, str]
    files: tuple[str, ...] = ()
    picture: bytes | None = None
    req_id: bytes = b'""'
    id: str = field(default_factory=_new_id)

    def __repr__(self) -> str:
        return f"Upload({self.id})"


@dataclass(frozen=True, slots=True, repr=False)
class UploadOutcome:
    """How an upload ended.

    Attributes
    ----------
    error
        None when the server took everything and its answer is complete.
    status
        Of the server's answer, None when there was none.
    response
        The beginning of that answer.
    """

    error: GaopaiError | None
    status: int | None = None
    response: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the server said that it has everything; its further words may have been cut off."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def may_pass(self) -> bool:
        """Whether the same upload may well succeed later."""
        if self.delivered:
            return False
        if isinstance(self.error, UploadRejected):
            return self.status is not None and (self.status >= 500 or self.status in _BUSY)
        return isinstance(self.error, _LATER)


log = logging.getLogger(__name__)

MIB = 1024 * 1024
MOST_FILES = 1000


@dataclass(frozen=True, slots=True)
class UploadTransfer:
    """Sends uploads, and remembers none.

    Attributes
    ----------
    tls
        Whose certificates are believed; True for the system's authorities.
    """

    terms: UploadLimits
    policy: UploadPolicy
    storage: Storage
    pools: ThreadPools
    tls: ssl.SSLContext | bool = True

    async def run(self, upload: Upload) -> UploadOutcome:
        """Send it once; cancelling hangs up at once."""
        reply = HttpReply()
        error: GaopaiError | None = None
        try:
            async with asyncio.timeout(self.terms.seconds):
                await self._send(upload, reply)
        except TimeoutError:
            error = UploadTimeout(seconds=self.terms.seconds)
        except GaopaiError as exc:
            error = exc
        outcome = UploadOutcome(error, reply.status, reply.text)
        _report(upload, outcome)
        return outcome

    async def _send(self, upload: Upload, reply: HttpReply) -> None:
        target = self.policy.admit(upload.url, upload.page)
        whole = await self.pools.run(self._form, upload)
        destination = await self.policy.resolve(target)
        await post(destination, _headers(upload, whole), self._body(whole), reply, self.tls)
        if not UploadOutcome(None, reply.status).delivered:
            raise UploadRejected(status=reply.status)

    def _form(self, upload: Upload) -> UploadForm:
        if len(upload.files) > MOST_FILES:
            files = len(upload.files)
            raise UploadTooLarge(
                size=LocalizedText(f"{files} 个文件", f"{files} files"),
                limit=LocalizedText(f"{MOST_FILES} 个文件", f"{MOST_FILES} files"),
            )
        whole = UploadForm([*form.fields(upload.params), *self._files(upload)])
        if whole.length > self.terms.megabytes * MIB:
            raise UploadTooLarge(size=f"{whole.length / MIB:.1f} MiB", limit=f"{self.terms.megabytes} MiB")
        return whole

    def _files(self, upload: Upload) -> Iterator[FormPart]:
        if upload.picture is not None:
            yield form.given(upload.picture)
            return
        for name in upload.files:
            yield form.stored(measured(self.storage, name))

    async def _body(self, whole: UploadForm) -> AsyncIterator[bytes]:
        for frame, content in whole.frames():
            yield frame
            if isinstance(content, bytes):
                yield content
                continue
            async for data in self._read(content):
                yield data

    async def _read(self, file: StoredFile) -> AsyncIterator[bytes]:
        offset = 0
        while offset < file.size:
            data = await self.pools.run(piece, self.storage, file, offset)
            offset += len(data)
            yield data


def _headers(upload: Upload, whole: UploadForm) -> dict[str, str]:
    return {
        "User-Agent": f"gaopai/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Content-Type": whole.content_type,
        "Content-Length": str(whole.length),
        # Under either name a server can tell that it has this upload already.
        "Idempotency-Key": upload.id,
        "X-Gaopai-Upload-Id": upload.id,
    }


def _report(upload: Upload, outcome: UploadOutcome) -> None:
    """One line; of the address its host alone, of what was sent and answered nothing."""
    host, error = _host(upload.url), outcome.error
    if error is None:
        log.info("uploaded to %s", host)
    elif isinstance(error, UploadNotAllowed):
        log.warning("refused an upload to %s: %s", host, _reason(error))
    else:
        log.warning(
            "an upload to %s failed: %s, status %s", host, type(error).__name__, outcome.status or "-"
        )


def _reason(error: UploadNotAllowed) -> str:
    reason = error.values["reason"]
    return reason.en if isinstance(reason, LocalizedText) else "-"


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    return host[:100] if host else "?"
