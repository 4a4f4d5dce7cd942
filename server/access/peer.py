"""Other end of a connection: the user whose process it is, or another machine."""

from __future__ import annotations

import ipaddress
import os
import socket
from dataclasses import dataclass

from server.access import sock_diag, socket_table
from server.access.sock_diag import Address, SocketInfo
from server.access.socket_table import SocketTableUnavailable, TableReader

ROOT = 0
"""User ID of root, who may connect besides the user of this process."""
_tables = TableReader()
_HELD = frozenset((0x01, 0x04, 0x05, 0x08))
"""TCP states in which a process can still own the client's socket: established, or half closed."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Other end of a connection as the kernel tells it, without a word of the client's own.

    Attributes
    ----------
    user
        User id; None if the kernel does not tell, or the client is on another machine.
    machine
        Address of another machine; empty for this one.
    """

    user: int | None = None
    machine: str = ""

    @property
    def is_own(self) -> bool:
        """True if it is a process of the service's user, or of root, who can do everything anyway."""
        return self.user in own_users()

    def __str__(self) -> str:
        """Return the peer for a log."""
        return self.machine or ("an unknown user" if self.user is None else f"user {self.user}")


async def peer_of(client: Address, service: Address) -> Peer:
    """Return the peer of a connection.

    Parameters
    ----------
    client, service
        Addresses and ports of the two ends.
    """
    try:
        return peer_at_once(client, service)
    except sock_diag.SockDiagUnavailable:
        return Peer(_user(await _tables.find((client, service))))


def peer_at_once(client: Address, service: Address) -> Peer:
    """Return the peer of a connection, within microseconds.

    Raises
    ------
    SockDiagUnavailable
        The kernel does not answer; its tables may, see `peer_of`.
    """
    if not ipaddress.ip_address(client[0].partition("%")[0]).is_loopback:
        return Peer(machine=client[0])
    return Peer(_user(sock_diag.find(client, service)))


def own_users() -> frozenset[int]:
    """Return the user of this process, and root."""
    return frozenset((os.geteuid(), ROOT))


def can_tell() -> bool:
    """Return whether the kernel tells the user of a connection, by trying one of this process."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=2) as client,
    ):
        return user_of(client.getsockname(), client.getpeername()) == os.geteuid()


def user_of(client: Address, service: Address) -> int | None:
    """Return the user of the process that owns the client's socket; None if it is unknown.

    Parameters
    ----------
    client, service
        Addresses and ports of the two ends.
    """
    try:
        return _user(sock_diag.find(client, service))
    except sock_diag.SockDiagUnavailable:
        return _user_in_tables(client, service)


def _user_in_tables(client: Address, service: Address) -> int | None:
    try:
        return _user(*socket_table.find([(client, service)]))
    except SocketTableUnavailable:
        return None


def _user(found: SocketInfo | None) -> int | None:
    # A socket that no process owns has neither an inode nor a user.
    return found.user if found and found.state in _HELD and found.inode else None
