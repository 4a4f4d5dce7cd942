"""Tables of TCP sockets in ``/proc/net``, where the kernel does not answer sock_diag(7).

The kernel walks hundreds of thousands of slots for them, which takes milliseconds: they are read in a
thread, once a connection.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from server.session.sock_diag import Address, SocketInfo, plain

NET = Path("/proc/net")
LINES = 65_536
"""Limit of sockets that are looked through; one behind them is not found."""
WALKS = 2
"""A table changes while it is read, and may leave a socket out once."""
LISTENING = 0x0A
_ANY = frozenset(("0" * 8, "0" * 32))

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class SocketTableUnavailable(Exception):
    """Raised when there is no table to read."""


def find(local: Address, remote: Address, net: Path = NET) -> SocketInfo | None:
    """Return the socket with these ends, None if there is none.

    Raises
    ------
    SocketTableUnavailable
    """
    here, there = plain(local[0]), plain(remote[0])
    for _ in range(WALKS):
        for table, ends in _places(here, local[1], there, remote[1]):
            for fields in _rows(net / table):
                if fields[1:3] == ends:
                    return _info(fields)
    return None


def listening(host: str, port: int, net: Path = NET) -> SocketInfo | None:
    """Return the socket that listens at an address, or at all of them; None if there is none.

    Raises
    ------
    SocketTableUnavailable
    """
    wanted = {_written(plain(host)), *_ANY}
    for table in ("tcp", "tcp6"):
        for fields in _rows(net / table):
            address, _, number = fields[1].rpartition(":")
            if int(fields[3], 16) == LISTENING and int(number, 16) == port and address in wanted:
                return _info(fields)
    return None


def _places(here: IPAddress, port: int, there: IPAddress, other: int) -> Iterator[tuple[str, list[str]]]:
    """Yield the tables in which a connection can be, with its ends as they are written there."""
    ends = [f"{_written(here)}:{port:04X}", f"{_written(there)}:{other:04X}"]
    if here.version == 6:
        yield "tcp6", ends
        return
    yield "tcp", ends
    # An IPv6 socket may speak IPv4.
    mapped = "0" * 16 + _written_word(b"\0\0\xff\xff")
    yield "tcp6", [mapped + each for each in ends]


def _written(address: IPAddress) -> str:
    packed = address.packed
    return "".join(_written_word(packed[start : start + 4]) for start in range(0, len(packed), 4))


def _written_word(word: bytes) -> str:
    return f"{int.from_bytes(word, sys.byteorder):08X}"


def _rows(table: Path) -> Iterator[list[str]]:
    try:
        with table.open(encoding="ascii") as file:
            for line in islice(file, 1, LINES):
                yield line.split()
    except FileNotFoundError:  # a kernel without IPv6
        if not table.with_name("tcp").exists():
            raise SocketTableUnavailable from None
    except OSError as exc:
        raise SocketTableUnavailable from exc


def _info(fields: list[str]) -> SocketInfo:
    return SocketInfo(state=int(fields[3], 16), user=int(fields[7]), inode=int(fields[9]))
