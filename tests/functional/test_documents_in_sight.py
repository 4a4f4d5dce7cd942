"""Documents in sight of a camera, over a real WebSocket."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import cv2
import pytest

from server.decoding.text_process import TextDecoder
from server.errors import DeviceBusy, DeviceGone, DeviceNotOpen, ToolMissing
from synthetic.datasets.specimens import make_photograph
from tests.fakes.camera import SIZES
from tests.fakes.documents import PlantedReader, document
from tests.functional.conftest import OTHER, Running
from tests.functional.page import Message, Page, connect
from tests.patience import PATIENCE

FUNC = "SetCameraDocumentReading"
SIZE = SIZES[0]
NUMBER = "9972263560408371629"


def card(seed: int) -> list[bytes]:
    """Frames of a card on a desk."""
    picture = cv2.resize(make_photograph(seed, "bank-card").picture, SIZE)
    return [cv2.imencode(".jpg", picture)[1].tobytes()]


FIRST = card(1)
SECOND = card(2)


class Watched(list[bytes]):
    """Frames that tell when two of them were taken, of which the first has then arrived."""

    def __init__(self, frames: list[bytes]) -> None:
        super().__init__(frames)
        self.shown = threading.Event()
        self._taken = 0

    def __getitem__(self, index: Any) -> Any:
        self._taken += 1
        if self._taken > 2:
            self.shown.set()
        return super().__getitem__(index)


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlantedReader]:
    planted = PlantedReader(document("bank-card", number=NUMBER, expiry="09/41"))
    monkeypatch.setattr(TextDecoder, "ask", lambda _, task, image: planted.ask(task, image))
    yield planted


@pytest.fixture
def camera(service: Running, reader: PlantedReader) -> Running:
    service.camera.jpegs[SIZE] = FIRST
    return service


async def opened(page: Page) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)


async def told(page: Page, state: str) -> Message:
    """The next notice of that state."""
    async with asyncio.timeout(PATIENCE):
        while True:
            message = await page.receive()
            if message.get("event") == "OnDocuments" and message["state"] == state:
                return message


async def test_what_lies_still_is_read_once_and_forgotten_when_it_moves(
    camera: Running, reader: PlantedReader
) -> None:
    async with connect(camera.url) as page:
        await opened(page)
        answer = await page.must(FUNC, devNum=0)
        await told(page, "moving")
        await told(page, "reading")
        read = await told(page, "read")
        assert (read["devNum"], read["reqId"]) == (0, answer["reqId"])
        assert [one["fields"] for one in read["documents"]] == [{"number": NUMBER, "expiry": "09/41"}]
        assert await page.silence("Notify") == [], "what is sure is not read again"
        camera.camera.jpegs[SIZE] = SECOND
        assert (await told(page, "moving"))["documents"] == []
        await told(page, "read")
    assert [type(task).__name__ for task in reader.asked] == ["ReadDocuments"] * 2


async def test_what_is_not_sure_is_read_once_more_and_the_better_reading_told(
    camera: Running, reader: PlantedReader
) -> None:
    sure = reader.found
    reader.found = (document("bank-card", False, ["number.check"], number="1"),)
    async with connect(camera.url) as page:
        await opened(page)
        await page.must(FUNC)
        assert (await told(page, "read"))["documents"][0]["valid"] is False
        reader.found = sure
        await told(page, "read")
        camera.camera.jpegs[SIZE] = SECOND
        await told(page, "moving")
        assert (await told(page, "read"))["documents"][0]["valid"] is True
        assert len(reader.asked) == 3


async def test_nobody_hears_of_a_card_that_was_taken_away_while_it_was_read(
    camera: Running, reader: PlantedReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = reader.ask
    held = asyncio.Event()

    async def slow(_: TextDecoder, task: object, image: object) -> object:
        await held.wait()
        return await plain(task, image)  # type: ignore[arg-type]

    monkeypatch.setattr(TextDecoder, "ask", slow)
    async with connect(camera.url) as page:
        await opened(page)
        await page.must(FUNC)
        await told(page, "reading")
        taken_away = Watched(SECOND)
        camera.camera.jpegs[SIZE] = taken_away
        await asyncio.to_thread(taken_away.shown.wait, PATIENCE)
        held.set()
        states = [(await told_any(page))["state"] for _ in range(2)]
    assert states == ["moving", "reading"]


async def told_any(page: Page) -> Message:
    """The next notice of documents."""
    async with asyncio.timeout(PATIENCE):
        while (message := await page.receive()).get("event") != "OnDocuments":
            pass
        return message


async def test_it_ends_when_it_is_switched_off(camera: Running, reader: PlantedReader) -> None:
    async with connect(camera.url) as page:
        await opened(page)
        await page.must(FUNC)
        await told(page, "read")
        await page.must(FUNC, enable=False)
        camera.camera.jpegs[SIZE] = SECOND
        assert await page.silence("Notify") == []


async def test_a_camera_that_is_not_open_or_anothers(camera: Running) -> None:
    async with connect(camera.url) as owner, connect(camera.url, origin=OTHER) as other:
        await owner.must("GetCameraInfo")
        assert (await owner.ask(FUNC, devNum=0))["result"] == DeviceNotOpen.code
        await owner.must("OpenCamera", devNum=0)
        await other.must("GetCameraInfo")
        assert (await other.ask(FUNC, devNum=0))["result"] == DeviceBusy.code


async def test_the_page_is_told_why_nothing_more_comes(camera: Running) -> None:
    async with connect(camera.url) as page:
        await opened(page)
        await page.must(FUNC)
        camera.camera.fault = DeviceGone(device="Fake")
        ended = await told(page, "ended")
        assert (ended["result"], ended["documents"]) == (DeviceGone.code, [])


async def test_missing_models_end_it(camera: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async def missing(*_: object) -> None:
        raise ToolMissing(tool="PP-OCRv6")

    monkeypatch.setattr(TextDecoder, "ask", missing)
    async with connect(camera.url) as page:
        await opened(page)
        await page.must(FUNC)
        assert (await told(page, "ended"))["result"] == ToolMissing.code
