"""One network camera as configured, its address, and the error of a connection to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple, Protocol
from urllib.parse import quote, unquote, urljoin, urlsplit

from yarl import URL

from server.devices.ports.camera import PixelFormat, Size
from server.errors import LocalizedText, Reasoned

CONNECT_TIMEOUT = 2.0
"""Seconds in which a camera must take the connection and begin to answer, or it counts as unreachable."""

STALL_TIMEOUT = 3.0
"""Seconds of silence after which a connection counts as lost."""


BROKE = LocalizedText("连接中断", "the connection broke")
SILENT = LocalizedText("不再发送数据", "it has fallen silent")
UNANSWERED = LocalizedText("没有应答", "it does not answer")
WANTS_LOGIN = LocalizedText(
    "需要用户名和密码，请写入 [[cameras]] 的 url",
    "it wants a user name and password; put them into its url in [[cameras]]",
)
NO_STREAM = LocalizedText(
    "没有这一路视频，请检查 [[cameras]] 中 url 的路径",
    "it has no such stream; check the path in its url in [[cameras]]",
)
TOO_LARGE = LocalizedText("一张图片超过 {limit} MB", "a picture is larger than {limit} MB")
_NO_SCHEME = LocalizedText("地址不以 {schemes} 之一开头", "its address begins with none of {schemes}")
_ELSEWHERE = LocalizedText(
    "转到另一主机或协议，未跟随", "it redirects to another host or protocol, which is not followed"
)


class LinkError(Reasoned):
    """There is no connection."""


class LinkTimeout(LinkError):
    """The camera did not answer in time."""


class Shot(NamedTuple):
    """One picture as it came."""

    format: PixelFormat
    size: Size
    data: bytes


class Link(Protocol):
    """An open connection. Used by one thread at a time."""

    def picture(self, timeout: float) -> Shot | None:
        """The next picture, or None after about `timeout` seconds; RTSP waits up to `STALL_TIMEOUT`.

        Raises
        ------
        LinkError
            The connection is lost.
        """

    def close(self) -> None:
        """Hang up. No error if hung up already."""


PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}
"""Ports of the schemes that an address can have, where it names no other."""

SAFE = "/%:@!$&'()*+,;=~-._?"
"""Characters that stand in a request target as they are; all others are escaped."""


@dataclass(frozen=True, slots=True)
class NetworkCamera:
    """A ``[[cameras]]`` entry.

    Parameters
    ----------
    name
        Name in the list of cameras.
    url
        ``http``, ``https``, ``rtsp`` or ``rtsps``; may hold a user name and password.
    """

    name: str
    url: str = field(repr=False)

    @property
    def id(self) -> str:
        """The camera's stable id, which does not give the address away."""
        return f"network:{sha256(self.url.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Address:
    """A camera's address, taken apart."""

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Address:
        """Take a URL apart.

        Raises
        ------
        LinkError
            A scheme or form the adapter does not know.
        """
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").encode("idna").decode()
            port = parts.port
        except ValueError:  # its text would repeat the URL
            raise LinkError(LocalizedText("地址格式不正确", "its address is malformed")) from None
        if parts.scheme not in PORTS or not host:
            raise LinkError(_NO_SCHEME.filled(schemes=", ".join(PORTS)))
        target = quote(parts.path or "/", safe=SAFE) + (
            "?" + quote(parts.query, safe=SAFE) if parts.query else ""
        )
        user, password = (None if it is None else unquote(it) for it in (parts.username, parts.password))
        return cls(parts.scheme, host, port or PORTS[parts.scheme], target, user, password)

    def redirected(self, location: str) -> Address:
        """The address a redirect leads to: the same host, by HTTP, never from HTTPS back.

        Raises
        ------
        LinkError
            It leads elsewhere.
        """
        other = Address.parse(urljoin(str(self.url), location))
        if other.host != self.host or (self.scheme, other.scheme) not in (
            ("http", "http"),
            ("http", "https"),
            ("https", "https"),
        ):
            raise LinkError(_ELSEWHERE)
        return Address(other.scheme, other.host, other.port, other.target, self.user, self.password)

    @property
    def url(self) -> URL:
        """The address without user and password."""
        return URL(f"{self.scheme}://{self.authority}{self.target}", encoded=True)

    @property
    def authority(self) -> str:
        """Host and, unless usual, port, as in a ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"
