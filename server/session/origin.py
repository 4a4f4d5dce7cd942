"""Who may connect: exact origins and exact host names, judged before the upgrade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
DEFAULT_PORTS = {"http": 80, "https": 443}


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
    parts = urlsplit(origin.strip())
    try:
        host, port = parts.hostname, parts.port
    except ValueError as exc:
        raise BadOrigin(f"{origin!r} has no valid port") from exc
    if not parts.scheme or not host:
        raise BadOrigin(f"{origin!r} is not of the form scheme://host[:port]")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        raise BadOrigin(f"{origin!r} has more than scheme, host and port")
    if "*" in host:
        raise BadOrigin(f"{origin!r}: name each origin in full, a wildcard is not allowed")
    try:
        name = host.encode("idna").decode() if ":" not in host else f"[{host}]"
    except UnicodeError as exc:
        raise BadOrigin(f"{origin!r} has no valid host name") from exc
    default = port is None or port == DEFAULT_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{name}" + ("" if default else f":{port}")


class Refused(Enum):
    """Nobody who may look."""

    REFUSED = 0


REFUSED = Refused.REFUSED


@dataclass(frozen=True)
class Gate:
    """The two lists.

    Attributes
    ----------
    origins
        Canonical origins.
    hosts
        Host names, lower case, without a port.
    native_clients
        Whether a request without an Origin may pass.
    """

    origins: frozenset[str]
    hosts: frozenset[str]
    native_clients: bool

    @classmethod
    def of(cls, origins: Iterable[str], hosts: Iterable[str], native_clients: bool) -> Gate:
        """A gate for configured values.

        Raises
        ------
        BadOrigin
        """
        names = (*LOOPBACK_HOSTS, *(host.lower() for host in hosts))
        return cls(frozenset(map(canonical, origins)), frozenset(names), native_clients)

    def admits_host(self, header: str) -> bool:
        """Whether a Host header names this service; the port does not matter.

        A page whose own name was made to resolve to 127.0.0.1 sends its own name here.
        """
        name, _, port = header.rpartition(":") if _has_port(header) else (header, "", "")
        return name.lower() in self.hosts and (not port or (port.isascii() and port.isdigit()))

    def origin_of_embedding(self, headers: Mapping[str, str], own: str, port: int) -> str | Refused | None:
        """Who embeds a picture of this service, for which browsers send no Origin.

        Parameters
        ----------
        headers
            Of the request.
        own
            The service's own origin as the request names it.

        Returns
        -------
        str, None or Refused
            The origin; None for a program that is no browser.
        """
        origin = headers.get("Origin")
        if origin is not None:
            return origin if self.admits_origin(origin, port) else REFUSED
        site = headers.get("Sec-Fetch-Site")
        if site in ("same-origin", "none"):
            return own
        return None if site is None and self.native_clients else REFUSED

    def admits_origin(self, header: str | None, port: int, scheme: str = "http") -> bool:
        """Whether an Origin header is allowed.

        Parameters
        ----------
        port, scheme
            Where this service listens: its own page is always allowed.
        """
        if header is None:
            return self.native_clients
        return header in self.origins or header in own_origins(port, scheme)


def own_origins(port: int, scheme: str = "http") -> frozenset[str]:
    """The origins of the service's own page."""
    return frozenset(canonical(f"{scheme}://{host}:{port}") for host in LOOPBACK_HOSTS)


def _has_port(header: str) -> bool:
    return ":" in header and not header.endswith("]")
