"""Target: an archive of paperless-ngx, by its REST API (version 9, which its servers of today speak)."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
import msgspec
from yarl import URL

from server.config.targets import PaperlessTarget
from server.errors import LocalizedText, UploadRejected
from server.services.upload import form
from server.services.upload.form import UploadForm
from server.services.upload.targets.connecting import check_status, session_of
from server.services.upload.targets.http import pieces
from server.services.upload.targets.port import DeliveredFile, Delivery, Reach, Receipt, TargetRefusal
from server.services.upload.targets.secrets import secret_of

FIELDS = (
    *("title", "created", "correspondent", "document_type", "storage_path", "tags"),
    *("archive_serial_number", "custom_fields"),
)
"""Parameters that are fields of its documents."""
ASK_SECONDS = 0.5
"""Time between two questions about a document that is being read, in seconds."""
ANSWER_BYTES = 4 * 1024 * 1024
"""Limit of one of its answers, in bytes."""
NOT_READ = 422
"""Status that stands for a file that it took and could not read."""
_NO_API = LocalizedText("它不像 paperless-ngx 那样应答", "it does not answer as paperless-ngx does")


class _Task(msgspec.Struct):
    """Task of its queue, as version 9 of the API has it."""

    task_id: str
    status: str
    task_file_name: str | None = None
    result: str | None = None
    related_document: int | str | None = None
    duplicate_documents: list[Any] = []


class _Documents(msgspec.Struct):
    """List of documents."""

    count: int


@dataclass(slots=True)
class _Archive:
    """Archive while a connection lasts."""

    session: aiohttp.ClientSession
    url: URL
    headers: dict[str, str]

    async def has(self, *checksums: str) -> bool:
        """Return whether there is a document with one of these checksums."""
        for checksum in checksums:
            found = await self._get("documents/", {"checksum__iexact": checksum}, _Documents)
            if found.count:
                return True
        return False

    async def task(self, name: str) -> _Task | None:
        """Return the task that reads a file, if one does or waits."""
        found: list[_Task] = await self._get("tasks/", {"acknowledged": "false"}, list[_Task])
        waits = (one for one in found if one.task_file_name == name and not _is_over(one))
        return next(waits, None)

    async def post(self, name: str, delivery: Delivery) -> str:
        """Post a file; return the number of its task."""
        params = {key: values for key, values in delivery.params.items() if key in FIELDS}
        stem = delivery.file.safe_name.rpartition(".")[0] or delivery.file.safe_name
        titled = {"title": (stem,), **params}
        part = form.delivered_part(name, delivery.file.size, "document")
        body = UploadForm([*form.text_parts(titled), part])
        headers = self.headers | form.headers_of(delivery.id, body) | {"Accept": self.headers["Accept"]}
        address = self._address("documents/post_document/", {})
        content = pieces(body, delivery.file)
        async with self.session.post(
            address, data=content, headers=headers, allow_redirects=False
        ) as response:
            return str(await _read(response, str))

    async def ended(self, number: str) -> _Task:
        """Wait until a task is over."""
        while True:
            found: list[_Task] = await self._get("tasks/", {"task_id": number}, list[_Task])
            if found and _is_over(found[0]):
                return found[0]
            await asyncio.sleep(ASK_SECONDS)

    async def _get(self, path: str, query: dict[str, str], kind: type[Any]) -> Any:
        address = self._address(path, query)
        async with self.session.get(address, headers=self.headers, allow_redirects=False) as response:
            return await _read(response, kind)

    def _address(self, path: str, query: dict[str, str]) -> URL:
        told = f"?{urlencode(query)}" if query else ""
        return URL(f"{str(self.url).rstrip('/')}/api/{path}{told}", encoded=True)


def _is_over(task: _Task) -> bool:
    return task.status in ("SUCCESS", "FAILURE", "REVOKED")


async def _read(response: aiohttp.ClientResponse, kind: type[Any]) -> Any:
    check_status(response.status)
    data = bytearray()
    async for piece in response.content.iter_chunked(1 << 16):
        data += piece
        if len(data) > ANSWER_BYTES:
            raise TargetRefusal(_NO_API)
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as exc:
        raise TargetRefusal(_NO_API) from exc


def _md5(file: DeliveredFile) -> str:
    found = hashlib.md5(usedforsecurity=False)
    offset = 0
    while offset < file.size:
        data = file.read(offset)
        offset += len(data)
        found.update(data)
    return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Paperless:
    """Archive that knows documents by their checksums: SHA-256 in its servers of today, MD5 before."""

    config: PaperlessTarget
    reach: Reach

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Post the file, and wait until it is a document; an earlier attempt may have seen to it."""
        file = delivery.file
        secret = await secret_of(self.reach, self.config.secret)
        headers = {"Authorization": f"Token {secret}", "Accept": "application/json; version=9"}
        # A name that says the content, by which the task of an earlier attempt is known.
        name = [*file.names()][1]
        async with session_of(self.reach, self.config.url, self.config.authorities) as (session, destination):
            archive = _Archive(session, destination.url, headers)
            waiting = await archive.task(name)
            if await archive.has(file.sha256, await self.reach.pools.run(_md5, file)):
                return Receipt(name, already=True)
            number = waiting.task_id if waiting else await archive.post(name, delivery)
            task = await archive.ended(number)
        if task.status == "SUCCESS":
            return Receipt(str(task.related_document or name))
        if task.duplicate_documents or "duplicate" in (task.result or ""):
            return Receipt(name, already=True)
        raise UploadRejected(status=NOT_READ)

    def close(self) -> None:
        """Do nothing: each delivery has a connection of its own."""


def target(config: PaperlessTarget, reach: Reach) -> Paperless:
    """Return the target of a configuration."""
    return Paperless(config, reach)
