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
from server.access.origins import OwnOrigins
from server.admin.refused_value import in_own_words, place_of
from server.admin.sessions import IDLE_SECONDS, AdminSessions, TooManyGuesses
from server.errors import LocalizedText
from server.errors.base import LANGUAGES
from server.storage.private_file import PrivateFileUnreadable


class AdminRefusal(Exception):
    """A request of the settings view is refused.

    Attributes
    ----------
    status
        HTTP status of the answer.
    text
        Event and remedy, without placeholders.
    wait
        Seconds until it may be tried again; 0 for at once.
    name
        Key of the configuration, as ``table.key``, that it is about; empty for none.
    """

    def __init__(self, status: int, text: LocalizedText, wait: int = 0, name: str = "") -> None:
        super().__init__(text.en)
        self.name = name
        self.status = status
        self.text = text
        self.wait = wait


def invalid(words: str) -> AdminRefusal:
    """Return the refusal of a value, of which it names the key."""
    own = in_own_words(words)
    text = LocalizedText("{zh}", "{en}").filled(zh=own.zh, en=own.en)
    return AdminRefusal(422, text, name=place_of(words)[0])


def in_words(words: str) -> LocalizedText:
    """Return a text that is the same in both languages and holds no placeholder."""
    return LocalizedText("{words}", "{words}").filled(words=words)


FOREIGN = LocalizedText(
    "设置页只能在本机、由本服务自己的网页打开；地址由 gaopai admin 给出",
    "settings open on this computer alone, in the page of this service: gaopai admin prints its address",
)
EXPIRED = LocalizedText(
    "链接已用过、已过期，或本页闲置太久；请再执行 gaopai admin",
    "this address was used or has expired, or the page was idle: type gaopai admin for another",
)
TOO_MANY = LocalizedText("令牌错误次数过多，请等待 {seconds} 秒", "too many wrong tokens; wait {seconds} s")
TOO_LARGE = LocalizedText("请求过大", "the request is too large")
MALFORMED = LocalizedText("请求的形式不对", "the request is malformed")
UNKNOWN = LocalizedText("没有此功能", "there is no such function")
NOT_OPENED = LocalizedText(
    "设置页不能打开，原因见服务的日志", "settings cannot be opened: the service's log says why"
)
NO_FILE = LocalizedText(
    "服务启动时没有指定配置文件；请用 gaopai serve --config FILE 启动",
    "the service was started without a configuration file: gaopai serve --config FILE",
)
NOT_WRITABLE = LocalizedText(
    "本账户不能写入 {path}；请管理员按下面的差异修改",
    "this account may not write {path}; an administrator has to",
)
CHANGED = LocalizedText(
    "配置文件已被别人修改；请重新打开设置，再修改一次",
    "the file was changed by somebody else meanwhile; load the settings again",
)
NOT_BY_LINE = LocalizedText(
    "此项不能逐行修改（{key}）；请直接编辑整个文件",
    "{key} cannot be changed by its line; edit the whole file",
)
NOT_RELOADED = LocalizedText(
    "已写入，但服务没有采用；原因见日志", "written, but the service did not take it: the log says why"
)
NO_ANSWER = LocalizedText("检查没有完成", "the checks did not come to an end")
NOTHING_DECIDED = LocalizedText(
    "对该来源没有单独的决定；配置文件允许的须在设置中修改",
    "nothing was decided about this origin; what the configuration allows is changed there",
)


log = logging.getLogger(__name__)

PATH = r"/admin/api/{function:[a-z]{1,20}}"
BODY_BYTES = 262_144
"""Limit of the body of a request, in bytes."""
BODY_SECONDS = 10.0
"""Time limit for the body of a request to arrive, in seconds."""
OPEN = "open"
END = "end"
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


@dataclass(eq=False, repr=False)
class AdminApi:
    """Judges and answers requests.

    Parameters
    ----------
    own
        Origins of the service's own page.
    functions
        Functions by name, beside those that open and end a session.
    """

    _access: AccessControl
    _own: OwnOrigins
    _activity: ActivityRecorder
    _sessions: AdminSessions
    _functions: Mapping[str, AdminFunction]

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
        name = request.match_info["function"]
        peer = request[PEER]
        secret = _secret(request)
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
    encoded = request.headers.get("Content-Encoding", "identity").lower() != "identity"
    if request.content_type != "application/json" or request.content_length is None or encoded:
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
    said = {each: refusal.text.fill(each, {}) for each in LANGUAGES}
    response = _response(refusal.status, said | {"name": refusal.name})
    if refusal.wait:
        response.headers["Retry-After"] = str(refusal.wait)
    if refusal.status == 413:
        response.force_close()
    return response


def _response(status: int, value: object) -> web.Response:
    body = msgspec.json.encode(value)
    return web.Response(status=status, body=body, content_type="application/json", headers=HEADERS)
