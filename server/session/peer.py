"""Telling users of this computer apart by their loopback connections."""

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
"""States in which a process can still hold the client's end: established, or half closed either way."""

Address = tuple[str, int]


class Peers:
    """Lets in programs of some users only.

    Parameters
    ----------
    users
        Their numbers.
    """

    def __init__(self, users: frozenset[int]) -> None:
        self._users = users
        self._known: weakref.WeakKeyDictionary[asyncio.BaseTransport, bool] = weakref.WeakKeyDictionary()

    async def admits(self, transport: asyncio.BaseTransport) -> bool:
        """Return whether the connection is of one of the users, or comes from another machine.

        Where the kernel does not tell whose it is, it is refused.
        """
        # An encrypted one cannot be remembered: uvloop's has no weak references.
        if not type(transport).__weakrefoffset__:
            return await self._judge(transport)
        known = self._known.get(transport)
        if known is None:
            known = self._known[transport] = await self._judge(transport)
        return known

    async def _judge(self, transport: asyncio.BaseTransport) -> bool:
        ends = [transport.get_extra_info(name) for name in ("peername", "sockname")]
        if not all(ends):
            return False  # It is gone already.
        client, service = ends[0][:2], ends[1][:2]
        if not ipaddress.ip_address(client[0].partition("%")[0]).is_loopback:
            return True  # Another machine's user has no number here.
        user = await asyncio.to_thread(user_of, client, service)
        if user not in self._users:
            log.warning("refused a connection of user %s", "?" if user is None else user)
        return user in self._users


def own_users() -> frozenset[int]:
    """The user that this process runs as, and root, who can do everything anyway."""
    return frozenset((os.geteuid(), ROOT))


def can_tell() -> bool:
    """Return whether users of connections can be told on this machine, tried with one to ourselves."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=2) as client,
    ):
        return user_of(client.getsockname(), client.getpeername()) == os.geteuid()


def user_of(client: Address, service: Address) -> int | None:
    """The user whose process holds the client's end of a connection; None for nobody and where none is told.

    Parameters
    ----------
    client, service
        Address and port of either end.
    """
    try:
        found = sock_diag.find(client, service)
    except sock_diag.CannotTell:
        return None
    # A socket that no process holds any more has neither an inode nor its user's number.
    return found.user if found and found.state in _HELD and found.inode else None
