"""Everybody who knocks: host and user of every request, origin and token of those who want in."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator

from aiohttp import web

from server.session.consent import Consent
from server.session.grants import Grants
from server.session.origin import Gate, Refused
from server.session.peer import Peers
from server.session.token import Token, Verdict, shown_token

log = logging.getLogger(__name__)

STRANGERS = "(strangers)"
"""Who guesses a token without being known otherwise."""
QUOTED = 200
"""Characters of a header that a refusal and the log repeat."""

NO_MORE = b"this origin is not allowed any more"
WRONG_HOST = "This service answers to 127.0.0.1 and localhost only.\n本服务只接受 127.0.0.1 和 localhost。\n"
WRONG_USER = (
    "This service is another user's of this computer. Its owner lets all users in with\n"
    "[access] other_users = true\n"
    "本服务属于本机的另一个用户；其所有者可用上述配置允许其他用户。\n"
)
UNKNOWN_ORIGIN = (
    "This service does not know the origin {origin}.\n"
    "Allow it with: gaopai allow {origin}\n"
    'or in the configuration: [access] origins = ["{origin}"]\n'
    "or for one run: gaopai serve --allow-origin {origin}\n"
    "服务不认识该来源；请用上述任一方法允许它。\n"
)
DENIED_ORIGIN = (
    "The user of this computer does not let the origin {origin} connect.\n"
    "To change that: gaopai allow {origin}\n"
    "本机用户不允许该来源；可用上述命令改变。\n"
)
NO_ORIGIN = (
    "This service answers web pages with an origin of their own only, and the request has none.\n"
    "Programs: [access] native_clients = true. Sandboxed frames and files: [access] null_origin = true.\n"
    "请求没有来源；程序和无来源的网页须由上述配置允许。\n"
)
UNPROVEN = (
    "This service asks for its token: ?token=... in the address, the subprotocol gaopai.token....,\n"
    "or the header Authorization: Bearer ...; the one that was shown, if any, is wrong.\n"
    "服务要求令牌：请用上述任一方式提供；所提供的令牌不正确或缺失。\n"
)
TOO_MANY_GUESSES = "Too many wrong tokens; wait {seconds} s.\n令牌错误次数过多；请等待 {seconds} 秒。\n"


class Door:
    """The judgements in their order.

    Parameters
    ----------
    token, consent, peers
        None where none is asked for, nobody can be asked, and users are not told apart.
    """

    def __init__(
        self,
        gate: Gate,
        grants: Grants,
        *,
        token: Token | None = None,
        consent: Consent | None = None,
        peers: Peers | None = None,
    ) -> None:
        self._gate = gate
        self._grants = grants
        self._token = token
        self._consent = consent
        self._peers = peers
        self._inside: dict[web.WebSocketResponse, web.Request] = {}
        self._leaving: set[asyncio.Task[bool]] = set()
        self._watch: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Follow from now on what is decided elsewhere."""
        self._grants.listen(self._show_out)
        self._watch = asyncio.create_task(self._grants.watch(), name="grants")

    async def close(self) -> None:
        """Ask nobody any more."""
        if self._consent is not None:
            await self._consent.close()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def refusal_of_any(self, request: web.Request) -> web.Response | None:
        """Why this request is not answered, whatever it asks; None if it is."""
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or not self._gate.admits_host(hosts[0]):
            return web.Response(status=421, text=WRONG_HOST)
        if not await self._is_users(request):
            return web.Response(status=403, text=WRONG_USER)
        return None

    async def refusal_of_page(self, request: web.Request) -> web.Response | None:
        """Why no WebSocket is opened; None if one is. May take as long as a person thinks."""
        origin = request.headers.get("Origin")
        if self.admits(request):
            return self._refusal_of_token(request, origin)
        # Nobody is asked about a page that does not know the token.
        if self._refusal_of_token(request, STRANGERS) is None and await self._is_granted_now(request):
            return None
        return self._unknown(origin)

    def refusal_of_embedding(self, request: web.Request) -> web.Response | str | None:
        """Why a picture is not shown; else the origin that shows it, None for one that is no browser."""
        own = f"{request.scheme}://{request.host}"
        viewer = self._gate.origin_of_embedding(request.headers, own, _port(request), request.scheme)
        if isinstance(viewer, Refused):
            return self._unknown(request.headers.get("Origin"))
        refusal = self._refusal_of_token(request, viewer)
        return viewer if refusal is None else refusal

    def admits(self, request: web.Request) -> bool:
        """Whether the request's origin may connect as things are; nobody is asked."""
        origins = request.headers.getall("Origin", [])
        if len(origins) > 1:
            return False
        return self._gate.admits_origin(origins[0] if origins else None, _port(request), request.scheme)

    @contextlib.contextmanager
    def inside(self, request: web.Request, response: web.WebSocketResponse) -> Iterator[None]:
        """Remember an open connection, so that it ends when its origin may connect no more."""
        self._inside[response] = request
        try:
            yield
        finally:
            del self._inside[response]

    def _show_out(self) -> None:
        for response, request in self._inside.items():
            if not self.admits(request):
                log.warning("the origin %s may connect no more", _quoted(request.headers.get("Origin", "")))
                leaving = asyncio.create_task(response.close(code=1008, message=NO_MORE))
                self._leaving.add(leaving)
                leaving.add_done_callback(self._leaving.discard)

    async def _is_users(self, request: web.Request) -> bool:
        transport = request.transport
        return self._peers is None or transport is None or await self._peers.admits(transport)

    async def _is_granted_now(self, request: web.Request) -> bool:
        """Whether its origin was allowed a moment ago, or is when the person is asked."""
        origins = request.headers.getall("Origin", [])
        if len(origins) != 1:
            return False
        (origin,) = origins
        await self._grants.refresh()
        if self._grants.allows(origin):
            return True
        if self._consent is None or self._grants.denies(origin):
            return False
        return await self._consent.allows(origin)

    def _unknown(self, origin: str | None) -> web.Response:
        quoted = _quoted(origin or "")
        log.warning("refused a connection from the origin %s", quoted or "(none)")
        if origin in (None, "", "null"):
            return web.Response(status=403, text=NO_ORIGIN)
        text = DENIED_ORIGIN if self._grants.denies(origin or "") else UNKNOWN_ORIGIN
        return web.Response(status=403, text=text.format(origin=quoted))

    def _refusal_of_token(self, request: web.Request, who: str | None) -> web.Response | None:
        if self._token is None:
            return None
        verdict = self._token.judge(shown_token(request.query, request.headers), who)
        if verdict is Verdict.RIGHT:
            return None
        log.warning("refused a connection of %s: token %s", who or "a native client", verdict.name.lower())
        if verdict is Verdict.WAIT:
            seconds = self._token.wait_seconds(who)
            text = TOO_MANY_GUESSES.format(seconds=seconds)
            return web.Response(status=429, text=text, headers={"Retry-After": str(seconds)})
        return web.Response(status=401, text=UNPROVEN, headers={"WWW-Authenticate": 'Bearer realm="gaopai"'})


def _quoted(header: str) -> str:
    """A header as it can be repeated: what no origin holds may have a meaning where it is read."""
    return "".join(each if each.isascii() and each.isprintable() else "?" for each in header[:QUOTED])


def _port(request: web.Request) -> int:
    """The port this request came in by; 0 when its client is gone already."""
    return 0 if request.transport is None else int(request.transport.get_extra_info("sockname")[1])
