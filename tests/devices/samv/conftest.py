"""A module, a port that it is at, and a reader of ours that talks to it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from server.devices.adapters.samv import reader as reader_module
from server.devices.adapters.samv.module import SamModule
from server.devices.adapters.samv.reader import SamvReader
from server.devices.ports.card_reader import CardKind, CardReaderInfo
from tests.devices.samv.module import Module
from tests.devices.samv.people import CANARIES, FINGERS, FakeCard, citizen
from tests.devices.samv.serial_port import SerialPort
from tests.open_files import many_files

__all__ = ["many_files"]

NAME = "SAM-V test"


@pytest.fixture
def module() -> Module:
    """With a citizen's card on it that has fingers."""
    return Module(FakeCard(citizen(), fingers=FINGERS))


@pytest.fixture
def port(module: Module) -> Iterator[SerialPort]:
    port = SerialPort(module)
    yield port
    port.unplug()


@pytest.fixture
def never_blocks() -> Iterator[BlockBuster]:
    """Any blocking call in the event loop fails the test."""
    with blockbuster_ctx("server") as guard:
        yield guard


@pytest.fixture
async def reader(
    port: SerialPort, never_blocks: BlockBuster, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SamvReader]:
    """One that asks a module more often than real ones like."""
    monkeypatch.setattr(reader_module, "POLL_SECONDS", 0.05)
    transports = pytest.importorskip(
        "server.devices.adapters.samv.transports",
        reason="pyserial is not installed",
        exc_type=ImportError,
    )
    info = CardReaderInfo("samv:test", NAME, frozenset({CardKind.RESIDENT}))
    reader = SamvReader(info, SamModule(transports.SerialConnector(port.path, NAME)))
    yield reader
    await reader.close()


@pytest.fixture(autouse=True)
def discreet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that a card says reaches the log."""
    caplog.set_level(logging.DEBUG)
    yield
    check_discreet(caplog.text)


def check_discreet(text: str) -> None:
    """Fail if `text` holds anything of a card, in whatever spelling."""
    for canary in CANARIES:
        spellings = [canary] if isinstance(canary, str) else [repr(canary)[2:-1], canary.hex()]
        if isinstance(canary, str):
            spellings.append(canary.encode("utf-16-le").hex())
            spellings.append(repr(canary.encode("utf-16-le"))[2:-1])
        assert not any(spelling in text for spelling in spellings), canary
