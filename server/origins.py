"""Origins as browsers write them: scheme, host and, unless usual, port."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}

_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")


class BadOrigin(ValueError):
    """A configured origin that no browser could send; the text says why."""


def canonical(origin: str) -> str:
    """`origin` as a browser sends it.

    Examples
    --------
    >>> canonical("HTTPS://OA.example.cn:443")
    'https://oa.example.cn'

    Raises
    ------
    BadOrigin
    """
    try:
        parts = urlsplit(origin.strip())
        host, port = parts.hostname, parts.port
    except ValueError as exc:
        raise BadOrigin(f"{origin!r} has no valid host or port") from exc
    if not parts.scheme or not host:
        raise BadOrigin(f"{origin!r} is not of the form scheme://host[:port]")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        raise BadOrigin(f"{origin!r} has more than scheme, host and port")
    if "*" in host:
        raise BadOrigin(f"{origin!r}: name each origin in full, a wildcard is not allowed")
    try:
        return joined(parts.scheme, canonical_host(host), port)
    except ValueError as exc:
        raise BadOrigin(f"{origin!r} has no valid host name") from exc


def joined(scheme: str, host: str, port: int | None) -> str:
    """The origin of a canonical host; `port` may be None for the scheme's own."""
    usual = port is None or port == DEFAULT_PORTS.get(scheme)
    return f"{scheme}://{host}" + ("" if usual else f":{port}")


def canonical_host(host: str) -> str:
    """A host as it stands in an origin: lower case, punycode, one spelling for each address.

    Parameters
    ----------
    host
        As `urlsplit` gives it, an IPv6 address without its brackets.

    Examples
    --------
    >>> canonical_host("0x7f.1")
    '127.0.0.1'

    Raises
    ------
    ValueError
        No such host can be.
    """
    if ":" in host:
        return f"[{_without_zone(host)}]"
    name = host.encode("idna").decode().lower()
    if not _NAME.fullmatch(name):
        raise ValueError("not a host name")
    # As browsers do it: what ends in a number is an address, and every old spelling of one is it.
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
