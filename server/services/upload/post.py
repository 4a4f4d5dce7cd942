"""HTTP POST to a checked destination, without redirects or name lookups, with all waits and sizes bounded."""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from server.errors import GaopaiError, LocalizedText, UploadBroken, UploadUnreachable
from server.services.upload.policy import UploadDestination

CONNECT_SECONDS = 10.0
"""Time limit for the connection to a server, in seconds."""

_CERTIFICATE = {
    9: LocalizedText("其证书尚未生效，请检查时钟", "its certificate is not valid yet; check the clock"),
    10: LocalizedText("其证书已过期", "its certificate has expired"),
    18: LocalizedText("其证书是自签名的", "its certificate is self-signed"),
    19: LocalizedText("其证书的颁发机构不受信任", "its certificate's authority is not trusted"),
    20: LocalizedText("其证书的颁发机构不受信任", "its certificate's authority is not trusted"),
    21: LocalizedText("其证书链不完整", "its certificate chain is incomplete"),
    62: LocalizedText("其证书属于另一主机名", "its certificate is of another host name"),
    64: LocalizedText("其证书属于另一地址", "its certificate is of another address"),
}
"""Reasons by OpenSSL's error numbers, X509_V_ERR_*."""
_BAD_CERTIFICATE = LocalizedText("其证书无效", "its certificate is not valid")
NO_TLS = LocalizedText("无法建立加密连接", "no encrypted connection is possible")
_REFUSED = LocalizedText("对方拒绝连接", "it refuses the connection")
_NO_WAY = LocalizedText("没有到达它的网络路径", "there is no way to it")
_NO_CONNECTION = LocalizedText("连接失败", "the connection failed")
SILENT = LocalizedText(
    f"{CONNECT_SECONDS:g} 秒内没有响应", f"it did not respond within {CONNECT_SECONDS:g} seconds"
)
_CONNECTIONS = {
    errno.ECONNREFUSED: _REFUSED,
    errno.EHOSTUNREACH: _NO_WAY,
    errno.ENETUNREACH: _NO_WAY,
    errno.ETIMEDOUT: SILENT,
}
_NO_HTTP = LocalizedText("应答不是有效的 HTTP", "its answer is not valid HTTP")
INCOMPLETE = LocalizedText("应答不完整", "its answer is incomplete")
HUNG_UP = LocalizedText("服务器断开了连接", "the server closed the connection")


def upload_error(error: aiohttp.ClientError | OSError) -> GaopaiError:
    """Translate an error of the HTTP client."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return UploadUnreachable(reason=certificate_reason(error.certificate_error))
    if isinstance(error, aiohttp.ClientSSLError):
        return UploadUnreachable(reason=NO_TLS)
    if isinstance(error, aiohttp.ClientConnectorError):
        return UploadUnreachable(reason=connection_reason(error))
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return UploadUnreachable(reason=SILENT)
    return UploadBroken(reason=_break(error))


def connection_reason(error: OSError) -> LocalizedText:
    """Return why there is no connection."""
    return _CONNECTIONS.get(error.errno or 0, _NO_CONNECTION)


def certificate_reason(error: Exception) -> LocalizedText:
    """Return what is wrong with a certificate."""
    number = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else 0
    return _CERTIFICATE.get(number, _BAD_CERTIFICATE)


def _break(error: aiohttp.ClientError | OSError) -> LocalizedText:
    if isinstance(error, aiohttp.ClientResponseError):
        return _NO_HTTP
    if isinstance(error, aiohttp.ClientPayloadError):
        return INCOMPLETE
    return HUNG_UP


ANSWER_BYTES = 64 * 1024
"""Limit of what is read of a server's answer, in bytes."""
ANSWER_CHARACTERS = 16_000
"""Limit of what is kept of a server's answer as text, in characters."""


@dataclass(slots=True)
class HttpReply:
    """Status and body received so far, which stay known if the rest never comes."""

    status: int | None = None
    body: bytearray = field(default_factory=bytearray)

    @property
    def text(self) -> str | None:
        """Beginning of the body as text, undecodable bytes replaced; None without an answer."""
        if self.status is None:
            return None
        return self.body.decode("utf-8-sig", errors="replace")[:ANSWER_CHARACTERS]


class PinnedResolver(AbstractResolver):
    """Resolver that returns the pinned addresses of one destination."""

    def __init__(self, destination: UploadDestination) -> None:
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
        """Do nothing: it holds no resources."""


async def post(
    destination: UploadDestination,
    headers: Mapping[str, str],
    body: AsyncIterator[bytes],
    reply: HttpReply,
    tls: ssl.SSLContext | bool = True,
) -> None:
    """Send `body` and fill `reply` with the beginning of the answer.

    Parameters
    ----------
    headers
        Headers, among them the length of the body.
    tls
        TLS context; True for the system's certificate authorities.

    Raises
    ------
    UploadUnreachable, UploadBroken
        Beside any `GaopaiError` of `body`.
    """
    with http_errors():
        async with (
            pinned_session(destination, tls) as session,
            session.post(destination.url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            await read_beginning(response, reply)


async def read_beginning(response: aiohttp.ClientResponse, reply: HttpReply) -> None:
    """Fill `reply` with the beginning of an answer."""
    reply.status = response.status
    while room := ANSWER_BYTES - len(reply.body):
        more = await response.content.read(room)
        if not more:
            break
        reply.body += more


@contextlib.contextmanager
def http_errors() -> Iterator[None]:
    """Translate the errors of the HTTP client, in a block."""
    try:
        yield
    except (aiohttp.ClientError, OSError) as exc:
        # aiohttp raises an error of a body as the cause of a broken connection.
        if isinstance(exc.__cause__, GaopaiError):
            raise exc.__cause__ from None
        raise upload_error(exc) from exc


def pinned_session(
    destination: UploadDestination, tls: ssl.SSLContext | bool, keep: bool = False
) -> aiohttp.ClientSession:
    """Return a client that connects to the addresses of a destination alone.

    Parameters
    ----------
    keep
        Use one connection for several requests.
    """
    # A session for each upload: pages share no connection, cookie or resolved name.
    connector = aiohttp.TCPConnector(
        resolver=PinnedResolver(destination), use_dns_cache=False, force_close=not keep, ssl=tls
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS),
        # A compressed answer would be decompressed beyond any limit.
        auto_decompress=False,
        trust_env=False,
    )
