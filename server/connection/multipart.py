"""Camera preview for an ``<img>``, as one endless multipart response."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from server.access.client import Client
from server.connection.downloads import cors_headers
from server.connection.websocket import tune_transport
from server.errors import GaopaiError
from server.services.cameras.leases import CameraLeases
from server.services.cameras.preview import PreviewService
from server.streaming.painter import PreviewPicture

log = logging.getLogger(__name__)

BOUNDARY = b"gaopai-frame"
SEND_SECONDS = 10.0
"""Time limit for sending one picture, in seconds, after which the viewer is given up."""


class MultipartSink:
    """`FrameSink` that holds the newest picture of one response."""

    def __init__(self) -> None:
        self._picture: PreviewPicture | None = None
        self._ended = False
        self._error: GaopaiError | None = None
        self._changed = asyncio.Event()
        self.started = False

    def ready(self) -> bool:
        return self._picture is None

    def show(self, picture: PreviewPicture) -> None:
        self._picture = picture
        self._changed.set()

    def discard(self) -> None:
        self._picture = None

    def end(self, error: GaopaiError) -> None:
        self._error = error
        self._ended = True
        self._changed.set()

    async def close(self) -> None:
        """End the stream, whatever the camera does."""
        self._ended = True
        self._changed.set()

    async def next(self) -> bytes | None:
        """Return the next picture's JPEG; None when the stream has ended.

        Raises
        ------
        GaopaiError
            The camera failed before its first picture.
        """
        while self._picture is None and not self._ended:
            self._changed.clear()
            await self._changed.wait()
        picture = self._picture
        self._picture = None
        if picture is None and self._error is not None and not self.started:
            raise self._error
        self.started = True
        return None if picture is None else picture.jpeg


class MultipartStreams:
    """Serves ``/stream/<devNum>.mjpg`` of cameras that a page of the same origin has open.

    Parameters
    ----------
    release
        Called once for each client when its response has ended.
    """

    def __init__(
        self, leases: CameraLeases, previews: PreviewService, release: Callable[[Client], Awaitable[None]]
    ) -> None:
        self._leases = leases
        self._previews = previews
        self._release = release

    async def serve(self, request: web.Request, client: Client, sink: MultipartSink) -> web.StreamResponse:
        """Stream until the viewer leaves, the camera closes or the sink is closed."""
        try:
            camera = self._leases.numbered(client, int(request.match_info["number"]))
            self._previews.start(client, camera, sink, binary=True)
            return await send_multipart(request, client, sink, cors_headers(request))
        except GaopaiError as error:
            return web.Response(status=409, text=f"{error.message('en')}\n{error.message('zh')}\n")
        finally:
            await self._release(client)


async def send_multipart(
    request: web.Request, client: Client, sink: MultipartSink, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Send the pictures of a sink until its stream ends or the viewer leaves.

    Raises
    ------
    GaopaiError
        The camera failed before its first picture. Nothing was sent: of an empty stream browsers tell nobody.
    """
    jpeg = await sink.next()
    response = web.StreamResponse(headers={"Cache-Control": "no-store", **headers})
    response.content_type = f"multipart/x-mixed-replace; boundary={BOUNDARY.decode()}"
    # The boundary follows at once, as browsers show a part when they have received its end.
    part = b"Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n--%b\r\n"
    try:
        await response.prepare(request)
        tune_transport(request.transport)
        await response.write(b"--%b\r\n" % BOUNDARY)
        while jpeg is not None:
            async with asyncio.timeout(SEND_SECONDS):
                await response.write(part % (len(jpeg), jpeg, BOUNDARY))
            jpeg = await sink.next()
    except (TimeoutError, ConnectionError):
        log.info("a multipart viewer of connection %d is gone", client.id)
    return response
