"""A client that is gone at any point of any function: devices are free again, and nothing of it is left.

The functions come from the catalogue, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Iterator, Mapping
from itertools import cycle, product
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from server.errors import DeviceBusy, InternalError
from server.protocol.catalogue import CATALOGUE
from server.services.context import Dispatcher
from tests.extent import COUNTED
from tests.fakes.face_engine import coded, portrait
from tests.fakes.finger_sensor import press
from tests.faults.vanishing import Vanishing, Way
from tests.functional.conftest import Running
from tests.patience import PATIENCE

PICTURES = {"imagePath": ["a.jpg", "b.jpg"]}
REQUESTS: Mapping[str, Mapping[str, object]] = {
    "OpenCamera": {"devNum": 0},
    "GetCameraVideoBuff": {"devNum": 0, "enable": True},
    "CameraCapture": {"devNum": 0, "imagePath": ""},
    "Scan": {"devIndex": 0, "scanSource": 1, "scanMode": 0, "scanResolution": 0, "scanPaperSize": 0},
    "RecogBarCode": PICTURES,
    "UploadHttpFile": {"url": "http://127.0.0.1:9/up", "imagePath": "a.jpg"},
    "MergeFile": {**PICTURES, "fileType": 1, "filePath": ""},
    "FingerMatch": {"fingerFeature": "Rk1SBw==", "timeout": 20_000},
    "ReadFingerInfo": {"timeout": 20_000},
    "GetFaceCamraBuff": {"faceCameraNum": 0, "enable": True},
    "FaceMatch": {"faceImageBase64": coded(portrait(1)), "timeout": 20_000},
}
"""In place of the example, where it would be refused here before it has begun."""
BEFORE = {
    "camera": (("GetCameraInfo", {}), ("OpenCamera", {"devNum": 0})),
    "face": (("GetFaceCameraInfo", {}), ("OpenFaceCamera", {"faceCameraNum": 0})),
}
MOMENTS = ("sent", "begun", "answering")


def request_of(func: str) -> Mapping[str, object]:
    return REQUESTS.get(func, CATALOGUE[func].example.request)


async def prepare(client: Vanishing, func: str) -> None:
    """Have open what the function works with."""
    kind = "face" if "Face" in func else "camera" if "Camera" in func else ""
    for before, parameters in BEFORE.get(kind, ()):
        if before != func:
            await client.ask(before, **parameters)


def store_pictures(root: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        cv2.imwrite(str(root / name), np.full((400, 300, 3), 200, np.uint8))


def hold(service: Running) -> None:
    """Let what devices do take as long as a test wants."""
    service.scanner.pulls = asyncio.Semaphore(0)
    service.reader.going_on.clear()


def release(service: Running) -> None:
    for _ in range(100):
        service.scanner.pulls.release()
    service.reader.going_on.set()
    service.sensor.presses[:] = [press(7), press(7)]


def holdings() -> tuple[int, int]:
    return len(asyncio.all_tasks()), len(list(Path("/proc/self/fd").iterdir()))


async def quiet(before: tuple[int, int] | None = None) -> tuple[int, int]:
    """What is held, once it is no more than before, or does not change any more."""
    gc.collect()
    now = holdings()
    for _ in range(int(PATIENCE / 0.05)):
        await asyncio.sleep(0.05)
        earlier = now
        now = holdings()
        if (
            now == earlier
            if before is None
            else all(held <= then for held, then in zip(now, before, strict=True))
        ):
            break
    return now


@pytest.fixture(scope="module", autouse=True)
def little_to_search() -> Iterator[None]:
    """What is here before stays: looking for cycles in all of it takes longer than the tests."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


class Watched:
    """Tells when a function was begun."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.begun = asyncio.Event()
        self.func = ""
        serve = Dispatcher.serve

        async def watched(dispatcher: Dispatcher, call: Any, exchange: Any) -> Any:
            if call.function.name == self.func:
                self.begun.set()
            return await serve(dispatcher, call, exchange)

        patch.setattr(Dispatcher, "serve", watched)


async def leave(service: Running, watched: Watched, func: str, way: Way, moment: str) -> None:
    """Send a request and be gone at a moment of it."""
    client = await Vanishing.open(service.url)
    await prepare(client, func)
    watched.begun.clear()
    watched.func = func
    hold(service)
    # A sensor that waits hears of no finger that comes later.
    service.sensor.presses[:] = [press(7), press(7)] if moment == "answering" else []
    client.send(func, **request_of(func))
    if moment != "sent":
        async with asyncio.timeout(PATIENCE):
            await watched.begun.wait()
    if moment == "answering":
        release(service)
        await client.first_byte()
    client.vanish(way)


async def honest(service: Running, func: str) -> int:
    """The code that a client gets who stays; a device of one who has just left may take a moment."""
    release(service)
    async with asyncio.timeout(PATIENCE):
        while True:
            client = await Vanishing.open(service.url)
            await prepare(client, func)
            code = int((await client.ask(func, **request_of(func)))["result"])
            client.vanish(Way.FIN)
            if code != DeviceBusy.code:
                return code
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("func", CATALOGUE)
async def test_nothing_is_left_of_a_client_that_is_gone(
    service: Running, func: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    store_pictures(service.root)
    watched = Watched(monkeypatch)
    expected = await honest(service, func)
    before = await quiet()
    for moment, way in product(MOMENTS, Way) if COUNTED else zip(MOMENTS, cycle(Way), strict=False):
        await leave(service, watched, func, way, moment)
        release(service)
    after = await quiet(before)
    assert all(held <= then for held, then in zip(after, before, strict=True)), (before, after)
    assert await honest(service, func) == expected
    assert expected != InternalError.code
    assert not [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert not list(service.root.rglob(".*.part"))
