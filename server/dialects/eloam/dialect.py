"""Eloam over HTTP: which command a request is, and the form of its answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from aiohttp import web

from server.access.control import PEER
from server.access.limits import Holder
from server.connection.multipart import MultipartSink, send_multipart
from server.connection.session import ServerContext
from server.dialects.device_session import MOST_CAMERAS
from server.dialects.eloam.cameras import CameraCommands
from server.dialects.eloam.grammar import Command, Members, command_of
from server.dialects.eloam.linux import LinuxControl
from server.dialects.eloam.recognition import DocumentCommands, RecognitionCommands
from server.dialects.http import json_response, language, read_body
from server.dialects.json_text import Fields, first_object, number_of
from server.dialects.page_session import PageSession
from server.dialects.services import CommandLog
from server.errors import DeviceNotOpen, GaopaiError, NotAvailableYet, UnknownFunction
from server.runtime.background import finished

STREAM = "video=stream"
ALWAYS_FINISHED = frozenset({"video=close", "stoppreview", "device=setresolution"})
"""Commands that are carried out even if the page does not wait for their answers, as when it leaves."""
UNSERVED = frozenset({"twoinchphoto", "templateocr", "softkey=check", "device=a3a4switch"})
UNSERVED_GROUPS = ("serialport=", "pendisplay=", "sign=")
REFUSED_SECONDS = 1.0
"""Pause before the answer to what is not served: pages ask again at once for a page that was turned."""


class EloamDialect:
    """Dialect of Eloam WebCamera and of its Linux control.

    Parameters
    ----------
    language
        Configured language of messages.
    """

    def __init__(self, context: ServerContext, command_log: CommandLog, language: str) -> None:
        self._context = context
        self._language = language
        self._command_log = command_log
        self._cameras = CameraCommands()
        groups = (self._cameras, DocumentCommands(), RecognitionCommands())
        self._commands = {name: command for group in groups for name, command in group.commands.items()}
        self._linux = LinuxControl().commands

    def destinations(self, request: web.Request) -> Collection[str]:
        """Return the kinds of embedding that the request may be: the stream is a picture."""
        command = command_of(request.path, request.query_string)
        return ("image", "empty") if command.name == STREAM else ("empty",)

    async def answer(self, request: web.Request, session: PageSession) -> web.StreamResponse:
        """Answer a request of an allowed page."""
        command = command_of(request.path, request.query_string)
        if command.name == STREAM:
            number = number_of(command.parameters, "camidx")
            if not 0 <= number < MOST_CAMERAS:
                return web.Response(status=NO_PICTURE)
            self._cameras.prepare(session, number)
            return await stream_camera(request, session, number, self._context)
        body = await self._context.decoding.decode(first_object, await read_body(request)) or {}
        fields: Fields = {**command.parameters, **body}
        answering = self._answered(request, session, command.name, fields)
        return await (finished(answering) if command.name in ALWAYS_FINISHED else answering)

    async def _answered(
        self, request: web.Request, session: PageSession, name: str, fields: Fields
    ) -> web.Response:
        linux = "=" not in name and name not in UNSERVED
        commands: Mapping[str, Callable[..., Awaitable[Any]]] = self._linux if linux else self._commands
        work = commands.get(name, _unserved(name))
        known = name if name in commands else "-"
        try:
            found = await self._command_log.run(session.client, session.number, known, work(session, fields))
        except GaopaiError as error:
            message = error.message(language(request, self._language))
            if linux:
                return json_response({"returnCode": error.code, "returnMsg": message, "data": {}})
            code = "2" if name == "barcode=get" and isinstance(error, DeviceNotOpen) else "1"
            return json_response({"code": code, "message": message, "data": "", "photoBase64": ""})
        if linux:
            return json_response({"returnCode": 0, "returnMsg": "ok", "data": {} if found is None else found})
        return json_response({"code": "0", "message": "ok", **(found or {})})


def _unserved(name: str) -> Command:
    """Return a command that says that there is none of that name, or that it is not served."""
    known = name in UNSERVED or name.startswith(UNSERVED_GROUPS)

    async def refuse(session: PageSession, fields: Fields) -> Members:
        await asyncio.sleep(REFUSED_SECONDS)
        raise NotAvailableYet(feature=name) if known else UnknownFunction(func="-")

    return refuse


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
    viewer = session.new_client()
    with session.held(), context.connections.hold(holder), context.activity.connection(viewer, "stream"):
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
