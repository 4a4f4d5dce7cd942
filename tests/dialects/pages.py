"""Pages of other makers' services as these dialects see them."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from server.dialects.eloam.dialect import NO_PICTURE
from tests.functional.conftest import ALLOWED, Running
from tests.patience import PATIENCE

JPEG = b"\xff\xd8\xff"
EMBEDDED = {"Referer": f"{ALLOWED}/counter", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}
"""Headers that a browser sends for an ``<img>``."""


class HttpPage:
    """A page of an allowed origin that sends requests over HTTP."""

    def __init__(self, http: aiohttp.ClientSession, address: str, headers: dict[str, str]) -> None:
        self.http = http
        self.address = address
        self.headers = headers

    async def get(self, path: str) -> Any:
        """The JSON that a GET is answered with."""
        return await self._json("GET", path, b"")

    async def post(self, path: str, body: object = b"") -> Any:
        """The JSON that a POST is answered with; the body is an object, or text as it is."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self._json("POST", path, data)

    async def _json(self, method: str, path: str, data: bytes) -> Any:
        headers = {**self.headers, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        async with asyncio.timeout(PATIENCE), self.request(method, path, data, headers) as response:
            assert response.status == 200, response.status
            assert response.content_type == "application/json"
            return json.loads(await response.read())

    def request(
        self, method: str, path: str, data: object = b"", headers: dict[str, str] | None = None
    ) -> Any:
        from yarl import URL

        url = URL(self.address + path, encoded=True)
        return self.http.request(method, url, data=data, headers=headers or self.headers)

    @asynccontextmanager
    async def image(self, path: str, headers: dict[str, str] = EMBEDDED) -> AsyncIterator[Image]:
        """An ``<img>``, until the end of the block."""
        async with self.request("GET", path, headers=headers) as response:
            assert response.status == 200, response.status
            yield Image(response)

    async def first_picture(self, path: str) -> bytes:
        """The first picture of a stream, asked for again where the camera of a busy machine is late."""
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.request("GET", path, headers=EMBEDDED) as response:
                    if response.status != NO_PICTURE:
                        assert response.status == 200, response.status
                        return await Image(response).next()


class Image:
    """An ``<img>`` that shows a stream."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self._parts = aiohttp.MultipartReader.from_response(response)

    async def next(self) -> bytes:
        """The next picture."""
        async with asyncio.timeout(PATIENCE):
            part = await self._parts.next()
            assert isinstance(part, aiohttp.BodyPartReader)
            return bytes(await part.read())


@asynccontextmanager
async def http_page(address: str, origin: str = ALLOWED) -> AsyncIterator[HttpPage]:
    async with aiohttp.ClientSession() as http:
        yield HttpPage(http, address, {"Origin": origin})


@asynccontextmanager
async def socket_page(address: str, origin: str = ALLOWED) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(address, origin=origin, max_msg_size=0, autoping=True) as socket,
    ):
        yield socket


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


async def closed(service: Running) -> None:
    """Wait until the camera was closed as often as it was opened."""
    history = service.camera.history
    async with asyncio.timeout(PATIENCE):
        while not any(each == "close" for each in history) or _open(history):
            await asyncio.sleep(0.01)


def _open(history: list[str]) -> bool:
    opened = [each for each in history if each == "close" or each.startswith("open")]
    return bool(opened) and opened[-1] != "close"


def is_open(service: Running) -> bool:
    """Return whether the camera is open."""
    return _open(service.camera.history)


def jpeg(text: str) -> bytes:
    """The JPEG in base64."""
    data = base64.b64decode(text, validate=True)
    assert data.startswith(JPEG)
    return data
