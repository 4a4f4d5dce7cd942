"""Files without a name: private, and gone with the process that made them, however it ends."""

from __future__ import annotations

import errno
import os
import tempfile
import weakref
from pathlib import Path

_NO_SUCH_FLAG = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL)
"""Answers of file systems that make no file without a name."""


class NamelessFile:
    """Content on the disk that no name leads to.

    Parameters
    ----------
    folder
        Folder whose disk has it.

    Raises
    ------
    OSError
    """

    def __init__(self, folder: Path, data: bytes) -> None:
        self._size = len(data)
        self._descriptor = _made(folder)
        self.close = weakref.finalize(self, os.close, self._descriptor)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._descriptor, view) :]
        except BaseException:
            self.close()
            raise

    def read(self) -> bytes:
        """Return the content.

        Raises
        ------
        OSError
            The disk fails, or the file is closed.
        """
        if not self.close.alive:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        pieces, read = [], 0
        while read < self._size:
            piece = os.pread(self._descriptor, self._size - read, read)
            if not piece:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            pieces.append(piece)
            read += len(piece)
        return b"".join(pieces)


def _made(folder: Path) -> int:
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        if exc.errno not in _NO_SUCH_FLAG:
            raise
    descriptor, name = tempfile.mkstemp(dir=folder)
    Path(name).unlink()
    return descriptor
