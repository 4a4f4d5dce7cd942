"""Files of the storage folder, read piece by piece while they are sent. Everything here blocks."""

from __future__ import annotations

import os
from dataclasses import dataclass

from server.errors import FileUnreadable, Text
from server.storage.root import Storage

PIECE = 1024 * 1024
CHANGED = Text("发送过程中文件被更改", "it was changed while it was being sent")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it was when its size was taken.

    Attributes
    ----------
    name
        Below the storage root, with folders.
    size
        Bytes.
    stamp
        Differs once the file is another or has other content.
    """

    name: str
    size: int
    stamp: tuple[int, int, int]


def measured(storage: Storage, name: str) -> StoredFile:
    """The file `name` as it is now.

    Raises
    ------
    server.errors.BadName, PathOutside, FileMissing, FileUnreadable
    """
    with storage.opened(name) as file:
        status = os.fstat(file.fileno())
    return StoredFile(storage.relative(name), status.st_size, _stamp(status))


def piece(storage: Storage, file: StoredFile, offset: int) -> bytes:
    """Up to `PIECE` bytes from `offset` on; at least one while `offset` is below the size.

    The file is opened for each piece: whoever gives up half-way leaves nothing open.

    Raises
    ------
    server.errors.FileUnreadable
        It is no longer the file that was measured.
    server.errors.BadName, PathOutside, FileMissing
    """
    with storage.opened(file.name) as opened:
        same = _stamp(os.fstat(opened.fileno())) == file.stamp
        opened.seek(offset)
        data = opened.read(min(PIECE, file.size - offset))
    if not same or not data:
        raise FileUnreadable(name=file.name, reason=CHANGED)
    return data


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns
