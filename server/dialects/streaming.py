"""Camera stream of a dialect for an ``<img>``, whose request itself opens the camera."""

from __future__ import annotations

import logging

from aiohttp import web

from server.access.control import PEER
from server.access.limits import Holder
from server.connection.context import ServerContext
from server.connection.multipart import MultipartSink, send_multipart
from server.dialects.page_session import PageSession
from server.errors import GaopaiError

log = logging.getLogger(__name__)

NO_PICTURE = 503
"""Status without a body: the error handler of the image tells the page that there is no camera."""


async def stream_camera(
    request: web.Request, session: PageSession, number: int, context: ServerContext
) -> web.StreamResponse:
    """Open a camera and stream it until the viewer leaves or the camera closes."""
    holder = Holder(request[PEER], session.origin)
    full = context.connections.full(holder, context.limits)
    if full is not None:
        context.activity.refused(f"{full.name.lower()}_full", session.origin)
        return web.Response(status=NO_PICTURE)
    viewer = session.services.new_client(session.origin)
    with (
        session.held(),
        context.connections.hold(holder),
        context.activity.connection(viewer, "stream"),
    ):
        try:
            await session.open(number)
            sink = MultipartSink()
            session.preview(viewer, number, sink, binary=True)
            return await send_multipart(request, viewer, sink, {})
        except GaopaiError as error:
            log.info("no stream of camera %d: error %d", number, error.code)
            return web.Response(status=NO_PICTURE)
        finally:
            session.stop_preview(viewer)
            await session.services.release(viewer)
