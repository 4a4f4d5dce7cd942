"""Downloads over HTTP: a file for a ticket, streamed once, to the page that got the ticket."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import web

from server.access.control import AccessControl
from server.access.origins import REFUSED, OriginRefused, origin_of
from server.errors import GaopaiError
from server.services.files.handlers import Download, Downloads
from server.storage.root import Storage

log = logging.getLogger(__name__)

CHUNK_BYTES = 256 * 1024
"""Size of the chunks that a file is read and sent in, in bytes."""
SEND_SECONDS = 15.0
"""Time limit for sending one chunk, in seconds, after which the client is given up."""
GONE = (
    "This address was used already, or has expired. Ask GetFile for another.\n"
    "此下载地址已用过或已过期；请用 GetFile 重新获取。\n"
)
FOREIGN = (
    "This address belongs to a page of another site, or the browser does not say which page asks.\n"
    "此下载地址属于另一网站的页面，或浏览器没有说明来自哪个页面。\n"
)


class DownloadPage:
    """Answers ``/download/<ticket>``."""

    def __init__(self, access: AccessControl, downloads: Downloads, storage: Storage) -> None:
        self._access = access
        self._downloads = downloads
        self._storage = storage

    def preflight(self, request: web.Request) -> web.Response:
        """Answer a browser that asks whether a page of another site may fetch."""
        headers = {"Cache-Control": "no-store", "Vary": "Origin"}
        origin = request.headers.get("Origin")
        download = self._downloads.find(request.match_info["ticket"])
        if download is not None and origin == download.origin and self._admits(download):
            headers |= {
                "Access-Control-Allow-Origin": origin or "",
                "Access-Control-Allow-Methods": "GET",
                "Access-Control-Allow-Private-Network": "true",
            }
        return web.Response(status=204, headers=headers)

    def judge(self, request: web.Request) -> web.Response | Download:
        """Return what a request may download, or the refusal; the ticket stays good."""
        download = self._downloads.find(request.match_info["ticket"])
        if download is None:
            return web.Response(status=404, text=GONE, headers=self._for_allowed(request))
        if asking_origin(request) != download.origin or not self._admits(download):
            self._access.record_refusal("download", request, "the address is another page's")
            return web.Response(status=403, text=FOREIGN)
        return download

    async def send(self, request: web.Request, download: Download) -> web.StreamResponse:
        """Stream a file that `judge` returned, and use up its ticket."""
        headers = cors_headers(request)
        if not self._downloads.take(request.match_info["ticket"]):
            return web.Response(status=404, text=GONE, headers=headers)
        with ExitStack() as stack:
            storage = self._storage.of(download.origin)
            try:
                opened = storage.opened(download.path, own=True)
                file = await asyncio.to_thread(stack.enter_context, opened)
                return await self._stream(request, download, file, headers)
            except GaopaiError as error:
                # Deleted, or exchanged for another's, since the ticket was given.
                text = f"{error.message('en')}\n{error.message('zh')}\n"
                return web.Response(status=410, text=text, headers=headers)

    async def _stream(
        self, request: web.Request, download: Download, file: BinaryIO, headers: dict[str, str]
    ) -> web.StreamResponse:
        size = os.fstat(file.fileno()).st_size
        response = web.StreamResponse(headers={**headers, **_file_headers(download.path)})
        response.content_length = size
        await send_pieces(request, response, self._pieces(download, file, size))
        return response

    async def _pieces(self, download: Download, file: BinaryIO, size: int) -> AsyncIterator[bytes]:
        """Yield what a file holds, as long as its page is allowed."""
        while size > 0 and self._admits(download):
            chunk = await asyncio.to_thread(file.read, min(size, CHUNK_BYTES))
            if not chunk:
                return
            size -= len(chunk)
            yield chunk

    def _for_allowed(self, request: web.Request) -> dict[str, str]:
        """Return headers by which an allowed page may read a refusal: others learn nothing from it."""
        origin = request.headers.get("Origin")
        return cors_headers(request) if origin is not None and self._access.admits_origin(origin) else {}

    def _admits(self, download: Download) -> bool:
        return self._access.admits_origin(download.origin)


async def pieces_of(body: bytes) -> AsyncIterator[bytes]:
    """Yield a body piece by piece."""
    for at in range(0, len(body), CHUNK_BYTES):
        yield body[at : at + CHUNK_BYTES]


async def send_pieces(
    request: web.Request, response: web.StreamResponse, pieces: AsyncIterator[bytes]
) -> bool:
    """Send a body of the length that its response states; who takes no piece in time loses the connection.

    Returns
    -------
    bool
        True if all of it was sent.
    """
    left = response.content_length or 0
    try:
        await response.prepare(request)
        async for piece in pieces:
            left -= len(piece)
            async with asyncio.timeout(SEND_SECONDS):
                await response.write(piece)
    except (TimeoutError, ConnectionError, OSError) as exc:
        log.info("an answer ended early: %s", type(exc).__name__)
        left = max(left, 1)
    if left > 0 and request.transport is not None:
        # The browser has to see that it is not whole.
        request.transport.abort()
    return left <= 0


def asking_origin(request: web.Request) -> str | OriginRefused | None:
    """Return the origin of the page that asks; None for a program that is no browser.

    A link or a frame sends no Origin: there the Referer names the page, which no page can forge.
    """
    headers = request.headers
    if (origin := headers.get("Origin")) is not None:
        return origin
    if headers.get("Sec-Fetch-Site") == "same-origin":
        return f"{request.scheme}://{request.host}"
    if (referer := headers.get("Referer")) is not None:
        return origin_of(referer) or REFUSED
    return REFUSED if "Sec-Fetch-Site" in headers else None


def cors_headers(request: web.Request) -> dict[str, str]:
    """Return headers by which a page of another site may read the answer."""
    origin = request.headers.get("Origin")
    return {} if origin is None else {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


def _file_headers(path: str) -> dict[str, str]:
    name = path.rpartition("/")[2]
    return {
        "Content-Type": mimetypes.guess_type(name)[0] or "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        # Whatever the file holds, it acts nowhere: neither as a script nor as a page of this service.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
