"""One POST to a vetted destination: nothing is followed, nothing looked up, every wait and length bounded."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from server.errors import GaopaiError
from server.services.upload.faults import CONNECT_SECONDS, fault_of
from server.services.upload.policy import Destination

ANSWER_BYTES = 64 * 1024
ANSWER_CHARACTERS = 16_000


@dataclass(slots=True)
class Reply:
    """What is known of the server's answer so far; stays when the rest never comes."""

    status: int | None = None
    body: bytearray = field(default_factory=bytearray)

    @property
    def text(self) -> str | None:
        """The beginning of the answer as text, whatever it is; None without an answer."""
        if self.status is None:
            return None
        return self.body.decode("utf-8-sig", errors="replace")[:ANSWER_CHARACTERS]


class Pinned(AbstractResolver):
    """Knows the addresses of one destination and no other."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        return [self._result(host, address, port) for address in self._destination.addresses]

    def _result(self, host: str, address: str, port: int) -> ResolveResult:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return ResolveResult(
            hostname=host, host=address, port=port, family=family, proto=socket.IPPROTO_TCP, flags=flags
        )

    async def close(self) -> None:
        """Nothing is held."""


async def post(
    destination: Destination,
    headers: Mapping[str, str],
    body: AsyncIterator[bytes],
    reply: Reply,
    tls: ssl.SSLContext | bool = True,
) -> None:
    """Send `body` and fill `reply` with the beginning of the answer.

    Parameters
    ----------
    headers
        Among them the length of the body.
    tls
        Whom to trust; True for the system's authorities.

    Raises
    ------
    UploadUnreachable, UploadBroken
        And whatever error `body` raises.
    """
    try:
        async with (
            _session(destination, tls) as session,
            session.post(destination.url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            reply.status = response.status
            while room := ANSWER_BYTES - len(reply.body):
                more = await response.content.read(room)
                if not more:
                    break
                reply.body += more
    except (aiohttp.ClientError, OSError) as exc:
        # What `body` raised comes back as the cause of a broken connection.
        if isinstance(exc.__cause__, GaopaiError):
            raise exc.__cause__ from None
        raise fault_of(exc) from exc


def _session(destination: Destination, tls: ssl.SSLContext | bool) -> aiohttp.ClientSession:
    # A session for each upload: no connection, cookie or name is kept from one page to another.
    connector = aiohttp.TCPConnector(
        resolver=Pinned(destination), use_dns_cache=False, force_close=True, ssl=tls
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS),
        # Compressed answers would be unpacked beyond every bound.
        auto_decompress=False,
        trust_env=False,
    )
