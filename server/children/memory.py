"""Files in memory that two processes share: written once, sealed, then mapped.

Standard library only, and written for Python 3.8 on; see `server.children.entry`.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import stat
import weakref
from collections.abc import Iterable
from typing import Union

Piece = Union[bytes, bytearray, memoryview, mmap.mmap]  # noqa: UP007 - Python 3.8 cannot write it otherwise

_FIXED = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW
"""Seals that fix the size of a file, and the seals themselves; its content can still be written."""
_SEALS = _FIXED | fcntl.F_SEAL_WRITE
"""Seals of a file that nobody can change in any way."""


def filled(pieces: Iterable[Piece]) -> int:
    """Make a file of these pieces that nobody can change any more, and return its descriptor.

    Raises
    ------
    OSError
        There is no memory for it.
    """
    file = _created()
    try:
        for piece in pieces:
            _write(file, memoryview(piece).cast("B"))
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
        os.lseek(file, 0, os.SEEK_SET)
    except BaseException:
        os.close(file)
        raise
    return file


def bounded(limit: int) -> int:
    """Make a file that takes at most `limit` bytes, and return its descriptor.

    Memory is taken for what is written only; writing more fails with ``EPERM``.
    """
    file = _created()
    try:
        os.ftruncate(file, limit)
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, _FIXED)
    except BaseException:
        os.close(file)
        raise
    return file


def written(file: int) -> bytes:
    """Return what was written to a `bounded` file, by whoever shares its descriptor."""
    return os.pread(file, os.lseek(file, 0, os.SEEK_CUR), 0)


class MemoryFile:
    """An open file, closed when nobody knows of it any more or before.

    Attributes
    ----------
    descriptor
        For as long as it is not closed.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        # For those that are given up half-way.
        self._closing = weakref.finalize(self, os.close, descriptor)

    def close(self) -> None:
        """Let go of it."""
        self._closing()


def content(file: int) -> bytes:
    """Return all bytes of a file."""
    return os.pread(file, os.fstat(file).st_size, 0)


def mapped(file: int) -> mmap.mmap:
    """Map the content of a sealed file, not copied; writing to it changes the caller's own copy.

    Raises
    ------
    ValueError
        It is empty or could still be changed: reading what another process cuts off would end this one.
    """
    if not stat.S_ISREG(os.fstat(file).st_mode) or fcntl.fcntl(file, fcntl.F_GET_SEALS) & _SEALS != _SEALS:
        raise ValueError("the file is not sealed")
    return mmap.mmap(file, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)


def _created() -> int:
    return os.memfd_create("gaopai", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)


def _write(file: int, view: memoryview) -> None:
    while view:
        view = view[os.write(file, view) :]
