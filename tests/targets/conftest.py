"""Targets, each with a real server behind it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import uvloop
from blockbuster import BlockBuster, blockbuster_ctx

from benchmarks.deliveries.servers import SERVERS, Lacking, Place
from server.config import UploadConfig
from server.config.targets import TargetConfig
from server.services.pools import ThreadPools
from server.services.upload.policy import UploadPolicy
from server.services.upload.targets import Targets
from server.services.upload.transfer import Upload, UploadOutcome, UploadTransfer
from server.storage.root import Storage
from tests.patience import PATIENCE


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that `gaopai serve` runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True)
def never_blocks() -> Iterator[BlockBuster]:
    """Any blocking call of the service in the event loop fails the test."""
    with blockbuster_ctx("server") as guard:
        yield guard


class Desk:
    """What sends files of a folder to one target."""

    def __init__(self, transfer: UploadTransfer, folder: Path) -> None:
        self.transfer = transfer
        self.folder = folder

    async def send(self, name: str, data: bytes | None = None, **given: Any) -> UploadOutcome:
        """Deliver a file, written before if its content is given."""
        if data is not None:
            await asyncio.to_thread((self.folder / name).write_bytes, data)
        return await self.transfer.run(
            Upload("", None, given.pop("params", {}), (name,), target="t"), **given
        )


@contextlib.asynccontextmanager
async def desk_of(
    tmp: Path, target: TargetConfig, seconds: float = PATIENCE, **policy: Any
) -> AsyncIterator[Desk]:
    """A desk with one target, ``t``."""
    root = tmp / f"desk-{next(_NUMBERS)}"
    storage = await asyncio.to_thread(Storage, root)
    pools = ThreadPools()
    rules = UploadPolicy((), **policy)
    targets = Targets({"t": target}, rules, pools)
    limits = UploadConfig(seconds=int(seconds), megabytes=16)
    try:
        yield Desk(UploadTransfer(limits, rules, storage, pools, targets=targets), root)
    finally:
        await targets.close()
        pools.close()


_NUMBERS = itertools.count()


@contextlib.asynccontextmanager
async def started(kind: str, folder: Path) -> AsyncIterator[Place]:
    """Start a server, or skip the test and say why."""
    async with AsyncExitStack() as stack:
        try:
            made = await stack.enter_async_context(SERVERS[kind](folder))
        except Lacking as reason:
            pytest.skip(str(reason))
        yield made


@pytest.fixture(params=[*SERVERS])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """A server of each kind."""
    async with started(request.param, tmp_path) as made:
        yield made
