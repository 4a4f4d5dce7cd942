"""Placing of files in a folder of a target: whole or not at all, never in place of another, once."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import secrets
import time
from collections.abc import AsyncIterator
from typing import Protocol

from server.errors import LocalizedText, UploadBroken
from server.services.upload.targets.port import NAME_TAKEN, DeliveredFile, Receipt, TargetRefusal

TEMPORARY = re.compile(r"\.gaopai-[0-9a-f]{16}\.part")
"""Names of files that are being written; a killed writer leaves one."""
STALE_SECONDS = 24 * 3600.0
"""Age from which such a file is abandoned, as no delivery takes so long."""
REMOVE_SECONDS = 5.0
"""Time limit for the removal of what was written in vain, in seconds."""


INCOMPLETE = LocalizedText("那里的文件不完整", "the file is incomplete there")


class PlacingFolder(Protocol):
    """Protocol for a folder of a target, while a connection to it lasts."""

    async def size(self, name: str) -> int | None:
        """Return the bytes of a file, None if there is none of that name."""

    def content(self, name: str) -> AsyncIterator[bytes]:
        """Yield the content of a file."""

    async def write(self, name: str, file: DeliveredFile) -> None:
        """Write a new file, and return once the server has all of it."""

    async def rename(self, old: str, new: str) -> bool:
        """Rename a file in one step; return False where `new` exists, which stays as it is."""

    async def remove(self, name: str) -> None:
        """Remove a file."""

    async def ages(self) -> dict[str, float]:
        """Return the time of the last change of each file, in seconds since 1970."""


async def place(folder: PlacingFolder, file: DeliveredFile) -> Receipt:
    """Give a file a name in a folder.

    The name is the file's own, or, where another file has it, one that its content decides: so what was
    placed by an attempt whose end nobody saw is found by the next.

    Raises
    ------
    TargetRefusal
        Other files have all names.
    """
    temporary = f".gaopai-{secrets.token_hex(8)}.part"
    begun = False
    try:
        for name in file.names():
            size = await folder.size(name)
            if size is None:
                if not begun:
                    begun = True
                    await folder.write(temporary, file)
                    if await folder.size(temporary) != file.size:
                        raise UploadBroken(reason=INCOMPLETE)
                if await folder.rename(temporary, name):
                    begun = False
                    return Receipt(name)
                size = await folder.size(name)
            if size == file.size and await _is_content(folder, name, file.sha256):
                return Receipt(name, already=True)
        raise TargetRefusal(NAME_TAKEN)
    finally:
        if begun:
            # The first error counts; what stays is removed by `sweep`.
            with contextlib.suppress(Exception):
                async with asyncio.timeout(REMOVE_SECONDS):
                    await folder.remove(temporary)


async def sweep(folder: PlacingFolder) -> None:
    """Remove what killed writers left, as far as the server allows it."""
    with contextlib.suppress(Exception):
        for name, changed in (await folder.ages()).items():
            if TEMPORARY.fullmatch(name) and time.time() - changed > STALE_SECONDS:
                await folder.remove(name)


async def _is_content(folder: PlacingFolder, name: str, sha256: str) -> bool:
    found = hashlib.sha256()
    async for piece in folder.content(name):
        found.update(piece)
    return found.hexdigest() == sha256
