"""Real photographs of pages, played as a camera, come out cropped through the WebSocket."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from aiohttp import web

from server import config as configuration
from server.app import create_app
from server.config import Config
from server.equipment import Finders, camera_finders
from tests.functional.page import connect, picture

SHARED = Path(os.environ.get("GAOPAI_SHARED", Path(__file__).parents[3] / "shared"))
PHOTOGRAPHS = SHARED / "data" / "quad"
NAMES = ("00745_bright.jpg", "06288_shadow.jpg")

pytestmark = pytest.mark.skipif(
    not PHOTOGRAPHS.is_dir(), reason=f"no photographs with ground truth in {PHOTOGRAPHS}"
)


@pytest.fixture(params=NAMES)
async def photographed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[str, str]]:
    """The service with one photograph as its camera: (file name, address)."""
    config = Config(
        cameras=({"adapter": "filesystem", "path": str(PHOTOGRAPHS / request.param), "name": "Desk"},),
        storage=configuration.StorageConfig(root=str(tmp_path)),
        video=configuration.VideoConfig(enabled=False),
    )
    app = await asyncio.to_thread(lambda: create_app(config, Finders(camera_finders(config, demo=False))))
    runner = web.AppRunner(app, shutdown_timeout=5.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield request.param, f"ws://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_the_page_is_cut_out_along_its_true_sides(photographed: tuple[str, str]) -> None:
    name, url = photographed
    truth = np.array(json.loads((PHOTOGRAPHS / "quads.json").read_text())[name], np.float32)
    async with connect(url) as page:
        devices = (await page.must("GetCameraInfo"))["devInfo"]
        number = next(entry["id"] for entry in devices if entry["devName"] == "Desk")
        await page.must("OpenCamera", devNum=number)
        whole = _decode(picture(await page.must("CameraCaptureBase64")))
        await page.must("SetCameraImageInfo", cropType=1)
        cropped = _decode(picture(await page.must("CameraCaptureBase64")))
    # The true page, warped to the crop's own size, must look like the crop: a crop of another
    # quadrilateral would shift every line of text.
    height, width = cropped.shape
    corners = np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float32)
    expected = cv2.warpPerspective(whole, cv2.getPerspectiveTransform(truth, corners), (width, height))
    assert _correlation(expected, cropped) > 0.9
    assert _correlation(np.roll(expected, width // 20, axis=1), cropped) < 0.9


def _decode(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    small = [
        cv2.GaussianBlur(cv2.resize(image, (300, 420), interpolation=cv2.INTER_AREA), (0, 0), 2)
        for image in (one, other)
    ]
    return float(np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1])
