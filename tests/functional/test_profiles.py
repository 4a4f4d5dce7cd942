"""Profiles: parameters that requests take over by name, or from an object that they bring."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from server import config as configuration
from server.app import profiles_of
from server.config import Config, ConfigError
from server.errors import BadParameter, UploadNotAllowed
from tests.fakes.camera import SIZES
from tests.functional import conftest as functional
from tests.functional.conftest import Running
from tests.functional.page import connect, picture
from tests.functional.test_scan import until_end

PROFILES = {
    "contract": {
        "scanSource": 1,
        "scanResolution": 2,
        "imagePath": "contracts/c.png",
        "filePath": "contracts/all.pdf",
        "fileType": 0,
        "cropType": 1,
        "imageType": 1,
        "quality": 60,
        "url": "http://files.invalid/up",
        "params": {"kind": "contract"},
    }
}

base_config = pytest.fixture(name="base_config")(functional.config.__wrapped__)


@pytest.fixture
def config(base_config: Config) -> Config:
    return configuration.replace(base_config, profiles=PROFILES)


def shape(path: Path | str) -> tuple[int, ...]:
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image is not None
    return tuple(image.shape)


async def test_a_capture_takes_over_a_profile(service: Running) -> None:
    async with connect(service.url) as page:
        assert (await page.must("GetServiceInfo"))["profiles"] == ["contract"]
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        saved = await page.must("CameraCapture", profile="contract")
        assert saved["imagePath"] == [str(service.root / "contracts/c.png")]
        cut = shape(saved["imagePath"][0])
        assert len(cut) == 2, "grey, as the profile says"
        assert cut[1] < SIZES[0].width, "cut to the page"
        own = await page.must(
            "CameraCapture", profile="contract", imgPath="own.png", settings={"cropType": 0}
        )
        assert shape(own["imagePath"][0]) == (SIZES[0].height, SIZES[0].width, 3), "its own come first"
        # Settings of one capture are not kept.
        whole = picture(await page.must("CameraCaptureBase64"))
        assert cv2.imdecode(np.frombuffer(whole, np.uint8), cv2.IMREAD_UNCHANGED).shape[1] == SIZES[0].width


async def test_a_page_brings_a_profile_of_its_own(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        mine = {"imagePath": "mine.png", "imageType": 1, "nothing": 7}
        saved = await page.must("CameraCapture", profile=mine)
        assert len(shape(saved["imagePath"][0])) == 2
        assert (await page.ask("CameraCapture", profile={"imageType": 99}))["result"] == BadParameter.code
        refused = await page.ask("CameraCapture", profile="none")
        assert refused["result"] == BadParameter.code
        assert "contract" in refused["errorMsg"]
        assert (await page.ask("CameraCapture", profile=7))["result"] == BadParameter.code


async def test_a_scan_a_merge_and_an_upload_by_one_profile(service: Running) -> None:
    async with connect(service.url) as page:
        scanned = await until_end(page, await page.send("Scan", profile="contract", imagePath=""))
        files = scanned[-1]["imagePath"]
        assert len(files) > 1, "the feeder"
        assert all(len(shape(file)) == 2 for file in files)
        merged = await page.must("MergeFile", profile="contract", imagePath=files)
        assert merged["filePath"] == str(service.root / "contracts/all.pdf")
        refused = await page.ask("UploadHttpFile", profile="contract", imagePath=files)
        assert refused["result"] == UploadNotAllowed.code, "the address of the profile"


@pytest.mark.parametrize(
    ("members", "named"),
    [({"scanSorce": 1}, "scanSorce"), ({"quality": 0}, "quality"), ({"cropType": 9}, "cropType")],
)
def test_mistakes_in_the_configuration_stop_the_start(members: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        profiles_of(Config(profiles={"x": members}))


@pytest.mark.parametrize("path", ["../out.png", "//host/share/x.png", "~/x.png", "x.exe"])
async def test_a_path_of_a_profile_is_judged_as_one_of_a_request(service: Running, path: str) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        by_name = await page.ask("CameraCapture", imagePath=path)
        assert (
            (await page.ask("CameraCapture", profile={"imagePath": path}))["result"] == by_name["result"] != 0
        )
