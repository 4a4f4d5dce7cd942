"""Quality, size, resolution, colours, watermarks and names of captures and scans, over a real WebSocket."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import PIL.Image
import pytest

from server import config as configuration
from server.config import Config
from server.documents import typeface
from server.errors import BadParameter, FontMissing, MissingParameter, NamePartMissing, PictureTooLarge
from tests.fakes.camera import SIZES
from tests.functional.conftest import Running, Watch
from tests.functional.page import Message, Page, connect, picture

SECRET = "仅供张三办理"
TILED = {"text": SECRET, "position": "tiled", "opacity": 1, "size": 6, "colour": "#ff0000"}
CHINESE = any(path.suffix == ".ttc" or "wqy" in path.name for path in typeface.installed_fonts())
needs_font = pytest.mark.skipif(not CHINESE, reason="no Chinese font is installed: fonts-noto-cjk")


async def _open(page: Page) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)


def _decoded(data: bytes) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED))


def _red(image: np.ndarray) -> float:
    blue, green, red = (image[:, :, channel].astype(int) for channel in range(3))
    return float(((red > 150) & (blue < 100) & (green < 100)).mean())


async def test_quality_size_and_resolution_are_those_asked_for(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        low, high = [len(picture(await page.must("CameraCaptureBase64", quality=q))) for q in ("10", 95)]
        assert low < high
        small = await page.must("CameraCaptureBase64", maxBytes=5000, dpi=300)
        assert len(picture(small)) <= 5000
        with PIL.Image.open(io.BytesIO(picture(small))) as opened:
            assert opened.size == (small["width"], small["height"])
        dense = picture(await page.must("CameraCaptureBase64", dpi=300))
        with PIL.Image.open(io.BytesIO(dense)) as opened:
            assert opened.info["dpi"] == (300, 300)
        assert dense[20:] in [jpeg[20:] for jpeg in service.camera.jpegs[SIZES[0]]], "not encoded anew"
        roomy = picture(await page.must("CameraCaptureBase64", maxBytes=10_000_000))
        assert roomy in service.camera.jpegs[SIZES[0]]


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "pdf"])
async def test_files_state_their_resolution(service: Running, suffix: str) -> None:
    async with connect(service.url) as page:
        await _open(page)
        (path,) = (await page.must("CameraCapture", imagePath=f"a.{suffix}", dpi=150))["imagePath"]
    if suffix == "pdf":
        with pikepdf.open(path) as document:
            width = float(document.pages[0].MediaBox[2])
        assert width == pytest.approx(SIZES[0].width / 150 * 72, abs=0.1)
        return
    with PIL.Image.open(path) as opened:
        assert opened.info["dpi"][0] == pytest.approx(150, abs=0.1)


async def test_colours_are_taken_away(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        grey = _decoded(picture(await page.must("CameraCaptureBase64", colorMode=1)))
        assert grey.ndim == 2
        (path,) = (await page.must("CameraCapture", imagePath="a.png", colorMode="2"))["imagePath"]
        assert set(np.unique(_decoded(Path(path).read_bytes()))) <= {0, 255}


@needs_font
async def test_a_watermark_in_chinese_is_drawn_last_and_nowhere_in_the_logs(
    service: Running, watch: Watch
) -> None:
    async with connect(service.url) as page:
        await _open(page)
        await page.must("SetCameraImageInfo", devNum=0, imageType=1)
        assert _decoded(picture(await page.must("CameraCaptureBase64"))).ndim == 2
        await page.must("SetCameraImageInfo", devNum=0, imageType=0)
        marked = _decoded(picture(await page.must("CameraCaptureBase64", watermark=TILED)))
        assert _red(marked) > 0.01
        (path,) = (await page.must("CameraCapture", imagePath="w.png", watermark=TILED))["imagePath"]
        assert _red(_decoded(Path(path).read_bytes())) > 0.01
        short = _decoded(picture(await page.must("CameraCaptureBase64", watermark=SECRET, quality=100)))
        assert _red(short) < 0.01
        scanned = await page.must("Scan", devIndex=0, imagePath="s.png", watermark={**TILED, "time": True})
        assert _red(_decoded(Path(scanned["imagePath"][0]).read_bytes())) > 0.005
        refused = await page.ask("CameraCaptureBase64", watermark={**TILED, "size": 99})
        assert refused["result"] == BadParameter.code and SECRET not in refused["errorMsg"]
    assert not [line for line in watch.said if SECRET in line]


BAD = [
    ({"quality": 0}, BadParameter, "quality"),
    ({"quality": "high"}, BadParameter, "quality"),
    ({"maxBytes": 10}, BadParameter, "maxBytes"),
    ({"dpi": 0}, BadParameter, "dpi"),
    ({"colorMode": 3}, BadParameter, "colorMode"),
    ({"watermark": 7}, BadParameter, "watermark"),
    ({"watermark": {"position": 4}}, MissingParameter, "watermark.text"),
    ({"watermark": {"text": "x", "position": 9}}, BadParameter, "watermark.position"),
    ({"watermark": {"text": "x", "position": "middle"}}, BadParameter, "watermark.position"),
    ({"watermark": {"text": "x", "opacity": 2}}, BadParameter, "watermark.opacity"),
    ({"watermark": {"text": "x", "colour": "red"}}, BadParameter, "watermark.colour"),
    ({"watermark": {"text": "x" * 201}}, BadParameter, "watermark.text"),
    ({"watermark": {"text": "x\n" * 20}}, BadParameter, "watermark.text"),
]


@pytest.mark.parametrize(("asked", "error", "named"), BAD)
@pytest.mark.parametrize("func", ["CameraCapture", "Scan"])
async def test_what_cannot_be_names_the_field_and_writes_nothing(
    service: Running, func: str, asked: Message, error: type[BadParameter], named: str
) -> None:
    for language, words in (("zh-CN", re.compile("[\u4e00-\u9fff]")), ("en", re.compile("expected|missing"))):
        async with connect(service.url, **{"Accept-Language": language}) as page:
            await _open(page)
            refused = await page.ask(func, imagePath="bad.jpg", **asked)
            assert refused["result"] == error.code, refused
            assert named in refused["errorMsg"] and words.search(refused["errorMsg"])
            await page.must("CloseCamera")
    assert list(service.root.rglob("*.jpg")) == []


async def test_a_file_that_cannot_be_so_small_is_not_written(service: Running) -> None:
    async with connect(service.url, **{"Accept-Language": "en"}) as page:
        await _open(page)
        refused = await page.ask("CameraCapture", imagePath="a.png", maxBytes=1000)
        assert refused["result"] == PictureTooLarge.code and "1000 B" in refused["errorMsg"]
    assert list(service.root.rglob("*.png")) == []


async def test_a_character_of_no_font_is_an_error_and_no_box(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typeface, "FOLDERS", ())
    async with connect(service.url, **{"Accept-Language": "en"}) as page:
        await _open(page)
        await page.must("CameraCaptureBase64", watermark="COPY")
        refused = await page.ask("CameraCapture", imagePath="a.jpg", watermark=SECRET)
        assert refused["result"] == FontMissing.code and "fonts-noto-cjk" in refused["errorMsg"]
        assert SECRET not in refused["errorMsg"]
    assert list(service.root.rglob("*.jpg")) == []


async def test_names_come_from_a_template_and_never_meet(service: Running) -> None:
    async with connect(service.url) as page:
        await _open(page)
        names = [
            Path((await page.must("CameraCapture", imagePath="{date}/p-{seq}.jpg"))["imagePath"][0])
            for _ in range(3)
        ]
        assert [name.name for name in names] == ["p-0001.jpg", "p-0002.jpg", "p-0003.jpg"]
        assert re.fullmatch(r"\d{8}", names[0].parent.name)
        scanned = await page.must("Scan", devIndex=0, imagePath="{date}/p-{seq}.jpg")
        assert Path(scanned["imagePath"][0]).name == "p-0004.jpg"
        unread = await page.ask("CameraCapture", imagePath="{idNum}.jpg")
        assert unread["result"] == NamePartMissing.code
        card = await page.must("ReadIDCardInfo", idType=0)
        (path,) = (await page.must("CameraCapture", imagePath="{idNum}-{seq:2}.jpg"))["imagePath"]
        assert Path(path).name == f"{card['cardInfo']['id']}-01.jpg"
        (path,) = (await page.must("CameraCapture", imagePath="{barcode}.png"))["imagePath"]
        assert Path(path).name == "nobarcode.png"


class TestConfigured:
    """Defaults in the configuration, requests on top."""

    @pytest.fixture
    def config(self, config: Config) -> Config:
        watermark = configuration.WatermarkConfig(
            text="COPY", position="tiled", opacity=1.0, colour="#ff0000"
        )
        output = configuration.OutputConfig(quality=50, dpi=200, name="{date}-{seq}", watermark=watermark)
        return configuration.replace(config, output=output)

    async def test_the_configuration_is_the_default_and_requests_say_otherwise(
        self, service: Running
    ) -> None:
        async with connect(service.url) as page:
            await _open(page)
            (path,) = (await page.must("CameraCapture"))["imagePath"]
            assert re.fullmatch(r"\d{8}-0001\.jpg", os.path.basename(path))  # noqa: PTH119 - of an answer
            data = Path(path).read_bytes()
            assert _red(_decoded(data)) > 0.005
            with PIL.Image.open(io.BytesIO(data)) as opened:
                assert opened.info["dpi"] == (200, 200)
            bare = picture(await page.must("CameraCaptureBase64", watermark="", quality=90))
            assert _red(_decoded(bare)) < 0.001
            other = picture(await page.must("CameraCaptureBase64", watermark={"colour": "#0000ff"}))
            assert _red(_decoded(other)) < 0.001
