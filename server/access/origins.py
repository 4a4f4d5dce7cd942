"""Origins as browsers write them: scheme, host and, unless usual, port."""

from __future__ import annotations

import errno
import ipaddress
import re
import socket
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from server.access.listeners import V4, V6, ListenAddress, has_v6
from server.config import ConfigError

DEFAULT_PORTS = {"http": 80, "https": 443}
"""Schemes that an origin may have, with the port that browsers leave out for each."""

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
_LABEL = re.compile(r"[a-z0-9_-]+")
_DISPUTED = frozenset("\u00df\u03c2\u200c\u200d")
"""Letters that IDNA 2003, as in Python, maps to others while browsers keep them."""
_GENERIC = frozenset(("ac", "co", "com", "edu", "go", "gov", "mil", "ne", "net", "or", "org"))
_PROVINCES = (
    "ah bj cq fj gd gs gx gz ha hb he hi hk hl hn jl js jx ln mo nm nx qh sc sd sh sn sx tj tw xj xz yn zj"
)
"""Labels below .cn under which anybody may register names, as under the generic ones below any country."""


class BadOrigin(ConfigError, ValueError):
    """A configured origin is not one that a browser could send; the text says why."""


def canonical(origin: str) -> str:
    """Return `origin` as a browser sends it.

    Examples
    --------
    >>> canonical("HTTPS://OA.example.cn:443")
    'https://oa.example.cn'
    """
    try:
        parts = urlsplit(origin.strip())
        host = parts.hostname
        port = parts.port
    except ValueError as exc:
        raise BadOrigin(f"{origin!r} has no valid host or port") from exc
    if not parts.scheme or not host:
        raise BadOrigin(f"{origin!r} is not of the form scheme://host[:port]")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        raise BadOrigin(f"{origin!r} has more than scheme, host and port")
    if "*" in host:
        raise BadOrigin(f"{origin!r}: name the origin in full, a wildcard cannot be used here")
    if not _DISPUTED.isdisjoint(host):
        raise BadOrigin(f"{origin!r} can be read as two names; write the host as browsers send it, with xn--")
    try:
        return joined(parts.scheme, canonical_host(host), port)
    except ValueError as exc:
        raise BadOrigin(f"{origin!r} has no valid host name") from exc


def origin_of(address: str) -> str | None:
    """Return the origin of a page by its address, as a Referer has it; None if that is none."""
    # urlsplit drops the tabs and line ends that it finds; no browser sends any.
    if not address.isprintable() or " " in address:
        return None
    try:
        parts = urlsplit(address)
        if parts.scheme not in DEFAULT_PORTS or parts.username is not None:
            return None
        return canonical(f"{parts.scheme}://{parts.netloc}")
    except (BadOrigin, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class Origins:
    """Allow-list of origins.

    Attributes
    ----------
    exact
        Canonical origins.
    wildcards
        For each wildcard the parts before and after the one label that it replaces.
    """

    exact: frozenset[str] = frozenset()
    wildcards: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Origins:
        """Parse the entries of a configuration.

        Examples
        --------
        >>> "https://tax.example.cn" in Origins.parse(["https://*.example.cn"])
        True
        """
        entries = tuple(entries)
        exact = frozenset(canonical(entry) for entry in entries if "*" not in entry)
        return cls(exact, frozenset(_wildcard(entry) for entry in entries if "*" in entry))

    def __contains__(self, header: str) -> bool:
        """Return whether an Origin header, exactly as it was sent, is on the list."""
        if header in self.exact:
            return True
        scheme, _, rest = header.partition("://")
        label, dot, parent = rest.partition(".")
        return bool(dot and _LABEL.fullmatch(label)) and (f"{scheme}://", f".{parent}") in self.wildcards


def _wildcard(entry: str) -> tuple[str, str]:
    """Split a wildcard, which must stand for one whole label below a name with a single owner."""
    scheme, _, rest = entry.strip().partition("://*.")
    if not rest or "*" in rest:
        raise BadOrigin(f"{entry!r}: a wildcard stands for one whole first label, as in https://*.example.cn")
    parent = canonical(f"{scheme}://{rest}")
    scheme, _, rest = parent.partition("://")
    labels = urlsplit(parent).hostname or ""
    if labels.startswith("[") or ":" in labels or _NUMBER.fullmatch(labels.rpartition(".")[2]):
        raise BadOrigin(f"{entry!r}: an address has no names below it")
    if _is_shared(labels.removesuffix(".").split(".")):
        raise BadOrigin(f"{entry!r}: strangers may have names there; name one organisation's domain")
    return f"{scheme}://", f".{rest}"


def _is_shared(labels: list[str]) -> bool:
    """Return whether anybody may register names below; a guess, as the full list changes every week."""
    if len(labels) != 2:
        return len(labels) < 2
    name, country = labels
    return len(country) == 2 and (name in _GENERIC or (country == "cn" and name in _PROVINCES.split()))


def joined(scheme: str, host: str, port: int | None) -> str:
    """Return the origin of a canonical host; `port` may be None for the scheme's default."""
    usual = port is None or port == DEFAULT_PORTS.get(scheme)
    return f"{scheme}://{host}" + ("" if usual else f":{port}")


def canonical_host(host: str) -> str:
    """Return a host as in an origin: lower case, punycode, one spelling for each address.

    Parameters
    ----------
    host
        Host as `urlsplit` returns it, an IPv6 address without its brackets.

    Examples
    --------
    >>> canonical_host("0x7f.1")
    '127.0.0.1'

    Raises
    ------
    ValueError
        The host is invalid.
    """
    if ":" in host:
        return f"[{_without_zone(host)}]"
    name = host.encode("idna").decode().lower()
    if not _NAME.fullmatch(name):
        raise ValueError("not a host name")
    # As in browsers, a host that ends in a number is an IPv4 address, in any of its old spellings.
    bare = name.removesuffix(".")
    if _NUMBER.fullmatch(bare.rpartition(".")[2]):
        return str(ipaddress.IPv4Address(_ipv4(bare)))
    return name


def _without_zone(host: str) -> ipaddress.IPv6Address:
    if "%" in host:
        raise ValueError("a zone is of this machine only")
    return ipaddress.IPv6Address(host)


def _ipv4(text: str) -> bytes:
    try:
        return socket.inet_aton(text)
    except OSError as exc:
        raise ValueError("not an address") from exc


LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")


class OriginRefused(Enum):
    """Type of `REFUSED`, the refusal of an embedding page."""

    REFUSED = 0


REFUSED = OriginRefused.REFUSED


@dataclass(frozen=True)
class OriginPolicy:
    """Allow-lists of origins and hosts.

    Attributes
    ----------
    origins
        Allow-list of the configuration.
    hosts
        Host names, lower case, without a port.
    native_clients
        Allow requests without an Origin.
    null_origin
        Allow the origin ``null``, which any page can give a frame of its own.
    granted
        Returns whether a later decision allows an origin.
    own
        Origins of the service's own page, which is always allowed.
    """

    origins: Origins
    hosts: frozenset[str]
    native_clients: bool
    null_origin: bool = False
    granted: Callable[[str], bool] = frozenset[str]().__contains__
    own: Container[str] = frozenset[str]()

    @classmethod
    def parse(cls, origins: Iterable[str], hosts: Iterable[str], native_clients: bool) -> OriginPolicy:
        """Parse the values of a configuration."""
        names = (*LOOPBACK_HOSTS, *(host.lower() for host in hosts))
        return cls(Origins.parse(origins), frozenset(names), native_clients)

    def admits_host(self, header: str) -> bool:
        """Return whether a Host header names this service, on any port.

        By DNS rebinding, a page can resolve its own name to 127.0.0.1, but then sends that name.
        """
        name, _, port = header.rpartition(":") if _has_port(header) else (header, "", "")
        return name.lower() in self.hosts and (not port or (port.isascii() and port.isdigit()))

    def embedding_origin(self, headers: Mapping[str, str], page: str) -> str | OriginRefused | None:
        """Return the origin of a page that embeds a picture, for which browsers may send no Origin.

        Parameters
        ----------
        headers
            Headers of the request.
        page
            Origin of a page of the address that the request names.

        Returns
        -------
        str, None or OriginRefused
            The origin; None for a program that is no browser.
        """
        origin = headers.get("Origin")
        if origin is None and headers.get("Sec-Fetch-Site") in ("same-origin", "none"):
            origin = page
        if origin is not None:
            return origin if self.admits_origin(origin) else REFUSED
        return None if "Sec-Fetch-Site" not in headers and self.native_clients else REFUSED

    def admits_origin(self, header: str | None) -> bool:
        """Return whether an Origin header is allowed."""
        if header is None:
            return self.native_clients
        if header == "null":
            return self.null_origin
        return header in self.origins or header in self.own or self.granted(header)


def _has_port(header: str) -> bool:
    return ":" in header and not header.endswith("]")


LOCALHOST = "localhost"
_COVERING = {V4: (V4, "0.0.0.0"), V6: (V6, "::")}  # noqa: S104 - compared with, not listened on


@dataclass(frozen=True, slots=True)
class OwnOrigins:
    """Own origins of a service.

    Attributes
    ----------
    served
        Origins of addresses that are all listened on.
    without_v6
        Origins that are the service's own as long as ::1 is nobody's address.
    imitable
        Origins with a port of the service, at which another program may answer.
    """

    served: frozenset[str] = frozenset()
    without_v6: frozenset[str] = frozenset()
    imitable: frozenset[str] = frozenset()

    @classmethod
    def of(cls, addresses: Iterable[ListenAddress]) -> OwnOrigins:
        """Return the own origins of a service that listens on exactly these addresses."""
        hosts: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        for each in addresses:
            hosts["https" if each.tls else "http", each.port].add(each.host)
        served = {_origin(*at, name) for at, names in hosts.items() for name in _served(names)}
        imitable = {_origin(*at, name) for at in hosts for name in (V4, V6, LOCALHOST)} - served
        names = {name for name in imitable if LOCALHOST in name and name.replace(LOCALHOST, V4) in served}
        return cls(frozenset(served), frozenset() if has_v6() else frozenset(names), frozenset(imitable))

    def __contains__(self, origin: object) -> bool:
        """Return whether a page of this origin came from this service."""
        return origin in self.served or (origin in self.without_v6 and not _can_listen(V6))

    def is_imitation(self, origin: str) -> bool:
        """Return whether a page may pass for this service's own, and need not be."""
        return origin in self.imitable and origin not in self


NO_ORIGINS = OwnOrigins()


def _served(hosts: set[str]) -> set[str]:
    """Return the hosts of the own page, where the service listens on these."""
    own = {host for host, covering in _COVERING.items() if hosts.intersection(covering)}
    if own == {V4, V6}:
        own.add(LOCALHOST)
    return own | {host for host in hosts if host.startswith("127.")}


def _origin(scheme: str, port: int, host: str) -> str:
    return canonical(f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}")


def _can_listen(host: str) -> bool:
    """Return whether a program could listen on an IPv6 address now."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind((host, 0))
    except OSError as exc:
        return exc.errno not in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
    return True
