"""Access control: host and user of every request, origin and token of every connection."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
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
from server.session.token import Token, TokenVerdict, read_token, shown_token

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccessRules:
    """What holds until the configuration is read again.

    Attributes
    ----------
    gate
        Of origins and hosts.
    token
        None where none is asked for.
    peers
        None where users are not told apart.
    """

    gate: OriginPolicy
    token: Token | None = None
    peers: Peers | None = None

    @classmethod
    def of(cls, access: AccessConfig) -> AccessRules:
        """The rules as configured; reads the token.

        Raises
        ------
        BadOrigin
        ConfigError
        """
        gate = OriginPolicy.of(access.origins, access.hosts, access.native_clients)
        token = Token(read_token(Path(access.token_file).expanduser())) if access.token_file else None
        return cls(replace(gate, null_origin=access.null_origin), token, _peers(access))


def _peers(access: AccessConfig) -> Peers | None:
    if access.other_users:
        return None
    if not can_tell():
        log.warning("this machine does not tell whose a connection is: programs of all its users are let in")
        return None
    return Peers(own_users())


log = logging.getLogger(__name__)

STRANGERS = "(strangers)"
"""Who guesses a token without being known otherwise."""
QUOTED = 200
"""Characters of a header that a refusal and the log repeat."""

NO_MORE = b"this origin is no longer allowed"
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


class AccessControl:
    """The judgements in their order.

    Parameters
    ----------
    grants
        What was decided beside the rules.
    activity
        Told of everybody who is not let in.
    consent
        None where nobody can be asked.
    """

    def __init__(
        self, rules: AccessRules, grants: Grants, activity: ActivityRecorder, consent: Consent | None = None
    ) -> None:
        self._rules = rules
        self._grants = grants
        self._activity = activity
        self._consent = consent
        self._inside: dict[web.WebSocketResponse, web.Request] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Follow from now on what is decided elsewhere."""
        self._grants.listen(self._begin_to_show_out)
        self._watch = supervise("decisions about origins", self._grants.watch)

    async def close(self) -> None:
        """Ask nobody any more."""
        if self._consent is not None:
            await self._consent.close()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def renew(self, rules: AccessRules) -> None:
        """Judge by other rules from now on; who would not be let in any more is sent away."""
        self._rules = rules
        await self._show_out()

    # Judging ---------------------------------------------------------------------------

    async def refusal_of_any(self, request: web.Request) -> web.Response | None:
        """Why this request is not answered, whatever it asks; None if it is."""
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or not self._rules.gate.admits_host(hosts[0]):
            self._note("host", request, "another host name")
            return web.Response(status=421, text=WRONG_HOST)
        peers, transport = self._rules.peers, request.transport
        if peers is not None and transport is not None and not await peers.admits(transport):
            self._note("user", request, "another user of this computer")
            return web.Response(status=403, text=WRONG_USER)
        return None

    async def refusal_of_page(self, request: web.Request) -> web.Response | None:
        """Why no WebSocket is opened; None if one is. May take as long as a person thinks."""
        if self.admits(request):
            return self._refusal_of_token(request, request.headers.get("Origin"))
        # Nobody is asked about a page that does not know the token.
        if self._is_shown_token(request) and await self._is_granted_now(request):
            return None
        return self._refusal_of_origin(request)

    def refusal_of_embedding(self, request: web.Request) -> web.Response | str | None:
        """Why a picture is not shown; else the origin that shows it, None for one that is no browser."""
        own = f"{request.scheme}://{request.host}"
        viewer = self._gate.origin_of_embedding(request.headers, own, _port(request), request.scheme)
        if isinstance(viewer, OriginRefused):
            return self._refusal_of_origin(request)
        refusal = self._refusal_of_token(request, viewer)
        return viewer if refusal is None else refusal

    def admits(self, request: web.Request) -> bool:
        """Whether the request's origin may connect as things are; nobody is asked."""
        origins = request.headers.getall("Origin", [])
        if len(origins) > 1:
            return False
        return self._gate.admits_origin(origins[0] if origins else None, _port(request), request.scheme)

    @property
    def _gate(self) -> OriginPolicy:
        return replace(self._rules.gate, granted=self._grants.allows)

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

    def _is_shown_token(self, request: web.Request) -> bool:
        token = self._rules.token
        shown = shown_token(request.query, request.headers)
        return token is None or token.judge(shown, STRANGERS) is TokenVerdict.RIGHT

    def _refusal_of_origin(self, request: web.Request) -> web.Response:
        origin = request.headers.get("Origin", "")
        self._note("origin", request, "its origin is not allowed")
        if origin in ("", "null"):
            return web.Response(status=403, text=NO_ORIGIN)
        text = DENIED_ORIGIN if self._grants.denies(origin) else UNKNOWN_ORIGIN
        return web.Response(status=403, text=text.format(origin=_quoted(origin)))

    def _refusal_of_token(self, request: web.Request, who: str | None) -> web.Response | None:
        token = self._rules.token
        if token is None:
            return None
        verdict = token.judge(shown_token(request.query, request.headers), who)
        if verdict is TokenVerdict.RIGHT:
            return None
        if verdict is TokenVerdict.WAIT:
            self._note("token", request, "too many wrong tokens")
            seconds = token.wait_seconds(who)
            text = TOO_MANY_GUESSES.format(seconds=seconds)
            return web.Response(status=429, text=text, headers={"Retry-After": str(seconds)})
        self._note("token", request, "no right token")
        return web.Response(status=401, text=UNPROVEN, headers={"WWW-Authenticate": 'Bearer realm="gaopai"'})

    def _note(self, reason: str, request: web.Request, words: str) -> None:
        origin = request.headers.get("Origin")
        if self._activity.refused(reason, None if origin is None else _quoted(origin)):
            log.warning("refused a connection from the origin %s: %s", _quoted(origin or "-"), words)

    # Those inside ----------------------------------------------------------------------

    @contextlib.contextmanager
    def inside(self, request: web.Request, response: web.WebSocketResponse) -> Iterator[None]:
        """Remember an open connection, so that it ends when its origin may connect no more."""
        self._inside[response] = request
        try:
            yield
        finally:
            del self._inside[response]

    def _begin_to_show_out(self) -> None:
        leaving = supervise("closing of revoked origins", self._show_out)
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _show_out(self) -> None:
        leaving = [response for response, request in self._inside.items() if not self.admits(request)]
        for response in leaving:
            origin = self._inside[response].headers.get("Origin", "-")
            log.warning("closing: the origin %s is no longer allowed", _quoted(origin))
        closing = [response.close(code=1008, message=NO_MORE) for response in leaving]
        await asyncio.gather(*closing, return_exceptions=True)


def _quoted(header: str) -> str:
    """A header as it can be repeated: what no origin holds may have a meaning where it is read."""
    return "".join(each if each.isascii() and each.isprintable() else "?" for each in header[:QUOTED])


def _port(request: web.Request) -> int:
    """The port this request came in by; 0 when its client is gone already."""
    return 0 if request.transport is None else int(request.transport.get_extra_info("sockname")[1])
