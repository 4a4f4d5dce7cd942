"""Access to shared devices: for programs of this account, and for addresses that the configuration lists.

eSCL knows neither accounts nor tokens. No page of a browser comes in at all.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager

from aiohttp import web

from server.access.client import PROGRAM
from server.access.control import PEER, AccessControl, repeated
from server.access.handshakes import Handshakes
from server.access.listeners import is_loopback
from server.access.peer import Peer
from server.access.sock_diag import plain
from server.config import Config, ConfigError
from server.dialects.gate import LOOPBACK, Gate

log = logging.getLogger(__name__)

REMOTE = (
    "[share] host {host!r} lets other computers scan here; that needs, too: [server] tls = true, and the "
    "addresses or networks that may in [share] allow",
    "[share] host {host!r} 使其他电脑可以在此扫描，因此还需要：[server] tls = true，"
    "以及 [share] allow（允许的地址或网段）",
)


def check_share(config: Config) -> Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the networks that may scan.

    Raises ConfigError: one is none, or other computers could scan without TLS or from everywhere.
    """
    share = config.share
    try:
        networks = [ipaddress.ip_network(each) for each in share.allow]
    except ValueError as exc:
        raise ConfigError(f"[share] allow: {exc}", f"[share] allow 中的地址无效（{exc}）") from exc
    if not is_loopback(share.host) and not (config.server.tls and networks):
        raise ConfigError(*(text.format(host=share.host) for text in REMOTE))
    return networks


class ShareGate(Gate):
    """Judges who may scan: by address and account, and never a page."""

    def __init__(self, access: AccessControl, config: Config) -> None:
        super().__init__(access, None)
        self._networks = check_share(config)
        name = socket.gethostname().lower()
        self._names = {name, f"{name.partition('.')[0]}.local", *map(str.lower, config.access.hosts)}
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
