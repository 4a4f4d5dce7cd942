"""Check of loopback connections by the user of the client process."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import socket
import weakref

from server.session import sock_diag

log = logging.getLogger(__name__)

ROOT = 0
_HELD = frozenset((0x01, 0x04, 0x05, 0x08))
"""TCP states in which a process can still own the client's socket: established, or half closed."""

Address = tuple[str, int]


class Peers:
    """Admits connections of some users only.

    Parameters
    ----------
    users
        User ids.
    """

    def __init__(self, users: frozenset[int]) -> None:
        self._users = users
        self._known: weakref.WeakKeyDictionary[asyncio.BaseTransport, bool] = weakref.WeakKeyDictionary()

    async def admits(self, transport: asyncio.BaseTransport) -> bool:
        """Return whether the connection is of one of the users, or comes from another machine.

        It is refused if the kernel does not tell its user.
        """
        # An encrypted transport cannot be cached: uvloop's has no weak references.
        if not type(transport).__weakrefoffset__:
            return await self._check(transport)
        known = self._known.get(transport)
        if known is None:
            known = self._known[transport] = await self._check(transport)
        return known

    async def _check(self, transport: asyncio.BaseTransport) -> bool:
        ends = [transport.get_extra_info(name) for name in ("peername", "sockname")]
        if not all(ends):
            return False  # the connection is closed already
        client, service = ends[0][:2], ends[1][:2]
        if not ipaddress.ip_address(client[0].partition("%")[0]).is_loopback:
            return True  # users of another machine are not known here
        user = await asyncio.to_thread(user_of, client, service)
        if user not in self._users:
            log.warning("refused a connection of user %s", "?" if user is None else user)
        return user in self._users


def own_users() -> frozenset[int]:
    """Return the user of this process, and root, who can do everything anyway."""
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
        found = sock_diag.find(client, service)
    except sock_diag.SockDiagUnavailable:
        return None
    # A socket that no process owns has neither an inode nor a user.
    return found.user if found and found.state in _HELD and found.inode else None
