"""Origin policy: allowed origins and host names, checked before the upgrade."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from server.origins import Origins, canonical

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
    """

    origins: Origins
    hosts: frozenset[str]
    native_clients: bool
    null_origin: bool = False
    granted: Callable[[str], bool] = frozenset[str]().__contains__

    @classmethod
    def parse(cls, origins: Iterable[str], hosts: Iterable[str], native_clients: bool) -> OriginPolicy:
        """Parse the values of a configuration.

        Raises
        ------
        BadOrigin
        """
        names = (*LOOPBACK_HOSTS, *(host.lower() for host in hosts))
        return cls(Origins.parse(origins), frozenset(names), native_clients)

    def admits_host(self, header: str) -> bool:
        """Return whether a Host header names this service, on any port.

        By DNS rebinding, a page can resolve its own name to 127.0.0.1, but then sends that name.
        """
        name, _, port = header.rpartition(":") if _has_port(header) else (header, "", "")
        return name.lower() in self.hosts and (not port or (port.isascii() and port.isdigit()))

    def embedding_origin(
        self, headers: Mapping[str, str], own: str, port: int, scheme: str = "http"
    ) -> str | OriginRefused | None:
        """Return the origin of a page that embeds a picture, for which browsers may send no Origin.

        Parameters
        ----------
        headers
            Headers of the request.
        own
            The service's own origin as the request names it.

        Returns
        -------
        str, None or OriginRefused
            The origin; None for a program that is no browser.
        """
        origin = headers.get("Origin")
        if origin is not None:
            return origin if self.admits_origin(origin, port, scheme) else REFUSED
        site = headers.get("Sec-Fetch-Site")
        if site in ("same-origin", "none"):
            return own
        return None if site is None and self.native_clients else REFUSED

    def admits_origin(self, header: str | None, port: int, scheme: str = "http") -> bool:
        """Return whether an Origin header is allowed.

        Parameters
        ----------
        port, scheme
            Port and scheme of this service, whose own page is always allowed.
        """
        if header is None:
            return self.native_clients
        if header == "null":
            return self.null_origin
        return header in self.origins or header in own_origins(port, scheme) or self.granted(header)


def own_origins(port: int, scheme: str = "http") -> frozenset[str]:
    """Return the origins of the service's own page."""
    return frozenset(canonical(f"{scheme}://{host}:{port}") for host in LOOPBACK_HOSTS)


def _has_port(header: str) -> bool:
    return ":" in header and not header.endswith("]")
