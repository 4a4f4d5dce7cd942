"""Target: a folder of this computer, or a share that is mounted."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from server.config.targets import FolderTarget
from server.errors import GaopaiError, LocalizedText, UploadBroken
from server.services.upload.targets.placing import place, sweep
from server.services.upload.targets.port import (
    FULL,
    NO_FOLDER,
    NO_LEAVE,
    PIECE,
    DeliveredFile,
    Delivery,
    Reach,
    Receipt,
    TargetRefusal,
)
from server.storage.place import rename_noreplace

P = ParamSpec("P")
T = TypeVar("T")

_REASONS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), FULL),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), NO_LEAVE),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR), NO_FOLDER),
}
_CANNOT = (errno.ENOSYS, errno.EINVAL, errno.EPERM, errno.EOPNOTSUPP)
"""Errors of a file system that lacks a way to rename or link."""
_DISK = LocalizedText("读写错误", "it cannot be read or written")


class Folder:
    """Folder below which nothing is made: whoever mounts a share there makes it.

    It has a thread of its own: a share whose server is gone holds this thread, and nobody else's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "target-folder")
        self._swept = False

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Write the file beside the others, and give it its name then."""
        receipt = await place(self, delivery.file)
        if not self._swept:
            self._swept = True
            await sweep(self)
        return receipt

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def size(self, name: str) -> int | None:
        return await self._run(self._size, name)

    async def content(self, name: str) -> AsyncIterator[bytes]:
        offset = 0
        while data := await self._run(self._read, name, offset):
            offset += len(data)
            yield data

    async def write(self, name: str, file: DeliveredFile) -> None:
        descriptor = await self._run(self._made, name)
        try:
            async for piece in file.pieces():
                await self._run(_write_all, descriptor, piece)
            await self._run(os.fsync, descriptor)
        finally:
            # Errors of a write that a share only tells at the end.
            await self._run(os.close, descriptor)

    async def rename(self, old: str, new: str) -> bool:
        return await self._run(self._renamed, old, new)

    async def remove(self, name: str) -> None:
        await self._run((self._path / name).unlink)

    async def ages(self) -> dict[str, float]:
        return await self._run(self._ages)

    def _ages(self) -> dict[str, float]:
        with os.scandir(self._path) as entries:
            return {entry.name: entry.stat().st_mtime for entry in entries}

    def _size(self, name: str) -> int | None:
        try:
            return (self._path / name).stat().st_size
        except FileNotFoundError:
            # Without the folder there is no file either, which is something else.
            self._path.stat()
            return None

    def _read(self, name: str, offset: int) -> bytes:
        with (self._path / name).open("rb") as file:
            file.seek(offset)
            return file.read(PIECE)

    def _made(self, name: str) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(self._path / name, flags, 0o660)

    def _renamed(self, old: str, new: str) -> bool:
        folder = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _rename(folder, old, new)
            # Some network file systems have no such call for folders.
            with contextlib.suppress(OSError):
                os.fsync(folder)
        except FileExistsError:
            return False
        finally:
            os.close(folder)
        return True

    async def _run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, lambda: function(*args, **kwargs))
        except OSError as exc:
            raise _fault(exc) from exc


def _rename(folder: int, old: str, new: str) -> None:
    try:
        rename_noreplace(folder, old, new)
    except OSError as exc:
        if exc.errno not in _CANNOT:
            raise
        os.link(old, new, src_dir_fd=folder, dst_dir_fd=folder)
        os.unlink(old, dir_fd=folder)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _fault(exc: OSError) -> TargetRefusal | GaopaiError:
    reason = _REASONS.get(exc.errno or 0)
    return UploadBroken(reason=_DISK) if reason is None else TargetRefusal(reason)


def target(config: FolderTarget, reach: Reach) -> Folder:
    """Return the target of a configuration."""
    return Folder(Path(config.folder).expanduser())
