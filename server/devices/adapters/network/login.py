"""Logging in at a camera over HTTP: Digest where it is offered, else Basic. (RFC 7616, RFC 7617)"""

from __future__ import annotations

import re

import aiohttp
from aiohttp.client_middleware_digest_auth import SUPPORTED_ALGORITHMS
from multidict import CIMultiDict, CIMultiDictProxy

from server.devices.adapters.network.link import LinkError

CHALLENGE = "WWW-Authenticate"
CREDENTIALS = "Authorization"

DIGEST, BASIC, OTHER = range(3)
"""Ranks of challenges, the best first."""

_NEXT = re.compile(r",\s*(?=[A-Za-z][\w-]*\s+[\w-]+\s*=)")
"""The comma between two challenges of one header; the commas within one lead to ``name=``."""

_ALGORITHM = re.compile(r'[\s,]algorithm\s*=\s*"?([\w-]+)', re.IGNORECASE)


class Answer(aiohttp.ClientResponse):
    """A response that shows one challenge, the one to take up.

    Cameras offer several, in any order, and aiohttp's middleware looks at the first only.
    """

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """Those received, but for the challenges."""
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
            raise LinkError("the user name in its url in [[cameras]] holds a colon")
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
    name, algorithm = _name(challenge), _ALGORITHM.search(challenge)
    if name == "digest" and (algorithm is None or algorithm[1].upper() in SUPPORTED_ALGORITHMS):
        return DIGEST
    return BASIC if name == "basic" else OTHER
