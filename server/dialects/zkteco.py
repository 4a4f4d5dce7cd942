"""ZKTeco's card reader service: a GET for each reading."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from urllib.parse import unquote

from aiohttp import web

from server import __version__, errors
from server.config.dialects import ZktecoConfig
from server.dialects.http import json_response
from server.dialects.identity import ReadResident, dotted, parts_of, plain, read_resident
from server.dialects.page_session import PageSession
from server.dialects.services import CommandLog
from server.errors import GaopaiError

ROOT = "/zkidronline/"
READ = "4"
VOICE = "16"
MOST_PARAMETERS = 64
"""Limit of the parameters of a query that are looked at."""
CARD_MEMBERS = (
    *("Name", "Sex", "Nation", "Birthday", "Address", "IDNumber", "IDIssued", "IssuedData", "ValidDate"),
)


class ZktecoDialect:
    """Dialect of ZKTeco's ``ZKIDROnline``."""

    def __init__(self, command_log: CommandLog, config: ZktecoConfig) -> None:
        self._command_log = command_log
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
        looking = session.services.cards.readers.list(session.client)
        try:
            readers = await self._command_log.run(session.client, session.number, "info", looking)
        except GaopaiError:
            # The service lives without a reader, and that is what pages ask.
            readers = ()
        names = [reader.info.name for reader in readers]
        return json_response({"ret": 0, "data": {"server_version": __version__, "devices": names}})

    async def _read(self, session: PageSession, parameters: Mapping[str, str]) -> web.Response:
        if parameters.get("cmd-url") == VOICE:
            return json_response({"ret": 0})
        reading = read_resident(session)
        try:
            read = await self._command_log.run(session.client, session.number, "ScanReadIdCardInfo", reading)
        except GaopaiError as error:
            return json_response({"ret": code_of(error)})
        members = certificate(read, self._config.dates)
        if self._config.answer == "object":
            return _response(as_object(members), "application/json")
        return _response(as_text(members), "text/plain")

    async def _number(self, session: PageSession, parameters: Mapping[str, str]) -> web.Response:
        return json_response({"ret": code_of(errors.NotAvailableYet(feature="MFCard"))})


def _parameters(query: str) -> Mapping[str, str]:
    """Parse a query in which pages put a number behind the last value, with another question mark."""
    pairs = (pair.partition("=") for pair in query.split("&", MOST_PARAMETERS))
    return {unquote(name).lower(): unquote(value).partition("?")[0] for name, mark, value in pairs if mark}


def _response(body: bytes, kind: str) -> web.Response:
    return web.Response(body=body, content_type=kind, charset="utf-8")


NO_PORT = 1
"""The maker's code for a reader that is not connected, or whose driver is missing."""
NO_CARD = 10
"""The maker's code for a reader without a card."""
READ_FAILED = 11
"""The maker's code for a card that could not be read, such as one of another kind or taken away."""
TRANSFER_TIMEOUT = 2
"""The maker's code for a card that did not answer."""
OTHER = 30
"""The maker's code for any other error."""
PICTURE = 40
"""The maker's code for a portrait that could not be decoded."""
TIMEOUT = 100
"""The maker's code for a reader that did not answer in time."""
CODES: Mapping[type[GaopaiError], int] = {
    errors.NoReader: NO_PORT,
    errors.NoCard: NO_CARD,
    errors.CardTakenAway: READ_FAILED,
    errors.WrongCard: READ_FAILED,
    errors.CardSilent: TRANSFER_TIMEOUT,
    errors.CardUnreadable: OTHER,
    errors.PortraitNotDecoded: PICTURE,
    errors.DeviceTimeout: TIMEOUT,
}
DRIVERS = range(2014, 2015)
"""Codes of our errors about missing drivers, which pages are told as a missing reader."""
RAW_PATH = "C:\\zk\\zp.jpg"
"""Path whose backslashes make the text no JSON, as those of the maker's service do.

Pages double them or turn them around before they parse it; to some, a text that is valid before is a failure.
"""


def code_of(error: GaopaiError) -> int:
    """Return the maker's code of an error; a missing driver is a missing reader."""
    return NO_PORT if error.code in DRIVERS else CODES.get(type(error), OTHER)


def certificate(read: ReadResident, dates: str) -> dict[str, str]:
    """Return the members of a card.

    Parameters
    ----------
    dates
        ``dotted`` or ``plain``.
    """
    parts = parts_of(read.card, dotted if dates == "dotted" else plain)
    members = {name: part.strip() for name, part in zip(CARD_MEMBERS, parts, strict=True)}
    return {**members, "Base64Photo": read.portrait}


def as_object(members: Mapping[str, str]) -> bytes:
    """Return the answer with a card as JSON."""
    return _compact({"ret": 0, "Certificate": members}).encode("utf-8", "replace")


def as_text(members: Mapping[str, str]) -> bytes:
    """Return the answer with a card as the maker's service does, with backslashes in one member alone."""
    # No other backslash may be in the text: pages double each of them, also one that stands before a quote.
    safe = {name: _without_escapes(value) for name, value in members.items()}
    body = _compact({"ret": 0, "Certificate": safe})
    assert "\\" not in body
    return f'{body[:-1]},"PhotoPath":"{RAW_PATH}"}}'.encode("utf-8", "replace")


def _without_escapes(value: str) -> str:
    """Return a value without the characters that JSON writes with a backslash."""
    return "".join(" " if each in '\\"' or ord(each) < 32 else each for each in value)


def _compact(members: Mapping[str, object]) -> str:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))
