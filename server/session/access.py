"""Access control: host and user of every request, origin and token of every connection."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web

from server.background import supervise
from server.config import AccessConfig
from server.session.activity import ActivityRecorder
from server.session.consent import Consent
from server.session.grants import Grants
from server.session.origin import OriginPolicy, OriginRefused
from server.session.peer import Peers, can_tell, own_users
from server.session.token import Token, TokenVerdict, presented_token, read_token

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccessRules:
    """Rules of the configuration, replaced when it is reloaded.

    Attributes
    ----------
    policy
        Policy of origins and hosts.
    token
        Required token; None if none is required.
    peers
        Check of users; None if all users of this computer may connect.
    """

    policy: OriginPolicy
    token: Token | None = None
    peers: Peers | None = None

    @classmethod
    def from_config(cls, access: AccessConfig) -> AccessRules:
        """Make the rules of a configuration; reads the token file.

        Raises
        ------
        BadOrigin
        ConfigError
        """
        policy = OriginPolicy.parse(access.origins, access.hosts, access.native_clients)
        token = Token(read_token(Path(access.token_file).expanduser())) if access.token_file else None
        return cls(replace(policy, null_origin=access.null_origin), token, _peers(access))


def _peers(access: AccessConfig) -> Peers | None:
    if access.other_users:
        return None
    if not can_tell():
        log.warning("this machine does not tell whose a connection is: programs of all its users are let in")
        return None
    return Peers(own_users())


UNKNOWN_ORIGINS = "(unknown origins)"
"""Name under which wrong tokens of unknown origins are counted."""
QUOTED = 200
"""Limit of a header in a refusal and the log, in characters."""

REVOKED = b"this origin is no longer allowed"
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
UNAUTHORIZED = (
    "This service asks for its token: ?token=... in the address, the subprotocol gaopai.token....,\n"
    "or the header Authorization: Bearer ...; the one that was shown, if any, is wrong.\n"
    "服务要求令牌：请用上述任一方式提供；所提供的令牌不正确或缺失。\n"
)
TOO_MANY_GUESSES = "Too many wrong tokens; wait {seconds} s.\n令牌错误次数过多；请等待 {seconds} 秒。\n"


class AccessControl:
    """Checks requests by host, user, origin and token, in this order.

    Parameters
    ----------
    grants
        Decisions about origins beside the configuration.
    activity
        Records refused connections.
    consent
        Asks the user about unknown origins; None to refuse them.
    """

    def __init__(
        self, rules: AccessRules, grants: Grants, activity: ActivityRecorder, consent: Consent | None = None
    ) -> None:
        self._rules = rules
        self._grants = grants
        self._activity = activity
        self._consent = consent
        self._connections: dict[web.WebSocketResponse, web.Request] = {}
        self._listeners: list[Callable[[], Awaitable[None]]] = []
        self._watch: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to watch for decisions about origins."""
        self._grants.listen(lambda: supervise("closing of revoked origins", self._close_revoked))
        self._watch = supervise("decisions about origins", self._grants.watch)

    async def close(self) -> None:
        """End open prompts and the watch for decisions."""
        if self._consent is not None:
            await self._consent.close()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    def listen(self, listener: Callable[[], Awaitable[None]]) -> None:
        """Call `listener` after each change of the rules or decisions."""
        self._listeners.append(listener)

    async def renew(self, rules: AccessRules) -> None:
        """Replace the rules, and close connections whose origin they no longer allow."""
        self._rules = rules
        await self._close_revoked()

    # Checks ----------------------------------------------------------------------------

    async def check_request(self, request: web.Request) -> web.Response | None:
        """Check host and user, for any request; return the refusal, or None."""
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or not self._rules.policy.admits_host(hosts[0]):
            self.record_refusal("host", request, "another host name")
            return web.Response(status=421, text=WRONG_HOST)
        peers, transport = self._rules.peers, request.transport
        if peers is not None and transport is not None and not await peers.admits(transport):
            self.record_refusal("user", request, "another user of this computer")
            return web.Response(status=403, text=WRONG_USER)
        return None

    async def check_websocket(self, request: web.Request) -> web.Response | None:
        """Check origin and token before an upgrade; return the refusal, or None.

        May take as long as the user needs to answer a prompt.
        """
        if self.admits(request):
            return self._check_token(request, request.headers.get("Origin"))
        # No prompt for a page that does not know the token.
        if self._has_token(request) and await self._ask_consent(request):
            return None
        return self._refuse_origin(request)

    def check_embedding(self, request: web.Request) -> web.Response | str | None:
        """Check origin and token of an embedded picture; return the refusal, or the embedding page's origin.

        The origin is None for a program that is no browser.
        """
        own = f"{request.scheme}://{request.host}"
        viewer = self._policy.embedding_origin(request.headers, own, _port(request), request.scheme)
        if isinstance(viewer, OriginRefused):
            return self._refuse_origin(request)
        refusal = self._check_token(request, viewer)
        return viewer if refusal is None else refusal

    def admits(self, request: web.Request) -> bool:
        """Return whether the request's origin may connect without a prompt."""
        origins = request.headers.getall("Origin", [])
        if len(origins) > 1:
            return False
        return self._policy.admits_origin(origins[0] if origins else None, _port(request), request.scheme)

    def admits_origin(self, origin: str) -> bool:
        """Return whether pages of an origin may connect without a prompt, whatever the port."""
        return self._policy.admits_origin(origin, 0)

    @property
    def _policy(self) -> OriginPolicy:
        return replace(self._rules.policy, granted=self._grants.allows)

    async def _ask_consent(self, request: web.Request) -> bool:
        """Return whether the origin was allowed a moment ago, or the user allows it now."""
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

    def _has_token(self, request: web.Request) -> bool:
        token = self._rules.token
        presented = presented_token(request.query, request.headers)
        return token is None or token.check(presented, UNKNOWN_ORIGINS) is TokenVerdict.RIGHT

    def _refuse_origin(self, request: web.Request) -> web.Response:
        origin = request.headers.get("Origin", "")
        self.record_refusal("origin", request, "its origin is not allowed")
        if origin in ("", "null"):
            return web.Response(status=403, text=NO_ORIGIN)
        text = DENIED_ORIGIN if self._grants.denies(origin) else UNKNOWN_ORIGIN
        return web.Response(status=403, text=text.format(origin=_quoted(origin)))

    def _check_token(self, request: web.Request, origin: str | None) -> web.Response | None:
        token = self._rules.token
        if token is None:
            return None
        verdict = token.check(presented_token(request.query, request.headers), origin)
        if verdict is TokenVerdict.RIGHT:
            return None
        if verdict is TokenVerdict.WAIT:
            self.record_refusal("token", request, "too many wrong tokens")
            seconds = token.wait_seconds(origin)
            text = TOO_MANY_GUESSES.format(seconds=seconds)
            return web.Response(status=429, text=text, headers={"Retry-After": str(seconds)})
        self.record_refusal("token", request, "no right token")
        headers = {"WWW-Authenticate": 'Bearer realm="gaopai"'}
        return web.Response(status=401, text=UNAUTHORIZED, headers=headers)

    def record_refusal(self, reason: str, request: web.Request, text: str) -> None:
        """Count a refused request, and log it unless there are too many."""
        origin = request.headers.get("Origin")
        if self._activity.refused(reason, None if origin is None else _quoted(origin)):
            log.warning("refused a connection from the origin %s: %s", _quoted(origin or "-"), text)

    # Open connections ------------------------------------------------------------------

    @contextlib.contextmanager
    def track(self, request: web.Request, response: web.WebSocketResponse) -> Iterator[None]:
        """Track an open connection, which is closed when its origin is revoked."""
        self._connections[response] = request
        try:
            yield
        finally:
            del self._connections[response]

    async def _close_revoked(self) -> None:
        revoked = [response for response, request in self._connections.items() if not self.admits(request)]
        for response in revoked:
            origin = self._connections[response].headers.get("Origin", "-")
            log.warning("closing: the origin %s is no longer allowed", _quoted(origin))
        closing = [response.close(code=1008, message=REVOKED) for response in revoked]
        listeners = [listener() for listener in self._listeners]
        await asyncio.gather(*closing, *listeners, return_exceptions=True)


def _quoted(header: str) -> str:
    """Return a header for a log or an answer, where control characters could have a meaning."""
    return "".join(each if each.isascii() and each.isprintable() else "?" for each in header[:QUOTED])


def _port(request: web.Request) -> int:
    """Return the local port of a request; 0 if its client is gone already."""
    return 0 if request.transport is None else int(request.transport.get_extra_info("sockname")[1])
