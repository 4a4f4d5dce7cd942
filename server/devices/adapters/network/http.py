"""HTTP requests to a camera, with Digest and Basic authentication."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import aiohttp
from aiohttp.client_middleware_digest_auth import SUPPORTED_ALGORITHMS
from multidict import CIMultiDict, CIMultiDictProxy

from server.devices.adapters.network import entry
from server.devices.adapters.network.plain_body import Buffer, PlainBody, plain_body
from server.errors import LocalizedText

CHALLENGE = "WWW-Authenticate"
"""Header in which a camera asks for a user name and password."""
CREDENTIALS = "Authorization"
"""Header in which a user name and password are sent."""

DIGEST = 0
"""Rank of a challenge by digest, the best: a hash of the password is sent."""
BASIC = 1
"""Rank of a challenge that has the password itself sent."""
OTHER = 2
"""Rank of a challenge of an unknown kind, the worst."""

_NEXT = re.compile(r",\s*(?=[A-Za-z][\w-]*\s+[\w-]+\s*=)")
"""Pattern of the comma between two challenges of one header; the commas within one lead to ``name=``."""

_ALGORITHM = re.compile(r'[\s,]algorithm\s*=\s*"?([\w-]+)', re.IGNORECASE)
"""Pattern of the algorithm that a challenge of Digest names."""


class SingleChallengeResponse(aiohttp.ClientResponse):
    """A response that shows one challenge, the one to take up.

    Cameras offer several, in any order, and aiohttp's middleware looks at the first only.
    """

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """Received headers with one challenge in place of all."""
        received = super().headers
        if CHALLENGE not in received:
            return received
        shown = CIMultiDict(received)
        shown[CHALLENGE] = chosen(received.getall(CHALLENGE))
        return CIMultiDictProxy(shown)


class Login:
    """Takes up the challenges of one origin; a client middleware. Credentials are sent to no other.

    Raises
    ------
    LinkError
        The user name cannot be sent by either scheme.
    """

    def __init__(self, user: str, password: str) -> None:
        if ":" in user:
            raise entry.LinkError(_COLON)
        self._digest = aiohttp.DigestAuthMiddleware(user, password)
        self._basic = aiohttp.encode_basic_auth(user, password)
        self._by_basic = False

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send the request, and again if the camera asks who is there."""

        async def send(request: aiohttp.ClientRequest) -> aiohttp.ClientResponse:
            response = await handler(request)
            if response.status == 401:
                response.release()
            return response

        if not self._by_basic:
            response = await self._digest(request, send)
            # A challenge without a name is against the rules; Basic is what such cameras understand.
            self._by_basic = response.status == 401 and _scheme(response) in ("basic", "")
            if not self._by_basic:
                return response
        request.headers[CREDENTIALS] = self._basic
        return await send(request)


def chosen(offered: list[str]) -> str:
    """The first challenge of Digest that aiohttp can answer, else of Basic, else the name of any."""
    challenges = [each.strip() for each in _NEXT.split(", ".join(offered))]
    best = min(challenges, key=_rank)
    return best if _rank(best) < OTHER else _name(best)


def _scheme(response: aiohttp.ClientResponse) -> str:
    return _name(response.headers.get(CHALLENGE, ""))


def _name(challenge: str) -> str:
    return challenge.partition(" ")[0].lower()


def _rank(challenge: str) -> int:
    name = _name(challenge)
    algorithm = _ALGORITHM.search(challenge)
    if name == "digest" and (algorithm is None or algorithm[1].upper() in SUPPORTED_ALGORITHMS):
        return DIGEST
    return BASIC if name == "basic" else OTHER


HEADERS = 64
"""Most headers of an answer."""
HEADER_BYTES = 8 << 10
"""Most bytes of the first line of an answer, and of each of its headers."""
REDIRECTS = 3
"""Most redirects that are followed, one after the other."""
RECEIVE = 256 << 10
"""Bytes of an answer that are received ahead of what is read of them."""
CLOSE_TIMEOUT = 2.0
"""Seconds that closing the connections may take."""

T = TypeVar("T")


class CameraHttpClient:
    """Asks one camera, logging in as its address says. Used by one thread at a time.

    An answer is read before the next is asked for.
    """

    def __init__(self, address: entry.Address) -> None:
        self._address = address
        self._logins: dict[tuple[str, int], Login] = {}
        self._loop = asyncio.SelectorEventLoop()
        self._session = self._loop.run_until_complete(_session())
        self._response: aiohttp.ClientResponse | None = None
        self._plain: PlainBody | None = None

    def get(self, timeout: float) -> Mapping[str, str]:
        """Ask for the address, following redirects on the same host; give the headers of an answer of 200.

        Raises
        ------
        LinkError, LinkTimeout
            Unreachable, or any other answer.
        """
        self._hang_up_plain()
        self._response = self._wait(self._get(), timeout)
        self._plain = plain_body(self._response)
        return self._response.headers

    def read(self, timeout: float, take: Callable[[Buffer], int]) -> None:
        """Hand the answer on in pieces, until `take` wants no more, it ends, or the time is over.

        Parameters
        ----------
        timeout
            Seconds.
        take
            Takes some bytes, none at the end of the answer; it may not keep them. Returns how many more it
            needs at least before it can do anything with them, 0 to end.

        Raises
        ------
        LinkError
            The connection broke, or `take` raised it.
        """
        with suppress(entry.LinkTimeout):
            if self._plain is not None:
                self._plain.read(timeout, take)
            else:
                self._wait(self._read(take), timeout)

    async def _read(self, take: Callable[[Buffer], int]) -> None:
        while True:
            data = b"" if self._response is None else await self._response.content.readany()
            if not take(data) or not data:
                return

    def close(self) -> None:
        """Hang up. No error if hung up already."""
        self._hang_up_plain()
        if not self._loop.is_closed():
            self._loop.run_until_complete(self._close())
            self._loop.close()

    def _hang_up_plain(self) -> None:
        if self._plain is not None:
            self._plain.close()
            self._plain = None

    async def _get(self) -> aiohttp.ClientResponse:
        address = self._address
        for _ in range(REDIRECTS + 1):
            response = await self._session.get(
                address.url, allow_redirects=False, middlewares=self._middlewares(address)
            )
            if response.status == 200:
                return response
            response.close()
            if response.status not in (301, 302, 303, 307, 308):
                raise entry.LinkError(_refusal(response, address.user is not None))
            address = address.redirected(response.headers.get("Location", ""))
        raise entry.LinkError(LocalizedText("重定向次数过多", "it redirects too often"))

    def _middlewares(self, address: entry.Address) -> tuple[Login, ...]:
        if address.user is None:
            return ()
        origin = address.scheme, address.port
        if origin not in self._logins:
            self._logins[origin] = Login(address.user, address.password or "")
        return (self._logins[origin],)

    async def _close(self) -> None:
        if self._response is not None:
            self._response.close()
        await asyncio.wait([asyncio.ensure_future(self._session.close())], timeout=CLOSE_TIMEOUT)

    def _wait(self, work: Coroutine[Any, Any, T], timeout: float) -> T:
        """Run the loop until `work` is done.

        aiohttp repeats the address in its errors, which may hold a password; they are not chained.
        """
        try:
            return self._loop.run_until_complete(asyncio.wait_for(work, timeout))
        except TimeoutError:
            raise entry.LinkTimeout(entry.UNANSWERED) from None
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            raise entry.LinkError(_reason(exc)) from None


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        headers={"Accept": "multipart/x-mixed-replace, image/jpeg"},
        skip_auto_headers=("Accept-Encoding", "User-Agent"),
        cookie_jar=aiohttp.DummyCookieJar(),
        response_class=SingleChallengeResponse,
        timeout=aiohttp.ClientTimeout(total=None),  # each wait has its own
        # Compressed answers would be unpacked beyond every bound.
        auto_decompress=False,
        trust_env=False,
        read_bufsize=RECEIVE,
        max_line_size=HEADER_BYTES,
        max_field_size=HEADER_BYTES,
        max_headers=HEADERS,
    )


def _refusal(response: aiohttp.ClientResponse, known: bool) -> LocalizedText:
    if response.status == 401 and CREDENTIALS in response.request_info.headers:
        return _REFUSED
    if response.status == 401 and known:
        return _UNKNOWN_LOGIN
    known_statuses = {401: entry.WANTS_LOGIN, 403: _FORBIDDEN, 404: entry.NO_STREAM}
    return known_statuses.get(response.status) or _STATUS.filled(status=response.status)


def _reason(exc: Exception) -> LocalizedText:
    return next((reason for kind, reason in _REASONS if isinstance(exc, kind)), _MALFORMED)


_COLON = LocalizedText(
    "[[cameras]] 中 url 的用户名含有冒号", "the user name in its url in [[cameras]] holds a colon"
)
_REFUSED = LocalizedText(
    "拒绝了 [[cameras]] 中 url 的用户名和密码",
    "it refuses the user name and password in its url in [[cameras]]",
)
_UNKNOWN_LOGIN = LocalizedText(
    "要求 Digest 和 Basic 之外的登录方式，服务不支持",
    "it wants another login than Digest or Basic, which the service does not know",
)
_FORBIDDEN = LocalizedText(
    "不允许此用户观看，请检查 [[cameras]] 中 url 的用户",
    "it does not allow this user to look; check the user in its url in [[cameras]]",
)
_STATUS = LocalizedText("应答状态为 {status}", "it answers with status {status}")
_MALFORMED = LocalizedText("应答格式不正确", "its answer is malformed")
_REASONS: tuple[tuple[type[Exception], LocalizedText], ...] = (
    (
        aiohttp.ClientSSLError,
        LocalizedText(
            "无法建立可信的加密连接，请检查其证书",
            "no trusted encrypted connection is possible; check its certificate",
        ),
    ),
    (
        aiohttp.ClientConnectorError,
        LocalizedText(
            "无法连接，请检查地址以及设备是否已开机",
            "it cannot be reached; check its address and that it is switched on",
        ),
    ),
    (aiohttp.ClientResponseError, LocalizedText("它不使用 HTTP", "it does not speak HTTP")),
    (aiohttp.ClientPayloadError, entry.BROKE),
    (OSError, entry.BROKE),
)
"""Reasons of a failed request by the kind of error, the special ones first."""
