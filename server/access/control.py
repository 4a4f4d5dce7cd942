"""Access control: host and user of every request, origin and token of every connection."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web
from multidict import MultiMapping

from server.access.activity import ActivityRecorder
from server.access.consent import Consent
from server.access.grants import AskedOrigins, Grants
from server.access.handshakes import Handshakes
from server.access.origins import NO_ORIGINS, REFUSED, OriginPolicy, OriginRefused, OwnOrigins
from server.access.peer import Peer, can_tell
from server.access.token import Token, TokenVerdict, presented_token, read_token
from server.config import AccessConfig
from server.runtime.background import ended, supervise

log = logging.getLogger(__name__)

Close = Callable[[], Awaitable[object]]
"""Closes an open connection."""
REVOKED = b"this connection is no longer allowed"
PEER = web.RequestKey("peer", Peer)
"""Key of a request's peer, once it is checked."""
UNKNOWN_ORIGINS = "(unknown origins)"
"""Name under which wrong tokens of unknown origins are counted."""
QUOTED = 200
"""Limit of a header in a refusal and the log, in characters."""

REPEATED = "The request says {name} twice, and is refused.\n请求中的 {name} 出现了两次，因此被拒绝。\n"
UNKNOWN_USER = (
    "This machine does not tell whose the connection is: gaopai doctor says how to change that.\n"
    "本机无法区分连接属于哪个用户；gaopai doctor 会说明如何解决。\n"
)
STRANGE_PROGRAM = (
    "A program of another user of this computer has to know a token, and this service has none:\n"
    "gaopai token new, then [access] token_file.\n"
    "本机其他用户的程序须持有令牌，而本服务没有设置令牌；请用上述方法设置。\n"
)
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
IMITATION = (
    "At the address of this page another program of this computer may answer; do not use it.\n"
    "This service's own page is at the address that gaopai serve prints.\n"
    "本机的其他程序可能占用了该页面的地址，请勿使用；本服务的页面地址由 gaopai serve 显示。\n"
)
NO_ORIGIN = (
    "This service answers web pages with an origin of their own only, and the request has none.\n"
    "Programs: [access] native_clients = true. Sandboxed frames and files: [access] null_origin = true.\n"
    "请求没有来源；程序和无来源的网页须由上述配置允许。\n"
)
UNAUTHORIZED = (
    "This service asks for its token: ?token=... in the address, the subprotocol gaopai.token....,\n"
    "or the header Authorization: Bearer ...; the one that was shown, if any, is wrong.\n"
    "服务要求令牌：请用上述任一方式提供；所提供的令牌不正确或缺失。\n"
)
TOO_MANY_GUESSES = "Too many wrong tokens; wait {seconds} s.\n令牌错误次数过多；请等待 {seconds} 秒。\n"


@dataclass(frozen=True, slots=True)
class AccessRules:
    """Rules of the configuration, replaced when it is reloaded.

    Attributes
    ----------
    policy
        Policy of origins and hosts.
    token
        Required token; None if none is required.
    pages_need_token
        The token is required of web pages, too, not of programs without an Origin only.
    other_users
        All users of this computer may connect.
    """

    policy: OriginPolicy
    token: Token | None = None
    pages_need_token: bool = True
    other_users: bool = False

    @classmethod
    def from_config(cls, access: AccessConfig) -> AccessRules:
        """Make the rules of a configuration; reads the token file."""
        policy = OriginPolicy.parse(access.origins, access.hosts, access.native_clients)
        token = Token(read_token(Path(access.token_file).expanduser())) if access.token_file else None
        # Asked in any case, as the kernel may load a module for its first answer.
        if not can_tell() and not access.other_users:
            log.error("this machine does not tell whose a connection is: all of this computer are refused")
        policy = replace(policy, null_origin=access.null_origin)
        return cls(policy, token, access.pages_need_token, access.other_users)

    def admits_peer(self, peer: Peer) -> bool:
        """Return whether the peer's user may connect; users of another machine are not known here."""
        return self.other_users or bool(peer.machine) or peer.is_own

    def requires_token(self, peer: Peer, origin: str | None) -> bool:
        """Return whether a client has to present a token.

        A program of another user always has to: its lack of an origin is all that is known of it.
        """
        if origin is not None:
            return self.token is not None and self.pages_need_token
        return self.token is not None or not peer.is_own


class AccessControl:
    """Checks requests by user, host, origin and token, in this order.

    Parameters
    ----------
    grants
        Decisions about origins beside the configuration.
    activity
        Records refused connections.
    consent
        Asks the user about unknown origins; None to refuse them.
    own
        Origins of the service's own page.

    Attributes
    ----------
    handshakes
        Connections, whose peers are judged here.
    asked
        Origins that were refused, as nothing was decided about them.
    """

    def __init__(
        self,
        rules: AccessRules,
        grants: Grants,
        activity: ActivityRecorder,
        consent: Consent | None = None,
        own: OwnOrigins = NO_ORIGINS,
    ) -> None:
        self._rules = rules
        self._own = own
        self._grants = grants
        self._activity = activity
        self._consent = consent
        self.handshakes = Handshakes(self.refuse_peer)
        self.asked = AskedOrigins()
        self._open: dict[Close, web.BaseRequest] = {}
        self._listeners: list[Callable[[], Awaitable[None]]] = []
        self._watch: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to watch for decisions about origins."""
        self._grants.listen(lambda: supervise("closing of revoked connections", self._close_revoked))
        self._watch = supervise("decisions about origins", self._grants.watch)

    async def close(self) -> None:
        """End open prompts and the watch for decisions."""
        if self._consent is not None:
            await self._consent.close()
        await ended(self._watch)

    def listen(self, listener: Callable[[], Awaitable[None]]) -> None:
        """Call `listener` after each change of the rules or decisions."""
        self._listeners.append(listener)

    async def refresh(self) -> None:
        """Follow decisions about origins that were stored a moment ago."""
        await self._grants.refresh()

    async def renew(self, rules: AccessRules) -> None:
        """Replace the rules, and close connections that they no longer allow."""
        self._rules = rules
        await self._close_revoked()

    # Checks ----------------------------------------------------------------------------

    def refuse_peer(self, peer: Peer) -> str | None:
        """Return the refusal of a connection by its peer, or None."""
        if self._rules.admits_peer(peer):
            return None
        if self._activity.refused("user", None):
            log.warning("refused a connection of %s", peer)
        return UNKNOWN_USER if peer.user is None else WRONG_USER

    async def check_request(self, request: web.Request) -> web.Response | None:
        """Check user, host and form of any request; return the refusal, or None."""
        transport = request.transport
        peer = None if transport is None else await self.handshakes.peer(transport)
        if peer is None:
            return web.Response(status=400)  # the connection is closed already
        if (text := self.refuse_peer(peer)) is not None:
            return web.Response(status=403, text=text)
        request[PEER] = peer
        if (name := repeated(request)) is not None:
            self.record_refusal("repeated", request, f"two of {name}")
            return web.Response(status=400, text=REPEATED.format(name=name))
        if not self._rules.policy.admits_host(request.headers.get("Host", "")):
            self.record_refusal("host", request, "another host name")
            return web.Response(status=421, text=WRONG_HOST)
        return None

    async def check_websocket(self, request: web.Request) -> web.Response | None:
        """Check origin and token before an upgrade; return the refusal, or None.

        May take as long as the user needs to answer a prompt.
        """
        origin = request.headers.get("Origin")
        if self.admits(request):
            return self._check_token(request, origin)
        # No prompt for a page that does not know the token.
        if origin is not None and self._has_token(request) and await self._ask_consent(request, origin):
            return None
        return self._refuse_origin(request)

    async def check_call(self, request: web.Request) -> web.Response | str | None:
        """Check origin and token of a request that acts; return the refusal, or its page's origin.

        The origin is None for a program that is no browser. May take as long as the user needs to answer a
        prompt.
        """
        origin = request.headers.get("Origin")
        if origin is None:
            return self.check_embedding(request)
        # A browser asks whether a page may call before it shows the page's token.
        if request.method == "OPTIONS" and self.admits(request):
            return origin
        refusal = await self.check_websocket(request)
        return origin if refusal is None else refusal

    def check_embedding(self, request: web.Request) -> web.Response | str | None:
        """Check origin and token of an embedded picture; return the refusal, or the embedding page's origin.

        The origin is None for a program that is no browser.
        """
        viewer = self._viewer(request)
        if isinstance(viewer, OriginRefused):
            return self._refuse_origin(request)
        refusal = self._check_token(request, viewer)
        return viewer if refusal is None else refusal

    def admits(self, request: web.BaseRequest) -> bool:
        """Return whether the request's origin may connect without a prompt."""
        return self._policy.admits_origin(request.headers.get("Origin"))

    def _viewer(self, request: web.BaseRequest) -> str | OriginRefused | None:
        return self._policy.embedding_origin(request.headers, f"{request.scheme}://{request.host}")

    def admits_origin(self, origin: str | None) -> bool:
        """Return whether pages of an origin, or programs that have none, may connect without a prompt."""
        return self._policy.admits_origin(origin)

    @property
    def _policy(self) -> OriginPolicy:
        return replace(self._rules.policy, granted=self._grants.allows, own=self._own)

    async def _ask_consent(self, request: web.Request, origin: str) -> bool:
        """Return whether the origin was allowed a moment ago, or the user allows it now."""
        await self._grants.refresh()
        if self._grants.allows(origin):
            return True
        if self._consent is None or self._grants.denies(origin) or self._own.is_imitation(origin):
            return False
        return await self._consent.allows(origin, request[PEER])

    def _has_token(self, request: web.Request) -> bool:
        return self._verdict(request, UNKNOWN_ORIGINS) is TokenVerdict.RIGHT

    def _verdict(self, request: web.Request, origin: str | None) -> TokenVerdict:
        token = self._rules.token
        peer = request[PEER]
        if not self._rules.requires_token(peer, origin):
            return TokenVerdict.RIGHT
        if token is None:
            return TokenVerdict.WRONG
        return token.check(presented_token(request.query, request.headers), peer, origin)

    def _refuse_origin(self, request: web.Request) -> web.Response:
        origin = request.headers.get("Origin", "")
        self.record_refusal("origin", request, "its origin is not allowed")
        if origin in ("", "null"):
            return web.Response(status=403, text=NO_ORIGIN)
        if self._own.is_imitation(origin):
            return web.Response(status=403, text=IMITATION)
        if self._grants.denies(origin):
            return web.Response(status=403, text=DENIED_ORIGIN.format(origin=quoted(origin)))
        self.asked.note(origin)
        return web.Response(status=403, text=UNKNOWN_ORIGIN.format(origin=quoted(origin)))

    def _check_token(self, request: web.Request, origin: str | None) -> web.Response | None:
        verdict = self._verdict(request, origin)
        token = self._rules.token
        if verdict is TokenVerdict.RIGHT:
            return None
        if token is None:
            self.record_refusal("token", request, "a program of another user, and no token is set")
            return web.Response(status=403, text=STRANGE_PROGRAM)
        if verdict is TokenVerdict.WAIT:
            self.record_refusal("token", request, "too many wrong tokens")
            seconds = token.wait_seconds(request[PEER], origin)
            text = TOO_MANY_GUESSES.format(seconds=seconds)
            return web.Response(status=429, text=text, headers={"Retry-After": str(seconds)})
        self.record_refusal("token", request, "no right token")
        headers = {"WWW-Authenticate": 'Bearer realm="gaopai"'}
        return web.Response(status=401, text=UNAUTHORIZED, headers=headers)

    def record_refusal(self, reason: str, request: web.Request, text: str) -> None:
        """Count a refused request, and log it unless there are too many."""
        origin = request.headers.get("Origin")
        if self._activity.refused(reason, None if origin is None else quoted(origin)):
            log.warning("refused a connection from the origin %s: %s", quoted(origin or "-"), text)

    # Open connections ------------------------------------------------------------------

    @contextlib.contextmanager
    def track(self, request: web.BaseRequest, close: Close) -> Iterator[None]:
        """Track an open connection, which is closed when the rules no longer allow it.

        Parameters
        ----------
        close
            Closes it, within a bounded time.
        """
        self._open[close] = request
        try:
            yield
        finally:
            del self._open[close]

    async def _close_revoked(self) -> None:
        revoked = [close for close, request in self._open.items() if not self._still_admits(request)]
        for close in revoked:
            origin = quoted(self._open[close].headers.get("Origin", "-"))
            log.warning("closing a connection of the origin %s, which is no longer allowed", origin)
        closing = [call() for call in (*revoked, *self._listeners)]
        await asyncio.gather(*closing, return_exceptions=True)

    def _still_admits(self, request: web.BaseRequest) -> bool:
        """Return whether an open connection would be let in now; no wrong token is counted."""
        rules = self._rules
        peer = request[PEER]
        origin = request.headers.get("Origin")
        if not rules.admits_peer(peer) or not (self.admits(request) or self._viewer(request) is not REFUSED):
            return False
        if not rules.requires_token(peer, origin):
            return True
        presented = presented_token(request.query, request.headers)
        return rules.token is not None and rules.token.is_right(presented)


HEADERS = (
    "Host",
    "Origin",
    "Authorization",
    "Upgrade",
    "Connection",
    "Content-Length",
    "Transfer-Encoding",
    "Accept-Language",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Sec-Fetch-Site",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Dest",
)
QUERY = ("token",)


def repeated(request: web.BaseRequest) -> str | None:
    """Return the name of a header or parameter that comes twice, None if there is none."""
    found = (*_repeated(request.headers, HEADERS), *_repeated(request.query, QUERY))
    return found[0] if found else None


def _repeated(values: MultiMapping[str], names: tuple[str, ...]) -> list[str]:
    return [name for name in names if len(values.getall(name, ())) > 1]


def quoted(header: str) -> str:
    """Return a header for a log or an answer, where control characters could have a meaning."""
    return "".join(each if each.isascii() and each.isprintable() else "?" for each in header[:QUOTED])
