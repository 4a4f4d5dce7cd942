"""The whole service over libfprint and its virtual sensor, fed with pictures of FVC where they are."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import pytest
from aiohttp import web

from imgcore.types import Image
from server.app import create_app
from server.config import Config
from server.devices.adapters.libfprint.host import candidates, find_interpreter
from server.equipment import Finders, finger_finders
from synthetic.fingerprints import LOOP, WHORL, DemoFinger
from tests.devices.libfprint.pad import Pad, asked
from tests.functional.page import Message, Page, connect
from tests.patience import PATIENCE, PATIENCE_MS

SHARED = Path(os.environ.get("GAOPAI_SHARED", Path(__file__).parents[3] / "shared"))
PRINTS = SHARED / "data/fingerprint/fvc2002_DB1_B"


@pytest.fixture(scope="module", params=["FVC", "drawn"])
def fingers(request: pytest.FixtureRequest) -> tuple[Sequence[Image], Sequence[Image]]:
    """Presses of a finger, and of another one."""
    if request.param == "drawn":
        one = DemoFinger(LOOP, 1)
        other = DemoFinger(WHORL, 2)
        return [one.press(number) for number in range(3)], [other.press(number) for number in range(3)]
    if not PRINTS.is_dir():
        pytest.skip("the pictures of FVC2002 are not here")
    one_of, other_of = (
        [cv2.imread(str(PRINTS / f"{finger}_{press}.tif"), cv2.IMREAD_GRAYSCALE) for press in (1, 2, 3)]
        for finger in (101, 102)
    )
    return one_of, other_of


@dataclass
class Desk:
    """A page, and the pad of the sensor behind its service."""

    page: Page
    pad: Pad

    async def touched(self, func: str, pictures: Sequence[Image], **parameters: object) -> Message:
        """What comes of a request while these are pressed, one after the other."""
        with asked() as ready:
            number = await self.page.send(func, **{"timeout": PATIENCE_MS, **parameters})
            for picture in pictures:
                async with asyncio.timeout(PATIENCE):
                    await ready.wait()
                ready.clear()
                await self.pad.touch(picture)
            while (message := await self.page.answer(number))["func"] == "Notify":
                pass
        return message


@pytest.fixture
async def desk(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Desk]:
    if await asyncio.to_thread(find_interpreter, candidates()) is None:
        pytest.skip("libfprint is not installed: apt install libfprint-2-2 gir1.2-fprint-2.0 python3-gi")
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("FP_VIRTUAL_IMAGE", str(tmp_path / "pad"))
    pad = Pad(tmp_path / "pad")
    found = await asyncio.to_thread(lambda: tuple(finger_finders(config, False)))
    finders = Finders(fingerprints=found)
    app = await asyncio.to_thread(create_app, config, finders)
    runner = web.AppRunner(app, shutdown_timeout=5.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with connect(f"ws://127.0.0.1:{runner.addresses[0][1]}/") as page:
        assert len((await page.must("GetFingerReaderInfo"))["fingerReaders"]) == 1
        yield Desk(page, pad)
    await pad.leave()
    await runner.cleanup()


@pytest.mark.long
async def test_a_finger_is_enrolled_found_again_and_told_from_another(
    desk: Desk, fingers: tuple[Sequence[Image], Sequence[Image]]
) -> None:
    one, other = fingers
    taken = await desk.touched("ReadFingerInfo", one[:2], presses=2)
    assert taken["result"] == 0, taken
    enrolled = taken["fingerFeature"]
    matched = await desk.touched("FingerMatch", one[2:], fingerFeature=enrolled)
    assert matched["result"] == 0, matched
    assert matched["similarity"] >= 0.9
    differ = await desk.touched("FingerMatch", other[:1], fingerFeature=enrolled, timeout=4000)
    assert differ["result"] == 7003, differ
    assert differ["similarity"] < 0.9


async def test_a_wait_for_a_finger_is_given_up_and_another_begins(
    desk: Desk, fingers: tuple[Sequence[Image], Sequence[Image]]
) -> None:
    with asked() as ready:
        number = await desk.page.send("ReadFingerInfo", timeout=600_000)
        async with asyncio.timeout(PATIENCE):
            await ready.wait()
        await desk.page.send("CancelScan")
        assert (await desk.page.answer(number))["result"] == 1009
    assert (await desk.touched("ReadFingerInfo", fingers[0][:1]))["result"] == 0
