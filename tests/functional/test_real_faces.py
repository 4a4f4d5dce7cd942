"""FaceMatch through the real nets: a drawn person, and what shall pass for one, before the demo cameras."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import cv2
import numpy as np
import pytest
from aiohttp import web

from imgcore.types import Image
from server.app import create_app
from server.config import Config
from server.devices.adapters.demo import DemoFaceCameraFinder
from server.equipment import Engines, Finders
from server.errors import FaceNotLive, LivenessUnclear, NoFace
from server.services.faces.onnx_engine import OnnxFaceEngine
from synthetic.faces import Sitter, pose
from tests.fakes.face_engine import coded
from tests.fakes.finger_sensor import FakeMatcher
from tests.functional.page import Message, Page, connect
from tests.patience import PATIENCE_MS

NOT_ALIVE = {FaceNotLive.code, LivenessUnclear.code}
ROUND_MS = 12_000
"""Milliseconds in which the demo person has turned its head to both sides."""
CHIP = (102, 126)
"""Width and height of the portrait on a resident ID card."""


def portrait() -> Image:
    """The person before the camera, as a card holds a picture."""
    head = Sitter(640, 480).colour(pose(10))[60:420, 175:466]
    return np.asarray(cv2.resize(head, CHIP, interpolation=cv2.INTER_AREA), np.uint8)


@pytest.fixture
async def url(config: Config) -> AsyncIterator[str]:
    """The service with the engine it has by default, and the demo cameras."""
    engine = OnnxFaceEngine()
    missing = await asyncio.to_thread(engine.missing_model, liveness=False)
    if missing is not None:
        pytest.skip(str(missing))
    finders = Finders([DemoFaceCameraFinder(attacks=True)], [], [], [])
    app = await asyncio.to_thread(create_app, config, finders, Engines(FakeMatcher(), engine))
    runner = web.AppRunner(app, shutdown_timeout=5.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"ws://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def opened(page: Page, number: int) -> None:
    await page.must("GetFaceCameraInfo")
    await page.must("OpenFaceCamera", faceCameraNum=number, faceResolutionNum=1)


async def living(page: Page) -> list[str]:
    """Switch liveness detection on; the means by which it tells."""
    return (await page.must("SetFaceLivingBodyState", faceLivingBody=1))["livingBy"]


async def matched(page: Page, given: str, milliseconds: int) -> Message:
    """The answer of a comparison; what the person is asked to do meanwhile has its number, too."""
    number = await page.send("FaceMatch", faceImageBase64=given, timeout=milliseconds)
    while (answer := await page.answer(number))["func"] != "FaceMatch":
        pass
    return answer


async def test_a_portrait_off_a_card_matches_the_person_before_the_camera(url: str) -> None:
    async with connect(url) as page:
        await opened(page, 0)
        answer = await page.must("FaceMatch", faceImageBase64=coded(portrait()), timeout=PATIENCE_MS)
    assert answer["similarity"] > 0.9


async def test_two_pictures_are_compared_and_one_without_a_face_is_named(url: str) -> None:
    async with connect(url, **{"Accept-Language": "en"}) as page:
        await opened(page, 0)
        nobody = np.full((126, 102, 3), 180, np.uint8)
        answer = await page.ask("FaceMatch", faceImageBase64=coded(nobody))
    assert answer["result"] == NoFace.code and "faceImageBase64" in answer["errorMsg"]


@pytest.mark.long
async def test_who_is_alive_passes_and_what_is_shown_or_printed_does_not(url: str) -> None:
    async with connect(url) as page:
        await opened(page, 0)
        await living(page)
        given = coded(portrait())
        answer = await matched(page, given, PATIENCE_MS)
        assert answer["result"] == 0, answer
        assert answer["similarity"] > 0.7
        for attack in (1, 2):
            await page.must("CloseFaceCamera")
            await opened(page, attack)
            # A screen and a print do not turn their heads: without a model, no action shows them as alive.
            expected = {FaceNotLive.code} if "model" in await living(page) else NOT_ALIVE
            refused = await matched(page, given, ROUND_MS)
            assert refused["result"] in expected, refused
