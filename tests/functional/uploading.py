"""The upload service without the rest: for tests that hold its name service and its clock in their hand.

As a program it keeps one upload and sends it until it is killed:
``python -m tests.functional.uploading ROOT ORIGIN [add]``.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from server.config import UploadConfig as UploadLimits
from server.services.pools import ThreadPools
from server.services.upload.policy import Resolve, UploadPolicy, system_resolve
from server.services.upload.service import FinishedUpload, UploadRetries
from server.services.upload.transfer import Upload, UploadTransfer
from server.storage.root import Storage
from tests.patience import PATIENCE

SOON = (0.05,)
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


@contextlib.asynccontextmanager
async def transferring(
    root: Path,
    allow: Sequence[str],
    resolve: Resolve = system_resolve,
    tls: ssl.SSLContext | bool = True,
    retry_hours: int = 1,
) -> AsyncIterator[UploadTransfer]:
    """What sends, with files below `root`."""
    terms = UploadLimits(
        allow=tuple(allow), seconds=int(PATIENCE), megabytes=4, retry=True, retry_hours=retry_hours
    )
    storage = await asyncio.to_thread(Storage, root)
    workers = ThreadPools()
    try:
        yield UploadTransfer(terms, UploadPolicy(allow, resolve), storage, workers, tls)
    finally:
        workers.close()


class Told:
    """What was told of uploads that waited."""

    def __init__(self) -> None:
        self.all: list[FinishedUpload] = []
        self._news = asyncio.Event()

    def __call__(self, finished: FinishedUpload) -> None:
        self.all.append(finished)
        self._news.set()

    async def first(self) -> FinishedUpload:
        """The first there is."""
        async with asyncio.timeout(PATIENCE):
            await self._news.wait()
        return self.all[0]


@contextlib.asynccontextmanager
async def retrying(transfer: UploadTransfer, told: Told) -> AsyncIterator[UploadRetries]:
    """The queue, which tries again almost at once."""
    retries = UploadRetries(transfer, told, SOON)
    await retries.start()
    try:
        yield retries
    finally:
        await retries.close()


async def _serve(root: Path, origin: str, add: bool) -> None:
    told = Told()
    async with transferring(root, [origin]) as transfer, retrying(transfer, told) as retries:
        if add:
            assert await retries.add(Upload(f"{origin}/up", None, {"n": "1"}, picture=JPEG, id="the-one"))
        print("ready", flush=True)
        await told.first()
        print("finished", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), sys.argv[2], "add" in sys.argv[3:]))
