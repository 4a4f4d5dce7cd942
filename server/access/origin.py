"""Origin policy: allowed origins and host names, checked before the upgrade."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from server.access.origins import Origins

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
