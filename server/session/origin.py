"""Who may connect: listed origins and exact host names, judged before the upgrade."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from server.origins import Origins, canonical

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")


class OriginRefused(Enum):
    """Nobody who may look."""

    REFUSED = 0


REFUSED = OriginRefused.REFUSED


@dataclass(frozen=True)
class OriginPolicy:
    """The two lists.

    Attributes
    ----------
    origins
        Those of the configuration.
    hosts
        Host names, lower case, without a port.
    native_clients
        Whether a request without an Origin may pass.
    null_origin
        Whether pages without an origin of their own may: any page can make such a frame.
    granted
        Whether an origin was allowed later on.
    """

    origins: Origins
    hosts: frozenset[str]
    native_clients: bool
    null_origin: bool = False
    granted: Callable[[str], bool] = frozenset[str]().__contains__

    @classmethod
    def of(cls, origins: Iterable[str], hosts: Iterable[str], native_clients: bool) -> OriginPolicy:
        """A gate for configured values.

        Raises
        ------
        BadOrigin
        """
        names = (*LOOPBACK_HOSTS, *(host.lower() for host in hosts))
        return cls(Origins.parse(origins), frozenset(names), native_clients)

    def admits_host(self, header: str) -> bool:
        """Whether a Host header names this service; the port does not matter.

        A page whose own name was made to resolve to 127.0.0.1 sends its own name here.
        """
        name, _, port = header.rpartition(":") if _has_port(header) else (header, "", "")
        return name.lower() in self.hosts and (not port or (port.isascii() and port.isdigit()))

    def origin_of_embedding(
        self, headers: Mapping[str, str], own: str, port: int, scheme: str = "http"
    ) -> str | OriginRefused | None:
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
            return origin if self.admits_origin(origin, port, scheme) else REFUSED
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
        if header == "null":
            return self.null_origin
        return header in self.origins or header in own_origins(port, scheme) or self.granted(header)


def own_origins(port: int, scheme: str = "http") -> frozenset[str]:
    """The origins of the service's own page."""
    return frozenset(canonical(f"{scheme}://{host}:{port}") for host in LOOPBACK_HOSTS)


def _has_port(header: str) -> bool:
    return ":" in header and not header.endswith("]")
