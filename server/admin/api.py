"""Functions of the settings view over HTTP: one POST each, for the service's own page and an open session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from server.access.activity import ActivityRecorder
from server.access.control import PEER, AccessControl
from server.access.own_origins import OwnOrigins
from server.admin.errors import (
    EXPIRED,
    FOREIGN,
    MALFORMED,
    NOT_OPENED,
    TOO_LARGE,
    TOO_MANY,
    UNKNOWN,
    AdminRefusal,
)
from server.admin.sessions import IDLE_SECONDS, AdminSessions, TooManyGuesses
from server.errors.base import LANGUAGES
from server.storage.private_file import PrivateFileUnreadable

log = logging.getLogger(__name__)

PATH = r"/admin/api/{function:[a-z]{1,20}}"
BODY_BYTES = 262_144
BODY_SECONDS = 10.0
OPEN, END = "open", "end"
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
}


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Request without parameters."""


@dataclass(frozen=True, slots=True)
class AdminFunction:
    """Function of the settings view: the type of its request, and what answers it."""

    request: type[msgspec.Struct]
    answer: Callable[[Any], Awaitable[object]]


class AdminApi:
    """Judges and answers requests.

    Parameters
    ----------
    own
        Origins of the service's own page.
    functions
        Functions by name, beside those that open and end a session.
    """

    def __init__(
        self,
        access: AccessControl,
        own: OwnOrigins,
        activity: ActivityRecorder,
        sessions: AdminSessions,
        functions: Mapping[str, AdminFunction],
    ) -> None:
        self._access = access
        self._activity = activity
        self._own = own
        self._sessions = sessions
        self._functions = functions

    def is_own_address(self, request: web.Request) -> bool:
        """Return whether a request came over loopback, to an address of the service's own page."""
        return not request[PEER].machine and f"{request.scheme}://{request.host}" in self._own

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request."""
        try:
            self._refuse_foreign(request)
            return _response(200, await self._answer(request))
        except AdminRefusal as refusal:
            return _refused(refusal)
        except TooManyGuesses as exc:
            self._access.record_refusal("admin", request, "too many wrong tokens")
            return _refused(AdminRefusal(429, TOO_MANY.filled(seconds=exc.seconds), exc.seconds))

    def _refuse_foreign(self, request: web.Request) -> None:
        page = f"{request.scheme}://{request.host}"
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if self.is_own_address(request) and request.headers.get("Origin") == page and site == "same-origin":
            return
        self._access.record_refusal("admin", request, "the settings are for the service's own page alone")
        raise AdminRefusal(403, FOREIGN)

    async def _answer(self, request: web.Request) -> object:
        name, peer, secret = request.match_info["function"], request[PEER], _secret(request)
        if name == OPEN:
            return await self._open(request, secret)
        if not self._sessions.admits(secret, peer):
            self._access.record_refusal("admin", request, "no open session of the settings view")
            raise AdminRefusal(401, EXPIRED)
        if name == END:
            self._sessions.end(secret, peer)
            return {}
        function = self._functions.get(name)
        if function is None:
            raise AdminRefusal(404, UNKNOWN)
        return await function.answer(_decoded(await _body(request), function.request))

    async def _open(self, request: web.Request, token: str) -> object:
        try:
            secret = await self._sessions.open(token, request[PEER])
        except PrivateFileUnreadable as exc:
            log.error("the settings view cannot be opened: %s", exc)
            raise AdminRefusal(500, NOT_OPENED) from exc  # who asks is not known yet
        if secret is None:
            self._access.record_refusal("admin", request, "no right token of gaopai admin")
            raise AdminRefusal(401, EXPIRED)
        self._activity.administered("open")
        log.info("the settings view was opened")
        return {"session": secret, "idleSeconds": IDLE_SECONDS}


def _secret(request: web.Request) -> str:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else ""


async def _body(request: web.Request) -> bytes:
    if request.content_type != "application/json" or request.content_length is None:
        raise AdminRefusal(400, MALFORMED)
    if request.content_length > BODY_BYTES:
        raise AdminRefusal(413, TOO_LARGE)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.content.readexactly(request.content_length)
    except (TimeoutError, asyncio.IncompleteReadError) as exc:
        raise AdminRefusal(400, MALFORMED) from exc


def _decoded(body: bytes, kind: type[msgspec.Struct]) -> msgspec.Struct:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        # The text of the error may quote the request.
        raise AdminRefusal(400, MALFORMED) from exc


def _refused(refusal: AdminRefusal) -> web.Response:
    response = _response(refusal.status, {each: refusal.text.fill(each, {}) for each in LANGUAGES})
    if refusal.wait:
        response.headers["Retry-After"] = str(refusal.wait)
    if refusal.status == 413:
        response.force_close()
    return response


def _response(status: int, value: object) -> web.Response:
    body = msgspec.json.encode(value)
    return web.Response(status=status, body=body, content_type="application/json", headers=HEADERS)
