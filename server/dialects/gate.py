"""Access to dialects: which page or program a request comes from, judged before anything acts.

These pages never say who they are, and pictures and scripts that they embed carry no Origin. A request
without one is therefore no program's here: the Referer, which no page can forge, has to name its page.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager

from aiohttp import web

from server.access.client import PROGRAM
from server.access.control import PEER, AccessControl, repeated
from server.access.handshakes import Handshakes
from server.access.origins import OriginPolicy, Origins, origin_of
from server.access.peer import Peer
from server.access.sock_diag import plain

log = logging.getLogger(__name__)

LOOPBACK = OriginPolicy.parse((), (), native_clients=False)
"""Policy that admits the names and addresses by which this computer calls itself, and no origin."""


class Gate:
    """Judges the requests to one dialect.

    Parameters
    ----------
    origins
        Allow-list in place of the service's; None for that one and the decisions beside it.
    """

    def __init__(self, access: AccessControl, origins: Origins | None) -> None:
        self._access = access
        self._origins = origins

    def serving(self, request: web.Request) -> AbstractContextManager[None]:
        """Count a connection as one whose request is in work, until the end of the ``with`` block."""
        return self._access.handshakes.serving(request.transport)

    async def admits_connection(self, request: web.Request) -> bool:
        """Return whether the request is to this computer, by a program of this user."""
        hosts = request.headers.getall("Host", [])
        if len(hosts) != 1 or not LOOPBACK.admits_host(hosts[0]):
            self._access.record_refusal("host", request, "another host name")
            return False
        return await self._access.check_request(request) is None

    def page(self, request: web.Request, destinations: Collection[str] = ("empty",)) -> str | None:
        """Return the origin of the page that a request comes from; None to refuse it.

        Parameters
        ----------
        destinations
            Values of Sec-Fetch-Dest, if the browser sends it, that a request without an Origin may have.
        """
        origins = request.headers.getall("Origin", [])
        if len(origins) > 1:
            origin = None
        elif origins:
            origin = origins[0]
        else:
            origin = _embedding_page(request, destinations)
        if origin is not None and self.admits(origin):
            return origin
        self._access.record_refusal("origin", request, "its page is not allowed")
        return None

    def admits(self, origin: str) -> bool:
        """Return whether pages of an origin may use the dialect."""
        if self._origins is None:
            return self._access.admits_origin(origin)
        return origin in self._origins


def _embedding_page(request: web.Request, destinations: Collection[str]) -> str | None:
    """Return the origin that the Referer names, if browsers send such a request without an Origin."""
    referers = request.headers.getall("Referer", [])
    # From the address bar, a bookmark or another program: no page stands behind it.
    if len(referers) != 1 or request.headers.get("Sec-Fetch-Site") == "none":
        return None
    destination = request.headers.get("Sec-Fetch-Dest")
    if destination is not None and destination not in destinations:
        return None
    return origin_of(referers[0])


class ProgramGate(Gate):
    """Judges programs that scan: by address and account, and never a page.

    Parameters
    ----------
    networks
        Networks of the computers that may scan, beside programs of this account.
    names
        Names of this computer, in small letters.
    """

    def __init__(
        self,
        access: AccessControl,
        networks: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network],
        names: Collection[str],
    ) -> None:
        super().__init__(access, None)
        self._networks = networks
        self._names = names
        self.handshakes = Handshakes(self.refuse)

    def serving(self, request: web.Request) -> AbstractContextManager[None]:
        return self.handshakes.serving(request.transport)

    def refuse(self, peer: Peer) -> str | None:
        """Return the refusal of a connection by its peer, or None."""
        address = ipaddress.ip_address("127.0.0.1") if not peer.machine else plain(peer.machine)
        if peer.is_own or any(address in network for network in self._networks):
            return None
        log.info("refused a scan of %s, which [share] allow does not list", peer)
        return "This computer does not share its devices with you. [share] allow lists who may scan.\n"

    async def admits_connection(self, request: web.Request) -> bool:
        """Return whether the request is a program's that may scan, and to this computer."""
        peer = None if request.transport is None else await self.handshakes.peer(request.transport)
        if peer is None or self.refuse(peer) is not None:
            return False
        request[PEER] = peer
        if (name := repeated(request)) is not None:
            self._access.record_refusal("repeated", request, f"two of {name}")
            return False
        if not self._is_here(request.headers.get("Host", "")):
            self._access.record_refusal("host", request, "another host name")
            return False
        if "Origin" in request.headers or "Sec-Fetch-Site" in request.headers:
            self._access.record_refusal("origin", request, "a page, at the port of programs that scan")
            return False
        return True

    def page(self, request: web.Request, destinations: Collection[str] = ()) -> str | None:
        """Return the name that all programs of an address, or of an account here, count as."""
        peer = request[PEER]
        here = "localhost" if peer.is_own else f"user-{peer.user}"
        return PROGRAM + (peer.machine or here)

    def admits(self, origin: str) -> bool:
        return True

    def _is_here(self, header: str) -> bool:
        """Return whether a Host header is this computer's name, or an address, which no page can rebind."""
        name = (
            header.rpartition(":")[0] if re.search(r":\d*$", header) and not header.endswith("]") else header
        )
        name = name.lower().removesuffix(".")
        try:
            ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return LOOPBACK.admits_host(header) or name in self._names
        return True
