"""Page at which people sign: ``/sign``, opened by a ticket that is good once, on this computer alone."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from server.access.control import PEER, AccessControl
from server.access.origins import OwnOrigins
from server.archive.ink import InkPoint, Stroke
from server.connection.own_pages import StaticFiles
from server.errors import BadParameter, GaopaiError, LocalizedText
from server.errors.base import LANGUAGES
from server.errors.signatures import SignatureElsewhere, SignatureTicketGone
from server.services.context import translated
from server.services.signatures.desk import Ceremony, Pointer, SigningDesk, Writing

PAGE = "sign/index.html"
API = r"/sign/api/{function:[a-z]{1,12}}"
BODY_BYTES = 4 << 20
"""Limit of the body of a request, in bytes: more points than are taken, at 60 bytes each."""
BODY_SECONDS = 15.0
"""Time limit for the body of a request to arrive, in seconds."""
SECRET_CHARACTERS = 256
"""Limit of a ticket or a secret that is looked at."""
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
}
UNKEPT = {"Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin"}
"""Headers of the page: it is kept by nobody, and whoever opened its window has no hand on it."""
_NOT_READABLE = LocalizedText("无法读取", "it cannot be read")
_BEYOND = LocalizedText("有的点不在框内", "a point is outside of the field")


class PageWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Request for a page of the document, from 1."""

    page: int


class WrittenByHand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Handwriting of a signer who is done; its points are x, y, milliseconds and pressure."""

    strokes: tuple[tuple[tuple[float, float, float, float], ...], ...]
    pointer: Pointer = ""


class SigningPage:
    """Serves the page and answers it.

    Parameters
    ----------
    own
        Origins of the service's own page.
    """

    def __init__(self, access: AccessControl, own: OwnOrigins, desk: SigningDesk) -> None:
        self._access = access
        self._own = own
        self._desk = desk
        self._files = StaticFiles()
        self._functions: Mapping[str, Callable[[web.Request], Awaitable[web.Response]]] = {
            "open": self._open,
            "state": self._state,
            "page": self._page,
            "read": self._read,
            "begin": self._begin,
            "done": self._done,
            "leave": self._leave,
        }

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes."""
        router.add_get("/sign", self._index)
        router.add_post(API, self._answer)

    async def _index(self, request: web.Request) -> web.Response:
        if not self._is_own_address(request):
            return _refused(SignatureElsewhere())
        page = self._files.response(PAGE)
        page.headers.update(UNKEPT)
        return page

    async def _answer(self, request: web.Request) -> web.Response:
        """Answer a request of the page; an error has its code and its texts."""
        function = self._functions.get(request.match_info["function"])
        if function is None:
            return web.Response(status=404)
        try:
            self._refuse_foreign(request)
            return await translated("sign", function(request))
        except GaopaiError as error:
            return _refused(error)

    def _is_own_address(self, request: web.Request) -> bool:
        return not request[PEER].machine and f"{request.scheme}://{request.host}" in self._own

    def _refuse_foreign(self, request: web.Request) -> None:
        page = f"{request.scheme}://{request.host}"
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if self._is_own_address(request) and request.headers.get("Origin") == page and site == "same-origin":
            return
        self._access.record_refusal("sign", request, "signatures are for the service's own page alone")
        raise SignatureElsewhere()

    def _ceremony(self, request: web.Request) -> Ceremony:
        return self._desk.find(_secret(request), request[PEER])

    async def _open(self, request: web.Request) -> web.Response:
        try:
            ceremony, secret = self._desk.open(_secret(request), request[PEER])
        except SignatureTicketGone:
            self._access.record_refusal("sign", request, "no right ticket of a signature")
            raise
        task = ceremony.task
        return _told(
            session=secret,
            name=task.name,
            signer=task.signer,
            reason=task.reason,
            pages=task.pages,
            page=task.page,
            place=task.place,
            size=task.size,
            readToEnd=task.read_to_end,
            language=task.language,
        )

    async def _state(self, request: web.Request) -> web.Response:
        return _told(state=self._ceremony(request).state)

    async def _page(self, request: web.Request) -> web.Response:
        ceremony = self._ceremony(request)
        wanted = await _body(request, PageWanted)
        drawn = await ceremony.draw(wanted.page)
        return web.Response(body=drawn, content_type="image/jpeg", headers=HEADERS)

    async def _read(self, request: web.Request) -> web.Response:
        self._ceremony(request).read_to_end()
        return _told()

    async def _begin(self, request: web.Request) -> web.Response:
        self._ceremony(request).begin()
        return _told()

    async def _done(self, request: web.Request) -> web.Response:
        ceremony = self._ceremony(request)
        done = await _body(request, WrittenByHand)
        await ceremony.finish(Writing(_strokes(done), done.pointer))
        return _told()

    async def _leave(self, request: web.Request) -> web.Response:
        self._ceremony(request).leave()
        return _told()


def _strokes(done: WrittenByHand) -> tuple[Stroke, ...]:
    for stroke in done.strokes:
        for x, y, moment, pressure in stroke:
            # A hand may slip off the field a little.
            is_inside = -0.5 <= x <= 1.5 and -0.5 <= y <= 1.5 and 0 <= pressure <= 1
            if not is_inside or not (0 <= moment < 1e8 and math.isfinite(moment)):
                raise BadParameter(field="strokes", reason=_BEYOND)
    return tuple(tuple(InkPoint(*point) for point in stroke) for stroke in done.strokes)


def _secret(request: web.Request) -> str:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return credentials.strip()[:SECRET_CHARACTERS] if scheme.lower() == "bearer" else ""


async def _body(request: web.Request, kind: type[Any]) -> Any:
    encoded = request.headers.get("Content-Encoding", "identity").lower() != "identity"
    length = request.content_length
    if request.content_type != "application/json" or length is None or encoded or length > BODY_BYTES:
        raise BadParameter(field="body", reason=_NOT_READABLE)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            content = await request.content.readexactly(length)
        return await asyncio.to_thread(msgspec.json.decode, content, type=kind)
    except (
        TimeoutError,
        asyncio.IncompleteReadError,
        msgspec.MsgspecError,
        UnicodeDecodeError,
        RecursionError,
    ):
        # Their texts may quote the request, which is somebody's handwriting.
        raise BadParameter(field="body", reason=_NOT_READABLE) from None


def _told(**told: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(told), content_type="application/json", headers=HEADERS)


def _refused(error: GaopaiError) -> web.Response:
    texts = {language: error.message(language) for language in LANGUAGES}
    body = msgspec.json.encode({"code": error.code, **texts})
    return web.Response(
        status=error.status, body=body, content_type="application/json", charset="utf-8", headers=HEADERS
    )
