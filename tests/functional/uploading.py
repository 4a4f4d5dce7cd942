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

from server.config import Upload as Terms
from server.services.upload.policy import Policy, Resolve, system_resolve
from server.services.upload.retries import Finished, Retries
from server.services.upload.transfer import Transfer
from server.services.upload.upload import Upload
from server.services.workers import Workers
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
) -> AsyncIterator[Transfer]:
    """What sends, with files below `root`."""
    terms = Terms(allow=tuple(allow), seconds=2, megabytes=4, retry=True, retry_hours=retry_hours)
    storage = await asyncio.to_thread(Storage, root)
    workers = Workers()
    try:
        yield Transfer(terms, Policy(allow, resolve), storage, workers, tls)
    finally:
        workers.close()


class Told:
    """What was told of uploads that waited."""

    def __init__(self) -> None:
        self.all: list[Finished] = []
        self._news = asyncio.Event()

    def __call__(self, finished: Finished) -> None:
        self.all.append(finished)
        self._news.set()

    async def first(self) -> Finished:
        """The first there is."""
        async with asyncio.timeout(PATIENCE):
            await self._news.wait()
        return self.all[0]


@contextlib.asynccontextmanager
async def retrying(transfer: Transfer, told: Told) -> AsyncIterator[Retries]:
    """The queue, which tries again almost at once."""
    retries = Retries(transfer, told, SOON)
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
