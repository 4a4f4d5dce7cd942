"""Origins of the service's own page: those at which no other account of this computer can serve one."""

from __future__ import annotations

import errno
import socket
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from server.access.listeners import V4, V6, ListenAddress, has_v6
from server.access.origins import canonical

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
