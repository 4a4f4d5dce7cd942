"""Rules for upload destinations: allowed origins, and the network addresses behind their names."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from urllib.parse import SplitResult, urlsplit

from yarl import URL

from server.access.origins import DEFAULT_PORTS, BadOrigin, canonical, canonical_host, joined
from server.errors import LocalizedText, UploadNotAllowed, UploadUnreachable

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressScope(Enum):
    """Scope of a network address; the value says so in errors."""

    HOST = LocalizedText("指向一台主机", "it leads to a host")
    """Another machine, in a private network or beyond."""
    LOOPBACK = LocalizedText("指向本机", "it leads to this computer itself")
    LINK_LOCAL = LocalizedText("指向链路本地地址", "it leads to a link-local address")
    METADATA = LocalizedText("指向云主机的元数据服务", "it leads to a cloud's metadata service")
    NOWHERE = LocalizedText("指向保留或组播地址", "it leads to a reserved or multicast address")


_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254"),
    )
)
"""Metadata services of clouds; some addresses lie in networks of ordinary hosts."""

_IPV4 = {
    "127.0.0.0/8": AddressScope.LOOPBACK,
    # A connection to "this network" ends at this computer.
    "0.0.0.0/8": AddressScope.LOOPBACK,
    "169.254.0.0/16": AddressScope.LINK_LOCAL,
    "192.0.0.0/24": AddressScope.NOWHERE,
    "224.0.0.0/4": AddressScope.NOWHERE,
    "240.0.0.0/4": AddressScope.NOWHERE,
}
_IPV6 = {
    "::1/128": AddressScope.LOOPBACK,
    "::/128": AddressScope.LOOPBACK,
    # IPv4-compatible, IPv4-translated, local NAT64, discard and Teredo: no server is reached by these.
    "::/96": AddressScope.NOWHERE,
    "::ffff:0:0:0/96": AddressScope.NOWHERE,
    "64:ff9b:1::/48": AddressScope.NOWHERE,
    "100::/64": AddressScope.NOWHERE,
    "2001::/32": AddressScope.NOWHERE,
    "fe80::/10": AddressScope.LINK_LOCAL,
    "fec0::/10": AddressScope.LINK_LOCAL,
    "ff00::/8": AddressScope.NOWHERE,
}
_NETWORKS = [(ipaddress.ip_network(network), scope) for network, scope in {**_IPV4, **_IPV6}.items()]
_NOBODYS = {4: ipaddress.ip_address("198.51.100.1"), 6: ipaddress.ip_address("2001:db8::198:51:100:1")}
"""Addresses for documentation, which no computer has."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def scope_of(address: IPAddress) -> AddressScope:
    """Return the scope of `address`, or that of the IPv4 address embedded in it."""
    inner = _embedded(address)
    if inner is not None:
        return scope_of(inner)
    if address in _METADATA:
        return AddressScope.METADATA
    scopes = (scope for network, scope in _NETWORKS if address in network)
    return next(scopes, AddressScope.HOST)


def is_own(address: IPAddress) -> bool:
    """Return whether an address is one of this computer's, in whichever network.

    The kernel says so: a socket can be bound to no other, unless it was told to bind to any.
    """
    return _binds(address) and not _binds(_NOBODYS[address.version])


def _binds(address: IPAddress) -> bool:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def _embedded(address: IPAddress) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


URL_CHARACTERS = 4096
"""Limit of an address, in characters."""
RESOLVE_SECONDS = 10.0
"""Time limit for the lookup of a host name, in seconds."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Resolves a host name and port to addresses; raises OSError where there are none."""

_ODD = re.compile(r"[\x00-\x1f\x7f-\xa0\u2028\u2029\\]")

NOT_A_URL = LocalizedText("它不是完整的网址", "it is not a complete address")
ODD_CHARACTERS = LocalizedText("含有控制字符或反斜杠", "it holds a control character or a backslash")
TOO_LONG = LocalizedText(
    f"网址超过 {URL_CHARACTERS} 个字符", f"it is longer than {URL_CHARACTERS} characters"
)
NOT_HTTP = LocalizedText("只支持 http 和 https", "only http and https can be used")
CREDENTIALS = LocalizedText("网址中带有用户名或密码", "it holds a user name or password")
NOT_LISTED = LocalizedText(
    "该来源既不是网页自己的来源，也不在 [upload] allow 中",
    "it is neither of the page's own origin nor listed",
)
NO_SUCH_NAME = LocalizedText("找不到该主机名", "its host name is not known")
NO_NAME_SERVICE = LocalizedText("域名解析没有响应", "the name service does not answer")


@dataclass(frozen=True, slots=True)
class UploadTarget:
    """URL whose origin is allowed and whose host is not resolved yet.

    Attributes
    ----------
    url
        URL with a canonical host and without a fragment.
    host
        Host as in an origin, without the brackets of IPv6.
    tolerated
        Scopes that its addresses may have beside `AddressScope.HOST`.
    """

    url: URL
    host: str
    port: int
    tolerated: frozenset[AddressScope]


@dataclass(frozen=True, slots=True)
class UploadDestination:
    """URL and the addresses to connect to, pinned against a later change of the name."""

    url: URL
    addresses: tuple[str, ...]


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """Resolve a name by the system."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class UploadPolicy:
    """Policy of upload destinations.

    Parameters
    ----------
    allow
        The administrator's allow-list of origins.
    resolve
        Resolves names.
    is_own
        Returns whether an address is this computer's.

    Raises
    ------
    BadOrigin
        An entry is no http or https origin.
    """

    def __init__(
        self,
        allow: Iterable[str],
        resolve: Resolve = system_resolve,
        is_own: Callable[[IPAddress], bool] = is_own,
    ) -> None:
        self._allow = frozenset(map(_http_origin, allow))
        self._resolve = resolve
        self._is_own = is_own

    def renew(self, allow: Iterable[str]) -> None:
        """Replace the allow-list.

        Raises
        ------
        BadOrigin
            An entry is no http or https origin; the old list stays.
        """
        self._allow = frozenset(map(_http_origin, allow))

    def admit(self, url: str, page: str | None) -> UploadTarget:
        """Check a URL by its origin.

        Parameters
        ----------
        page
            Origin of the page that requests the upload; None for a program that is no browser.
        """
        origin, name, port, parts = _parts(url)
        if origin != page and origin not in self._allow:
            raise UploadNotAllowed(reason=NOT_LISTED)
        return UploadTarget(_url(origin, parts), name.strip("[]"), port, self._tolerated(origin, name))

    def configured_url(self, url: str) -> UploadTarget:
        """Return a URL that the administrator wrote into the configuration, and so allows.

        Raises
        ------
        UploadNotAllowed
            It is none.
        """
        origin, name, port, parts = _parts(url)
        return UploadTarget(_url(origin, parts), name.strip("[]"), port, tolerated(name))

    async def resolve(self, target: UploadTarget) -> UploadDestination:
        """Resolve the host, once, and check the scope of all its addresses.

        Raises
        ------
        UploadNotAllowed
            The scope of an address is not allowed.
        UploadUnreachable
        """
        return UploadDestination(target.url, await self.judged(target.host, target.port, target.tolerated))

    async def judged(self, host: str, port: int, tolerated: frozenset[AddressScope]) -> tuple[str, ...]:
        """Return the addresses of a host, once the scope of each is checked.

        Parameters
        ----------
        tolerated
            Scopes that they may have beside `AddressScope.HOST`.

        Raises
        ------
        UploadNotAllowed, UploadUnreachable
            As `resolve`.
        """
        found = await self._addresses(host, port)
        for address in found:
            found_address = ipaddress.ip_address(address.partition("%")[0])
            scope = scope_of(found_address)
            if scope is AddressScope.HOST and self._is_own(_embedded(found_address) or found_address):
                # By its address in the network, too.
                scope = AddressScope.LOOPBACK
            if scope is not AddressScope.HOST and scope not in tolerated:
                raise UploadNotAllowed(reason=scope.value)
        return found

    async def _addresses(self, host: str, port: int) -> tuple[str, ...]:
        if _is_address(host):
            return (host,)
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = await self._resolve(host, port)
        except TimeoutError as exc:
            raise UploadUnreachable(reason=NO_NAME_SERVICE) from exc
        except (OSError, UnicodeError) as exc:
            raise UploadUnreachable(reason=NO_SUCH_NAME) from exc
        if not found:
            raise UploadUnreachable(reason=NO_SUCH_NAME)
        return tuple(dict.fromkeys(found))

    def _tolerated(self, origin: str, host: str) -> frozenset[AddressScope]:
        listed = tolerated(host)
        return listed if origin in self._allow else listed & {AddressScope.LOOPBACK}


def tolerated(host: str) -> frozenset[AddressScope]:
    """Return the scopes that the addresses of a listed host may have beside `AddressScope.HOST`.

    They are none for a name other than localhost, which DNS may have rebound.
    """
    bare = host.strip("[]").removesuffix(".")
    if not _is_address(bare) and bare != "localhost" and not bare.endswith(".localhost"):
        return frozenset()
    return frozenset(AddressScope)


def _http_origin(origin: str) -> str:
    name = canonical(origin)
    if urlsplit(name).scheme not in DEFAULT_PORTS:
        raise BadOrigin(f"{origin!r}: files can be sent to http and https only")
    return name


def _parts(url: str) -> tuple[str, str, int, SplitResult]:
    """Return the origin, canonical host and port of a URL, and all of its parts."""
    parts = _split(url)
    try:
        name = canonical_host(parts.hostname or "")
        port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        raise UploadNotAllowed(reason=NOT_A_URL) from None
    return joined(parts.scheme, name, port), name, port, parts


def _split(url: str) -> SplitResult:
    """Split a URL that can be a web server's."""
    if len(url) > URL_CHARACTERS:
        raise UploadNotAllowed(reason=TOO_LONG)
    # urlsplit drops some of these silently, and another parser might not.
    if _ODD.search(url):
        raise UploadNotAllowed(reason=ODD_CHARACTERS)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UploadNotAllowed(reason=NOT_A_URL) from None
    if parts.scheme not in DEFAULT_PORTS:
        raise UploadNotAllowed(reason=NOT_HTTP if parts.scheme else NOT_A_URL)
    if "@" in parts.netloc:
        raise UploadNotAllowed(reason=CREDENTIALS)
    return parts


def _url(origin: str, parts: SplitResult) -> URL:
    query = f"?{parts.query}" if parts.query else ""
    try:
        url = URL(f"{origin}{parts.path or '/'}{query}")
    except ValueError:
        raise UploadNotAllowed(reason=NOT_A_URL) from None
    # Both parsers of the URL must agree on its origin.
    if str(url.origin()) != origin:
        raise UploadNotAllowed(reason=NOT_A_URL)
    return url


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
