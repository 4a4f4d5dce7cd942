"""The controls of a camera over a real WebSocket."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from server.config import Config
from server.devices.adapters.demo import DemoCameraFinder
from server.errors import BadParameter, ControlNotSupported, DeviceNotOpen, MissingParameter
from server.services.cameras import controls
from server.services.cameras.kept import FILE
from tests.functional.conftest import Running
from tests.functional.page import Page, connect, picture


@pytest.fixture
def demo(service: Running) -> DemoCameraFinder:
    """The demo camera, in place of the fake one."""
    finder = DemoCameraFinder()
    service.finder.cameras = list(finder.find())
    return finder


async def _open(page: Page) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0, resolutionNum=6)


async def _detail(page: Page) -> float:
    image = cv2.imdecode(np.frombuffer(picture(await page.must("CameraCaptureBase64")), np.uint8), 0)
    return float(cv2.Laplacian(image, cv2.CV_64F).var())


async def test_a_lens_out_of_focus_blurs_and_one_key_finds_it_again(
    service: Running, demo: DemoCameraFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controls, "FOCUS_SECONDS", 0.01)
    async with connect(service.url) as page:
        await _open(page)
        sharp = await _detail(page)
        set_to = await page.must("SetCameraControl", control="focus", value=255)
        assert (set_to["control"]["value"], set_to["control"]["auto"]) == (255, False)
        assert await _detail(page) < 0.6 * sharp
        found = await page.must("SetCameraControl", control="focus", once=True)
        assert (found["control"]["value"], found["control"]["auto"]) == (90, False)
        assert await _detail(page) > 0.9 * sharp


async def test_the_listing_says_what_there_is_and_what_not(service: Running, demo: DemoCameraFinder) -> None:
    async with connect(service.url) as page:
        await _open(page)
        answer = await page.must("GetCameraControls", devNum=0)
        assert [one["control"] for one in answer["controls"]] == ["focus", "brightness", "contrast"]
        assert "zoom" in answer["unsupported"]
        assert (answer["controls"][1]["auto"], answer["controls"][1]["once"]) == (None, False)


async def test_a_camera_without_controls_says_so(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        assert (await page.must("GetCameraControls"))["controls"] == []
        answer = await page.ask("SetCameraControl", control="focus", auto=True)
        assert answer["result"] == ControlNotSupported.code
        assert "focus" in answer["errorMsg"]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"control": "focus"}, MissingParameter.code),
        ({"control": "focus", "value": 256}, BadParameter.code),
        ({"control": "focus", "value": 3}, BadParameter.code),
        ({"control": "focus", "value": 2**40}, BadParameter.code),
        ({"control": "brightness", "auto": True}, ControlNotSupported.code),
        ({"control": "brightness", "auto": False}, ControlNotSupported.code),
        ({"control": "brightness", "once": True}, ControlNotSupported.code),
        ({"control": "zoom", "value": 1}, ControlNotSupported.code),
        ({"control": "shutter", "value": 1}, BadParameter.code),
    ],
)
async def test_what_cannot_be_set_is_refused_and_changes_nothing(
    service: Running, demo: DemoCameraFinder, config: Config, request_: dict[str, object], code: int
) -> None:
    async with connect(service.url) as page:
        await _open(page)
        before = (await page.must("GetCameraControls"))["controls"]
        assert (await page.ask("SetCameraControl", **request_))["result"] == code
        assert (await page.must("GetCameraControls"))["controls"] == before
        assert not await asyncio.to_thread((Path(config.access.folder) / FILE).exists)


async def test_a_camera_that_is_not_open_has_no_controls(service: Running, demo: DemoCameraFinder) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        for func in ("GetCameraControls", "SetCameraControl"):
            answer = await page.ask(func, devNum=0, control="focus", value=0)
            assert answer["result"] == DeviceNotOpen.code


async def test_settings_are_kept_by_model_and_set_at_the_next_opening(
    service: Running, demo: DemoCameraFinder, config: Config
) -> None:
    async with connect(service.url) as page:
        await _open(page)
        await page.must("SetCameraControl", control="brightness", value=-20)
        await page.must("SetCameraControl", control="focus", auto=True)
    kept = json.loads(await asyncio.to_thread((Path(config.access.folder) / FILE).read_text))
    assert kept["models"] == {
        "Demo Document Camera": {"brightness": {"value": -20}, "focus": {"automatic": True}}
    }
    demo.desk.optics = type(demo.desk.optics)()  # the camera lost its power
    async with connect(service.url) as page:
        await _open(page)
        values = {one["control"]: one["value"] for one in (await page.must("GetCameraControls"))["controls"]}
        assert values["brightness"] == -20


async def test_a_damaged_file_of_settings_costs_no_opening(
    service: Running, demo: DemoCameraFinder, config: Config
) -> None:
    path = Path(config.access.folder) / FILE

    def damage() -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"models": 3}', encoding="utf-8")

    await asyncio.to_thread(damage)
    async with connect(service.url) as page:
        await _open(page)
        set_to = await page.must("SetCameraControl", control="brightness", value=5)
        assert set_to["control"]["value"] == 5
