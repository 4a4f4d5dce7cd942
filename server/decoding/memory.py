"""Files in memory that two processes share: written once, sealed, then mapped."""

from __future__ import annotations

import fcntl
import mmap
import os
import stat
import weakref
from collections.abc import Iterable

Piece = bytes | memoryview | mmap.mmap

_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


def filled(pieces: Iterable[Piece]) -> int:
    """The descriptor of a new file of these pieces, which nobody can change any more.

    Raises
    ------
    OSError
        There is no memory for it.
    """
    file = os.memfd_create("gaopai", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        for piece in pieces:
            _write(file, memoryview(piece).cast("B"))
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
    except BaseException:
        os.close(file)
        raise
    return file


class Shared:
    """A file of these pieces, closed when nobody knows of it any more or before. Making it blocks.

    Attributes
    ----------
    descriptor
        For as long as it is not closed.
    """

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.descriptor = filled(pieces)
        # For those that are given up half-way.
        self._closing = weakref.finalize(self, os.close, self.descriptor)

    def close(self) -> None:
        """Let go of it."""
        self._closing()


def content(file: int) -> bytes:
    """All bytes of a file."""
    size = os.fstat(file).st_size
    pieces: list[bytes] = []
    while size > 0 and (piece := os.pread(file, size, sum(map(len, pieces)))):
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def mapped(file: int) -> mmap.mmap:
    """The content of a sealed file, not copied; writing to it changes the caller's own copy.

    Raises
    ------
    ValueError
        It is empty or could still be changed: reading what another process cuts off would end this one.
    """
    if not stat.S_ISREG(os.fstat(file).st_mode) or fcntl.fcntl(file, fcntl.F_GET_SEALS) & _SEALS != _SEALS:
        raise ValueError("the file is not sealed")
    return mmap.mmap(file, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)


def _write(file: int, view: memoryview) -> None:
    while view:
        view = view[os.write(file, view) :]
