"""Real PC/SC with virtual cards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from server.devices.adapters.pcsc.finder import PcscReaderFinder
from server.devices.adapters.pcsc.reader import PcscReader
from tests.devices.pcsc.pcscd import Pcscd
from tests.devices.pcsc.vpcd import Inserted
from tests.fakes.smartcards.card import VirtualCard
from tests.patience import PATIENCE

Insert = Callable[..., Inserted]
"""A card, and the slot that is not the first -> the card in it."""


@pytest.fixture
def pcscd(tmp_path: Path) -> Iterator[Pcscd]:
    """pcscd with one reader of two slots, both empty."""
    pytest.importorskip("smartcard", reason="pyscard is not installed: pip install 'gaopai[card]'")
    daemon = Pcscd(tmp_path / "pcscd")
    daemon.start()
    yield daemon
    daemon.end()


@pytest.fixture
def insert(pcscd: Pcscd) -> Iterator[Insert]:
    """Puts cards in, and takes out in the end what is still there."""
    inserted: list[Inserted] = []

    def insert(card: VirtualCard, slot: int = 0) -> Inserted:
        inserted.append(Inserted(card, pcscd.port + slot))
        return inserted[-1]

    yield insert
    for card in inserted:
        card.take_out()


@pytest.fixture
def never_blocks() -> Iterator[BlockBuster]:
    """Any blocking call in the event loop fails the test."""
    with blockbuster_ctx("server") as guard:
        yield guard


@pytest.fixture
def answer_seconds() -> float:
    """After which a card that does not answer is given up; tests may override."""
    return PATIENCE


@pytest.fixture
async def finder(
    pcscd: Pcscd, never_blocks: BlockBuster, answer_seconds: float
) -> AsyncIterator[PcscReaderFinder]:
    """The adapter."""
    finder = await asyncio.to_thread(PcscReaderFinder, answer_seconds=answer_seconds)
    yield finder
    await finder.close()


@pytest.fixture
async def readers(finder: PcscReaderFinder) -> list[PcscReader]:
    """Both slots."""
    return list(await finder.find())


@pytest.fixture
async def reader(readers: list[PcscReader]) -> PcscReader:
    """The first slot."""
    return readers[0]
