"""Target: a folder of a WebDAV server (RFC 4918)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote

import aiohttp
from yarl import URL

from server.config.targets import WebdavTarget
from server.services.upload.post import HttpReply, read_beginning
from server.services.upload.targets.connecting import check_status, session_of
from server.services.upload.targets.placing import place
from server.services.upload.targets.port import (
    NO_FOLDER,
    PIECE,
    DeliveredFile,
    Delivery,
    Reach,
    Receipt,
    TargetRefusal,
)
from server.services.upload.targets.secrets import secret_of

_ASKED = b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><getcontentlength/></prop></propfind>'
_LENGTH = re.compile(rb"getcontentlength[^<>]*>\s*([0-9]{1,18})\s*<")
EXISTS = 412
"""Status of a MOVE that was not to overwrite what is there."""


@dataclass(slots=True)
class WebdavFolder:
    """Folder of the server while a connection lasts."""

    session: aiohttp.ClientSession
    url: URL
    headers: dict[str, str]

    async def size(self, name: str) -> int | None:
        # Not HEAD, whose answers some servers send with a body.
        headers = {"Accept-Encoding": "identity", "Depth": "0", "Content-Type": "application/xml"}
        async with self._request("PROPFIND", name, headers, _ASKED) as response:
            if response.status == 404:
                return None
            check_status(response.status)
            reply = HttpReply()
            await read_beginning(response, reply)
        found = _LENGTH.search(reply.body)
        # A folder has a name, too.
        return int(found[1]) if found else -1

    async def content(self, name: str) -> AsyncIterator[bytes]:
        async with self._request("GET", name, {"Accept-Encoding": "identity"}) as response:
            check_status(response.status)
            async for data in response.content.iter_chunked(PIECE):
                yield data

    async def write(self, name: str, file: DeliveredFile) -> None:
        headers = {"Content-Length": str(file.size), "Content-Type": "application/octet-stream"}
        async with self._request("PUT", name, headers, file.pieces()) as response:
            if response.status in (404, 409):
                # RFC 4918: the folder above is missing.
                raise TargetRefusal(NO_FOLDER)
            check_status(response.status)

    async def rename(self, old: str, new: str) -> bool:
        headers = {"Destination": str(self._address(new)), "Overwrite": "F"}
        async with self._request("MOVE", old, headers) as response:
            if response.status == EXISTS:
                return False
            check_status(response.status)
            return True

    async def remove(self, name: str) -> None:
        async with self._request("DELETE", name, {}):
            pass

    async def ages(self) -> dict[str, float]:
        # A listing is XML of strangers, and as long as the folder: what a killed writer left stays.
        return {}

    def _address(self, name: str) -> URL:
        return URL(f"{str(self.url).rstrip('/')}/{quote(name, safe='')}", encoded=True)

    def _request(
        self,
        method: str,
        name: str,
        headers: dict[str, str],
        body: AsyncIterator[bytes] | bytes | None = None,
    ) -> aiohttp.client._RequestContextManager:
        return self.session.request(
            method, self._address(name), data=body, headers=self.headers | headers, allow_redirects=False
        )


@dataclass(frozen=True, slots=True)
class WebdavServer:
    """Server with a folder for deliveries."""

    config: WebdavTarget
    reach: Reach

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Put the file beside the others, and move it to its name then."""
        secret = await secret_of(self.reach, self.config.secret)
        headers = {}
        if self.config.user:
            headers["Authorization"] = aiohttp.encode_basic_auth(self.config.user, secret, "utf-8")
        async with session_of(self.reach, self.config.url, self.config.authorities) as (session, destination):
            return await place(WebdavFolder(session, destination.url, headers), delivery.file)

    def close(self) -> None:
        """Do nothing: each delivery has a connection of its own."""


def target(config: WebdavTarget, reach: Reach) -> WebdavServer:
    """Return the target of a configuration."""
    return WebdavServer(config, reach)
