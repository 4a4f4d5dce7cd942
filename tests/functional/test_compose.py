"""ComposeCards over a real WebSocket: of captures, pictures and files."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest

from server.devices.ports.camera import Size
from server.errors import (
    BadParameter,
    BadSuffix,
    DeviceNotOpen,
    FileExists,
    FileMissing,
    PathOutside,
    PictureUnreadable,
    SidesMissing,
)
from synthetic.scene.desk import Desk, Moment, Scene
from tests.fakes.camera import FakeCamera
from tests.functional.conftest import Running, Watch
from tests.functional.page import Message, connect

A4_POINTS = (595.28, 841.89)


@cache
def _jpeg(scene: Scene, step: int = 0) -> bytes:
    """A small picture, as messages of these tests are short."""
    picture = Desk().renderer(scene, Size(1600, 1200)).picture(Moment(step, 0))
    return cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, 80))[1].tobytes()


# Drawn when they are needed: every process of the tests reads this.
front = partial(_jpeg, Scene.CARD)
back = partial(_jpeg, Scene.CARD, 20)
both = partial(_jpeg, Scene.CARDS)


def _coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _page_size(path: str) -> tuple[float, float]:
    with pikepdf.open(path) as document:
        (page,) = document.pages
        return float(page.MediaBox[2]), float(page.MediaBox[3])


def _ink(image: np.ndarray) -> list[int]:
    """Row, in percent of the page, of each card's middle."""
    rows = (image.min(axis=(1, 2)) < 250).astype(np.uint8)
    edges = np.flatnonzero(np.diff(np.pad(rows, 1)))
    blocks = [(edges[at], edges[at + 1]) for at in range(0, len(edges), 2)]
    return [round(100 * (start + end) / 2 / len(rows)) for start, end in blocks if end - start > 20]


async def test_two_pictures_become_a_pdf_of_a4(service: Running) -> None:
    async with connect(service.url) as page:
        asked = {"imageBase64": [_coded(front()), _coded(back())], "filePath": "card.pdf"}
        answer = await page.must("ComposeCards", **asked)
    assert answer["filePath"] == str(service.root / "card.pdf")
    assert (answer["mime"], answer["width"], answer["height"]) == ("application/pdf", 2480, 3508)
    assert _page_size(answer["filePath"]) == pytest.approx(A4_POINTS, abs=0.5)
    assert "fileBase64" not in answer


async def test_one_picture_with_both_becomes_a_jpeg_that_is_in_no_file(service: Running) -> None:
    async with connect(service.url) as page:
        asked = {"imageBase64": _coded(both()), "base64": True, "fileType": 1, "dpi": 100}
        answer = await page.must("ComposeCards", **asked, watermark={"text": "COPY", "colour": "#ff0000"})
    assert "filePath" not in answer and answer["mime"] == "image/jpeg"
    image = cv2.imdecode(np.frombuffer(base64.b64decode(answer["fileBase64"]), np.uint8), cv2.IMREAD_COLOR)
    assert image.shape[:2] == (answer["height"], answer["width"]) == (1169, 827)
    assert len(_ink(image)) >= 2
    assert ((image[:, :, 2].astype(int) - image[:, :, 0]) > 60).any(), "the watermark is drawn"
    assert [path for path in service.root.rglob("*") if path.is_file() and ".gaopai" not in str(path)] == []


async def test_files_and_a_capture_are_taken_too(service: Running) -> None:
    async with connect(service.url) as page:
        for name, data in (("front.jpg", front()), ("back.jpg", back())):
            (service.root / name).write_bytes(data)
        files = await page.must("ComposeCards", imagePath="front.jpg;back.jpg")
        assert Path(files["filePath"]).suffix == ".pdf" and Path(files["filePath"]).is_file()
        camera = FakeCamera("Cards", [Size(1600, 1200)])
        camera.jpegs[Size(1600, 1200)] = [both()]
        service.finder.cameras.append(camera)
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        captured = await page.must("ComposeCards", filePath="{date}-{seq}.png", dpi=100)
        assert Path(captured["filePath"]).name.endswith("-0001.png")
        assert len(_ink(cv2.imread(captured["filePath"]))) == 2


async def test_two_pages_of_a_form_are_beside_or_below_each_other(service: Running) -> None:
    form = cv2.imencode(".png", np.full((424, 300, 3), 90, np.uint8))[1].tobytes()
    async with connect(service.url) as page:
        for layout, upright in ((1, False), (2, True)):
            asked = {"imageBase64": [_coded(form)] * 2, "filePath": f"{layout}.pdf", "layout": layout}
            answer = await page.must("ComposeCards", **asked, dpi=100)
            width, height = _page_size(answer["filePath"])
            assert (height > width) is upright


BAD: list[tuple[Callable[[], Message], type[Exception]]] = [
    (lambda: {"imageBase64": [_coded(front())]}, SidesMissing),
    (lambda: {"imageBase64": [_coded(front()), _coded(_jpeg(Scene.EMPTY))]}, SidesMissing),
    (lambda: {"imageBase64": ["x" * 8, "§"]}, PictureUnreadable),
    (lambda: {"imageBase64": [_coded(front())] * 3}, BadParameter),
    (lambda: {"imagePath": ["a.jpg", "b.jpg", "c.jpg"]}, BadParameter),
    (lambda: {"imagePath": "none.jpg;none2.jpg"}, FileMissing),
    (lambda: {"imagePath": "../../etc/passwd"}, PathOutside),
    (lambda: {"imageBase64": [_coded(front()), _coded(back())], "filePath": "a.exe"}, BadSuffix),
    (lambda: {"imageBase64": [_coded(front()), _coded(back())], "filePath": "taken.pdf"}, FileExists),
    (lambda: {"imageBase64": [_coded(front()), _coded(back())], "layout": 3}, BadParameter),
    (lambda: {}, DeviceNotOpen),
]


@pytest.mark.parametrize(("asked", "error"), BAD)
async def test_what_cannot_be_composed_says_why_and_leaves_nothing(
    service: Running, asked: Callable[[], Message], error: type[BadParameter]
) -> None:
    (service.root / "taken.pdf").write_bytes(b"old")
    for language in ("zh-CN", "en"):
        async with connect(service.url, **{"Accept-Language": language}) as page:
            refused = await page.ask("ComposeCards", **asked())
            assert refused["result"] == error.code, refused
            assert any("\u4e00" <= sign <= "\u9fff" for sign in refused["errorMsg"]) is (language != "en")
    assert [path.name for path in service.root.glob("*.*")] == ["taken.pdf"]
    assert (service.root / "taken.pdf").read_bytes() == b"old"


async def test_the_watermark_of_a_card_is_in_no_log(service: Running, watch: Watch) -> None:
    async with connect(service.url) as page:
        asked = {"imageBase64": _coded(both()), "base64": True, "dpi": 60, "watermark": "for somebody"}
        await page.must("ComposeCards", **asked)
    assert not [line for line in watch.said if "for somebody" in line]
