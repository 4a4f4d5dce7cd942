"""ZKTeco's card reader service: a GET for each reading."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import unquote

import msgspec
from aiohttp import web

from server import __version__
from server.config.dialects import ZktecoConfig
from server.dialects.cards import read_resident
from server.dialects.page_session import PageSession
from server.dialects.recording import CommandRecorder
from server.dialects.zkteco.texts import as_object, as_text, certificate, code_of
from server.errors import GaopaiError, NotAvailableYet

ROOT = "/zkidronline/"
READ, VOICE = "4", "16"
MOST_PARAMETERS = 64


class ZktecoDialect:
    """Dialect of ZKTeco's ``ZKIDROnline``."""

    def __init__(self, recorder: CommandRecorder, config: ZktecoConfig) -> None:
        self._recorder = recorder
        self._config = config

    def destinations(self, request: web.Request) -> Collection[str]:
        """Return the kinds of embedding that a request may be: none, as all answers are read by scripts."""
        return ("empty",)

    async def answer(self, request: web.Request, session: PageSession) -> web.StreamResponse:
        """Answer a request of an allowed page."""
        _, found, name = request.path.lower().rpartition(ROOT)
        commands = {"info": self._info, "scanreadidcardinfo": self._read, "mfcard": self._number}
        if not found or name.rstrip("/") not in commands:
            return web.Response(status=404)
        return await commands[name.rstrip("/")](session, _parameters(request.query_string))

    async def _info(self, session: PageSession, parameters: Mapping[str, str]) -> web.Response:
        names: list[str] = []

        async def readers() -> None:
            found = await session.services.cards.readers(session.client)
            names.extend(info.name for info in found)

        try:
            await self._recorder.run(session.client, session.number, "info", readers())
        except GaopaiError:
            # The service lives without a reader, and that is what pages ask.
            names.clear()
        return _json({"ret": 0, "data": {"server_version": __version__, "devices": names}})

    async def _read(self, session: PageSession, parameters: Mapping[str, str]) -> web.Response:
        if parameters.get("cmd-url") == VOICE:
            return _json({"ret": 0})
        reading = read_resident(session.services, session.client)
        try:
            read = await self._recorder.run(session.client, session.number, "ScanReadIdCardInfo", reading)
        except GaopaiError as error:
            return _json({"ret": code_of(error)})
        members = certificate(read, self._config.dates)
        if self._config.answer == "object":
            return _response(as_object(members), "application/json")
        return _response(as_text(members), "text/plain")

    async def _number(self, session: PageSession, parameters: Mapping[str, str]) -> web.Response:
        return _json({"ret": code_of(NotAvailableYet(feature="MFCard"))})


def _parameters(query: str) -> Mapping[str, str]:
    """Parse a query in which pages put a number behind the last value, with another question mark."""
    pairs = (pair.partition("=") for pair in query.split("&", MOST_PARAMETERS))
    return {unquote(name).lower(): unquote(value).partition("?")[0] for name, mark, value in pairs if mark}


def _json(members: Mapping[str, object]) -> web.Response:
    return _response(msgspec.json.encode(members), "application/json")


def _response(body: bytes, kind: str) -> web.Response:
    return web.Response(body=body, content_type=kind, charset="utf-8")
