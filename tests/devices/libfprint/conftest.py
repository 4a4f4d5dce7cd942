"""libfprint's virtual image sensor, which needs no hardware."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import cv2
import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from imgcore.types import Image
from server.devices.adapters.libfprint.finder import LibfprintFinder, LibfprintSensor
from server.devices.adapters.libfprint.host import candidates, find_interpreter
from tests.devices.libfprint.pad import Pad, ridges

SHARED = Path(os.environ.get("GAOPAI_SHARED", Path(__file__).parents[4] / "shared"))
PRINTS = sorted((SHARED / "data/fingerprint/fvc2002_DB1_B").glob("101_*.tif"))


@pytest.fixture(scope="session")
def bindings() -> Path:
    """An interpreter that has libfprint's bindings."""
    found = find_interpreter(candidates())
    if found is None:
        pytest.skip("libfprint is not installed: apt install libfprint-2-2 gir1.2-fprint-2.0 python3-gi")
    return found


@pytest.fixture
def never_blocks() -> Iterator[BlockBuster]:
    """Any blocking call in the event loop fails the test."""
    with blockbuster_ctx("server") as guard:
        yield guard


@pytest.fixture
async def pad(bindings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pad]:
    """The virtual sensor is plugged in, and this is where fingers go."""
    monkeypatch.setenv("FP_VIRTUAL_IMAGE", str(tmp_path / "pad"))
    pad = Pad(tmp_path / "pad")
    yield pad
    await pad.leave()


@pytest.fixture
async def finder(pad: Pad, never_blocks: BlockBuster) -> AsyncIterator[LibfprintFinder]:
    finder = await asyncio.to_thread(LibfprintFinder)  # where the service makes it, no loop runs yet
    yield finder
    await finder.close()


@pytest.fixture
async def sensor(finder: LibfprintFinder) -> LibfprintSensor:
    """The virtual sensor."""
    (sensor,) = await finder.find()
    return sensor


@pytest.fixture
def fingers() -> list[Image]:
    """Several presses of one finger: FVC's pictures where they are, else made ones."""
    if PRINTS:
        return [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in PRINTS[:3]]
    return [ridges(seed) for seed in range(3)]


@pytest.fixture(autouse=True)
def verbose(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
