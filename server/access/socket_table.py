"""Tables of TCP sockets in ``/proc/net``, where the kernel does not answer sock_diag(7).

The kernel walks hundreds of thousands of slots for them, which takes milliseconds: they are read in a
thread, once for all connections that wait to be told.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from time import monotonic

from server.access.sock_diag import Address, SocketInfo, plain
from server.children.account import user_name
from server.errors import LocalizedText
from server.runtime.background import supervise

NET = Path("/proc/net")
TABLES = ("tcp", "tcp6")
LINES = 65_536
"""Limit of sockets that are looked through; one behind them is not found."""
WALKS = 2
"""Number of times that a table is read: it changes meanwhile, and may leave a socket out once."""
RESTS = 3
"""Pause after a walk, as a multiple of the time that the walk took."""
LISTENING = 0x0A
"""State of a TCP socket that listens, as the kernel numbers it."""
_ANY = frozenset(("0" * 8, "0" * 32))
"""Written forms of the addresses at which a socket listens on every address, of IPv4 and of IPv6."""

Connection = tuple[Address, Address]
"""Local and remote end of a connection."""
IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class SocketTableUnavailable(Exception):
    """Raised when there is no table to read."""


def find(connections: Sequence[Connection], net: Path = NET) -> list[SocketInfo | None]:
    """Return the local socket of each connection, None for one that is not there; in one walk for all."""
    found: dict[Connection, SocketInfo] = {}
    for _ in range(WALKS):
        missing = {place: each for each in connections if each not in found for place in _places(*each)}
        for table in TABLES:
            if len(found) == len(connections):
                break
            for fields in _rows(net / table):
                if (each := missing.get((table, fields[1], fields[2]))) is not None:
                    found[each] = _info(fields)
    return [found.get(each) for each in connections]


def listening(host: str, port: int, net: Path = NET) -> SocketInfo | None:
    """Return the socket that listens at an address, or at all of them; None if there is none."""
    wanted = {_written(plain(host)), *_ANY}
    for table in TABLES:
        for fields in _rows(net / table):
            address, _, number = fields[1].rpartition(":")
            if int(fields[3], 16) == LISTENING and int(number, 16) == port and address in wanted:
                return _info(fields)
    return None


def _places(local: Address, remote: Address) -> Iterator[tuple[str, str, str]]:
    """Yield the tables in which a connection can be, with its ends as they are written there."""
    here = plain(local[0])
    there = plain(remote[0])
    ends = f"{_written(here)}:{local[1]:04X}", f"{_written(there)}:{remote[1]:04X}"
    if here.version == 6:
        yield ("tcp6", *ends)
        return
    yield ("tcp", *ends)
    # An IPv6 socket may speak IPv4.
    mapped = "0" * 16 + _written_word(b"\0\0\xff\xff")
    yield "tcp6", mapped + ends[0], mapped + ends[1]


def _written(address: IPAddress) -> str:
    packed = address.packed
    return "".join(_written_word(packed[start : start + 4]) for start in range(0, len(packed), 4))


def _written_word(word: bytes) -> str:
    return f"{int.from_bytes(word, sys.byteorder):08X}"


def _rows(table: Path) -> Iterator[list[str]]:
    try:
        with table.open(encoding="ascii") as file:
            for line in islice(file, 1, LINES):
                yield line.split(maxsplit=4)
    except FileNotFoundError:  # a kernel without IPv6
        if not table.with_name("tcp").exists():
            raise SocketTableUnavailable from None
    except OSError as exc:
        raise SocketTableUnavailable from exc


def _info(fields: list[str]) -> SocketInfo:
    rest = fields[4].split(maxsplit=6)
    return SocketInfo(state=int(fields[3], 16), user=int(rest[3]), inode=int(rest[5]))


class TableReader:
    """Looks connections up, with one walk at a time for all that came meanwhile."""

    def __init__(self) -> None:
        self._asked: dict[Connection, asyncio.Future[SocketInfo | None]] = {}
        self._is_reading = False

    async def find(self, connection: Connection) -> SocketInfo | None:
        """Return the local socket of a connection, None if it is not there, or nothing tells."""
        answer = self._asked.setdefault(connection, asyncio.get_running_loop().create_future())
        if not self._is_reading:
            self._is_reading = True
            supervise("tables of sockets", self._read, restart=False)
        return await asyncio.shield(answer)

    async def _read(self) -> None:
        asked: dict[Connection, asyncio.Future[SocketInfo | None]] = {}
        try:
            while self._asked:
                asked = self._asked
                self._asked = {}
                begun = monotonic()
                for answer, found in zip(asked.values(), await _find(list(asked)), strict=True):
                    answer.set_result(found)
                # A flood of connections must not keep a core busy, and the interpreter's lock.
                await asyncio.sleep(RESTS * (monotonic() - begun))
        finally:
            self._is_reading = False
            for answer in asked.values():
                answer.cancel()  # of a walk that failed


async def _find(connections: Sequence[Connection]) -> Sequence[SocketInfo | None]:
    try:
        return await asyncio.to_thread(find, connections)
    except SocketTableUnavailable:
        return [None] * len(connections)


PROC = Path("/proc")
SERVICE = "gaopai"
"""Name of our process."""


def holder_of(host: str, port: int, proc: Path = PROC) -> LocalizedText:
    """Return the program that listens at an address, else its user.

    Parameters
    ----------
    proc
        Folder of the kernel's tables.
    """
    try:
        found = listening(host, port, proc / "net")
    except SocketTableUnavailable:
        found = None
    if found is None:
        return LocalizedText("另一个程序", "another program")
    return program_of(found, proc)


def program_of(found: SocketInfo, proc: Path = PROC) -> LocalizedText:
    """Return the program that holds a socket, else its user; looks through all processes."""
    if (held := process_of(found, proc)) is not None:
        return LocalizedText(" {}（进程 {}）".format(*held), "{} (process {})".format(*held))
    user = user_name(found.user)
    return LocalizedText(f"用户 {user} 的程序", f"a program of {user}")


def process_of(found: SocketInfo, proc: Path = PROC) -> tuple[str, int] | None:
    """Return the name and the number of a process that holds a socket, None if none may be looked at."""
    for process in proc.glob("[0-9]*"):
        if (name := _name(process, found)) is not None:
            return name, int(process.name)
    return None


def keeps(number: int, found: SocketInfo, proc: Path = PROC) -> bool | None:
    """Return whether a process holds a socket; None if it is gone, or may not be looked at."""
    try:
        return _holds(proc / str(number), found.inode)
    except OSError:
        return None


def _name(process: Path, found: SocketInfo) -> str | None:
    """Return the name of a process that holds the socket, None if it does not, or may not be looked at."""
    try:
        name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
        if _holds(process, found.inode):
            return name
    except PermissionError:
        # The service shows its descriptors to nobody but root, not to its own account either.
        return name if name == SERVICE and _user_of(process) == found.user else None
    except OSError:  # gone by now
        pass
    return None


def _holds(process: Path, inode: int) -> bool:
    for link in (process / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            if str(link.readlink()) == f"socket:[{inode}]":
                return True
    return False


def _user_of(process: Path) -> int | None:
    lines = (process / "status").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("Uid:")), None)
