"""Packets between the service and a child process: bytes, and the descriptor of one file beside them.

Used at both ends. Standard library only, and written for Python 3.8 on; see `server.children.entry`.
"""

from __future__ import annotations

import array
import os
import socket
from collections.abc import Iterable
from typing import NamedTuple

from server.children import memory

LONGEST = 1 << 17
"""Most bytes of a packet; anything longer goes as a file in memory."""
_DESCRIPTOR = array.array("i", [0]).itemsize
"""Bytes of a file descriptor in the ancillary data of a packet: those of a C ``int``."""


class Packet(NamedTuple):
    """A packet; its file, if there is one, is the receiver's to close."""

    data: bytes
    file: int | None


class Channel:
    """One end of a line of packets; several threads may send.

    Parameters
    ----------
    line
        A socket of the kind ``SOCK_SEQPACKET``.
    """

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def fileno(self) -> int:
        """Return the socket's descriptor, or -1 once the channel is closed."""
        return self._line.fileno()

    def send(self, data: bytes, file: int | None = None, flags: int = 0) -> None:
        """Send a packet, which must not be empty.

        Parameters
        ----------
        flags
            Of the system call, such as ``MSG_DONTWAIT``.

        Raises
        ------
        OSError
            The other end is gone or takes no more.
        """
        assert 0 < len(data) <= LONGEST
        rights = [] if file is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file]))]
        self._line.sendmsg([data], rights, flags)

    def send_file(self, data: bytes, pieces: Iterable[memory.Piece], flags: int = 0) -> None:
        """Send a packet, and a new file in memory made of these pieces; see `send`."""
        file = memory.filled(pieces)
        try:
            self.send(data, file, flags)
        finally:
            os.close(file)

    def receive(self) -> Packet:
        """Receive the next packet.

        Raises
        ------
        EOFError
            The other end is gone, or does not keep to the rules.
        BlockingIOError
            There is none now, and the socket does not block.
        """
        room = socket.CMSG_LEN(_DESCRIPTOR)
        try:
            data, extra, flags, _ = self._line.recvmsg(LONGEST, room, socket.MSG_CMSG_CLOEXEC)
        except ConnectionError as exc:  # it went without reading all that was sent
            raise EOFError from exc
        files = array.array("i")
        for level, kind, content in extra:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                files.frombytes(content)
        if not data or flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
            for file in files:
                os.close(file)
            raise EOFError
        return Packet(data, files[0] if files else None)

    def close(self) -> None:
        """Hang up; the other end receives an `EOFError`."""
        self._line.close()
