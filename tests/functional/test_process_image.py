"""Handles and corners of captures and scans, and ProcessImage, over a real WebSocket."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pikepdf
import pytest

from imgcore.outline import Refusal
from server import config as configuration
from server.config import Config
from server.errors import (
    BadParameter,
    BadSuffix,
    FileExists,
    MissingParameter,
    OriginalGone,
    PictureUnreadable,
)
from synthetic.datasets.whole_pages import make_whole_page
from tests.fakes.camera import SIZES, page_jpeg
from tests.fakes.paper import desk, laid
from tests.fakes.scanner import sheet
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import FRAMES, Message, Page, about_sockets, connect, picture
from tests.functional.test_scan import scan

SIZE = SIZES[0]
INNER = [[160, 96], [480, 96], [480, 384], [160, 384]]
"""The page that the fake camera shows."""


def decoded(message: Message) -> np.ndarray:
    return np.asarray(cv2.imdecode(np.frombuffer(picture(message), np.uint8), cv2.IMREAD_COLOR))


async def captured(page: Page, **settings: object) -> Message:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)
    await page.must("SetCameraImageInfo", devNum=0, **settings)
    return await page.must("CameraCaptureBase64", devNum=0)


def near(one: list[list[float]], other: list[list[float]], by: float = 4) -> bool:
    return float(np.abs(np.subtract(one, other)).max()) <= by


async def test_a_capture_has_corners_and_a_handle_which_gives_its_picture_again(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        first = await captured(page, cropType=1)
        assert near(first["corners"], INNER), first["corners"]
        again = await page.must("ProcessImage", handle=first["handle"], corners=first["corners"])
        assert (again["imageIndex"], again["imageCount"], again["mime"]) == (1, 1, "image/jpeg")
        assert again["handle"] == first["handle"] and near(again["corners"], first["corners"], 0.02)
        assert abs(again["width"] - first["width"]) <= 1 and "verdict" in again
        same = cv2.resize(decoded(again), decoded(first).shape[1::-1])
        assert cv2.absdiff(same, decoded(first)).mean() < 3
        searched = await page.must("ProcessImage", handle=first["handle"], cropType=1)
        assert near(searched["corners"], first["corners"], 0.02)


async def test_without_a_crop_there_are_no_corners_and_the_original_is_what_the_camera_made(
    service: Running,
) -> None:
    async with connect(service.url) as page:
        first = await captured(page, rotate=90)
        assert "corners" not in first and (first["width"], first["height"]) == SIZE[::-1]
        whole = await page.must("ProcessImage", handle=first["handle"], filePath="whole.png")
        image = cv2.imread(whole["imagePath"][0])
        jpegs = service.camera.jpegs[SIZE]
        assert any((image == cv2.imdecode(np.frombuffer(one, np.uint8), 1)).all() for one in jpegs)


async def test_a_capture_says_what_became_of_its_crop(service: Running) -> None:
    async with connect(service.url) as page:
        whole = await captured(page)
        assert whole["crop"] == {"state": "whole", "reason": "not asked for"}
        first = await captured(page, cropType=1)
        assert first["crop"] == {"state": "cropped", "corners": first["corners"], "prior": "picture"}
        saved = await page.must("CameraCapture", devNum=0, imagePath="page.jpg")
        assert saved["crop"]["state"] == "cropped"
        await page.must("SetScannerImageInfo", cropType=1)
        (file,) = await scan(page, imagePath="scanned.jpg")
        assert {cut["crop"]["prior"] for cut in file["cuts"]} <= {"feeder", "glass"}
        again = await page.must("ProcessImage", handle=first["handle"])
        assert again["crop"] == {"state": "whole", "reason": "not asked for"}


@pytest.mark.long
@about_sockets(FRAMES)
async def test_what_is_not_trusted_is_told_and_its_corners_cut_it(service: Running) -> None:
    form = cv2.resize(make_whole_page(9, "album").picture, SIZE)
    service.camera.jpegs[SIZE] = [cv2.imencode(".jpg", form)[1].tobytes()]
    async with connect(service.url) as page:
        first = await captured(page, cropType=1)
        assert first["crop"]["state"] == "unsure" and first["crop"]["reason"] in list(Refusal)
        assert (first["width"], first["height"]) == SIZE and "corners" not in first
        number = await page.send("GetCameraVideoBuff", devNum=0, enable=True)
        while (frame := await page.answer(number))["crop"]["state"] != "unsure":
            assert frame["crop"] == {"state": "whole", "reason": "no page was found", "prior": "picture"}
        assert near(frame["crop"]["corners"], first["crop"]["corners"])
        told = first["crop"]
        cut = await page.must("ProcessImage", handle=first["handle"], corners=told["corners"])
        assert cut["crop"]["state"] == "cropped" and near(cut["crop"]["corners"], told["corners"])


@pytest.mark.long
@about_sockets(FRAMES)
async def test_a_desk_that_was_seen_empty_tells_what_has_come_to_it(service: Running) -> None:
    def show(image: np.ndarray) -> None:
        service.camera.jpegs[SIZE] = [cv2.imencode(".jpg", image)[1].tobytes()]

    table = desk(*SIZE)
    card = np.array([(200, 120), (460, 140), (450, 330), (190, 310)], np.float32)
    show(table)
    async with connect(service.url) as page:
        empty = await captured(page, cropType=1)
        assert empty["crop"] == {"state": "whole", "reason": "no page was found", "prior": "picture"}
        number = await page.send("GetCameraVideoBuff", devNum=0, enable=True)
        while (await page.answer(number))["crop"]["prior"] != "desk":
            pass
        dark = np.full((190, 260, 3), (40, 66, 94), np.uint8)
        show(laid(dark, card, table))
        while (frame := await page.answer(number))["crop"]["state"] != "cropped":
            pass
        assert frame["crop"]["prior"] == "desk" and near(frame["crop"]["corners"], (card + 0.5).tolist(), 3)
        taken = await page.must("CameraCaptureBase64", devNum=0)
        assert taken["crop"]["prior"] == "desk" and near(taken["corners"], (card + 0.5).tolist(), 3)
        alone = await page.must("ProcessImage", handle=taken["handle"], cropType=1)
        assert alone["crop"]["prior"] == "picture"


class TestCropsOfWhatIsNotTrusted:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return configuration.replace(config, crop=configuration.CropConfig(when_unsure="crop"))

    async def test_they_are_made_and_say_so(self, service: Running) -> None:
        form = cv2.resize(make_whole_page(9, "album").picture, SIZE)
        service.camera.jpegs[SIZE] = [cv2.imencode(".jpg", form)[1].tobytes()]
        async with connect(service.url) as page:
            first = await captured(page, cropType=1)
            assert first["crop"]["state"] == "cropped" and first["crop"]["reason"] in list(Refusal)
            assert first["corners"] == first["crop"]["corners"]
            assert (first["width"], first["height"]) != SIZE
            again = await page.must("ProcessImage", handle=first["handle"], cropType=1)
            assert near(again["corners"], first["corners"], 0.1)


async def test_corners_are_of_the_original_and_rotate_turns_what_was_cut(service: Running) -> None:
    async with connect(service.url) as page:
        first = await captured(page, cropType=1, rotate=270)
        upright = await page.must("ProcessImage", handle=first["handle"], corners=INNER)
        assert (upright["width"], upright["height"]) == (320, 288)
        assert near(first["corners"], INNER[1:] + INNER[:1])
        turned = await page.must("ProcessImage", handle=first["handle"], corners=INNER, rotate=90)
        assert cv2.absdiff(decoded(turned), cv2.rotate(decoded(upright), 0)).mean() < 1
        assert turned["corners"] == [INNER[3], *INNER[:3]]
        grey = await page.must(
            "ProcessImage", handle=first["handle"], corners=INNER, cropType=4, imageType=1, quality=40
        )
        assert len(picture(grey)) < len(picture(upright))
        assert np.ptp(decoded(grey).astype(int), axis=2).max() == 0


async def test_several_documents_have_one_handle_and_corners_each(service: Running) -> None:
    one = cv2.imdecode(np.frombuffer(page_jpeg(SIZE), np.uint8), 1)
    service.camera.jpegs[SIZE] = [cv2.imencode(".jpg", np.hstack([one, one])[:, ::2])[1].tobytes()]
    async with connect(service.url) as page:
        await captured(page, cropType=2)
        saved = await page.must("CameraCapture", devNum=0, imagePath="two.jpg")
        assert len(saved["imagePath"]) == len(saved["cuts"]) == 2, saved
        assert {cut["handle"] for cut in saved["cuts"]} == {saved["handle"]}
        assert saved["corners"] == saved["cuts"][0]["corners"] != saved["cuts"][1]["corners"]
        number = await page.send("ProcessImage", handle=saved["handle"], cropType=2)
        messages = [await page.answer(number) for _ in range(2)]
        assert [message["imageIndex"] for message in messages] == [1, 2]
        assert [message["corners"] for message in messages] == [cut["corners"] for cut in saved["cuts"]]
        files = await page.must(
            "ProcessImage", handle=saved["handle"], cropType=2, filePath="again.pdf", imageType=2
        )
        assert len(files["imagePath"]) == len(files["cuts"]) == files["imageCount"] == 2
        with pikepdf.open(files["imagePath"][1]) as document:
            assert len(document.pages) == 1
        number = await page.send(
            "ProcessImage", handle=saved["handle"], cropType=2, filePath="both.webp", base64=True
        )
        both = [await page.answer(number) for _ in range(2)]
        assert [message["mime"] for message in both] == ["image/webp"] * 2
        assert [len(message["imagePath"]) for message in both] == [1, 1]


async def test_scanned_pages_have_originals_too(service: Running) -> None:
    service.scanner.pages = [sheet(number) for number in (1, 2)]
    async with connect(service.url) as page:
        pages = await scan(page)
        assert len({message["handle"] for message in pages}) == 2
        again = await page.must("ProcessImage", handle=pages[0]["handle"])
        assert picture(again) != b"" and (again["width"], again["height"]) == (
            pages[0]["width"],
            pages[0]["height"],
        )
        assert cv2.absdiff(decoded(again), decoded(pages[0])).mean() < 2
        await page.must("SetScannerImageInfo", imageType=2, rotate=180)
        service.scanner.pages = [sheet(number) for number in (1, 2)]
        (files,) = await scan(page, imagePath="case/scan.jpg")
        assert len(files["cuts"]) == 2
        plain = await page.must("ProcessImage", handle=files["cuts"][1]["handle"])
        assert cv2.absdiff(decoded(plain), decoded(pages[1])).mean() < 4


async def test_a_picture_and_a_file_of_the_page_are_worked_on_as_well(service: Running) -> None:
    coded = base64.b64encode(page_jpeg(SIZE)).decode()
    async with connect(service.url) as page:
        first = await page.must(
            "ProcessImage", imageBase64=coded, cropType=1, filePath="cut.pdf", base64=True
        )
        assert near(first["corners"], INNER) and picture(first).startswith(b"%PDF")
        assert first["mime"] == "application/pdf" and len(first["imagePath"]) == 1
        again = await page.must(
            "ProcessImage", handle=first["handle"], corners=[{"x": x, "y": y} for x, y in INNER]
        )
        assert (again["width"], again["height"]) == (320, 288)
        of_file = await page.must("ProcessImage", imagePath="cut.pdf", rotate="90", dpi=100)
        assert of_file["width"] > 0 and "corners" not in of_file


BAD: list[tuple[Message, type[Exception], str | None]] = [
    ({}, MissingParameter, None),
    ({"handle": "x" * 24}, OriginalGone, None),
    ({"handle": "x" * 101}, BadParameter, "handle"),
    ({"handle": "HANDLE", "imagePath": "a.jpg"}, BadParameter, "handle/imageBase64/imagePath"),
    ({"handle": "HANDLE", "imageBase64": "/9j/"}, BadParameter, "handle/imageBase64/imagePath"),
    ({"handle": "HANDLE", "corners": INNER, "cropType": 1}, BadParameter, "cropType"),
    ({"handle": "HANDLE", "corners": INNER, "cropRect": [0, 0, 9, 9]}, BadParameter, "cropType"),
    ({"handle": "HANDLE", "cropType": 4}, BadParameter, "cropRect"),
    ({"handle": "HANDLE", "corners": INNER[:3]}, BadParameter, "corners"),
    ({"handle": "HANDLE", "corners": [[0, 0, 0]] * 4}, BadParameter, "corners"),
    ({"handle": "HANDLE", "corners": "0,0,9,9"}, BadParameter, "corners"),
    ({"handle": "HANDLE", "corners": [[x + 900, y] for x, y in INNER]}, BadParameter, "corners"),
    ({"handle": "HANDLE", "corners": [[x - 500, y] for x, y in INNER]}, BadParameter, "corners"),
    ({"handle": "HANDLE", "corners": [INNER[0], INNER[2], INNER[1], INNER[3]]}, BadParameter, "corners"),
    ({"handle": "HANDLE", "corners": INNER[::-1]}, BadParameter, "corners"),
    ({"handle": "HANDLE", "corners": [[9, 9], [12, 9], [12, 12], [9, 12]]}, BadParameter, "corners"),
    ({"handle": "HANDLE", "corners": [[1e300, 0], *INNER[1:]]}, BadParameter, "corners"),
    ({"handle": "HANDLE", "filePath": "a.exe"}, BadSuffix, None),
    ({"handle": "HANDLE", "filePath": "taken.jpg"}, FileExists, None),
    ({"imageBase64": base64.b64encode(b"\xff\xd8\xffnothing").decode()}, PictureUnreadable, None),
]


@pytest.mark.parametrize("number", range(len(BAD)))
async def test_what_cannot_be_done_says_why_in_both_languages(service: Running, number: int) -> None:
    asked, error, field = BAD[number]
    service.root.mkdir(exist_ok=True)
    (service.root / "taken.jpg").write_bytes(b"old")
    for language in ("zh-CN", "en"):
        async with connect(service.url, **{"Accept-Language": language}) as page:
            handle = (await captured(page))["handle"]
            sent = {key: handle if value == "HANDLE" else value for key, value in asked.items()}
            refused = await page.ask("ProcessImage", **sent)
            assert refused["result"] == error.code, refused
            assert field is None or field in refused["errorMsg"]
            assert any("\u4e00" <= sign <= "\u9fff" for sign in refused["errorMsg"]) is (language != "en")
    assert [path.name for path in service.root.glob("*.*")] == ["taken.jpg"]


async def test_a_handle_is_its_origins_alone_and_outlives_the_connection(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        handle = (await captured(page))["handle"]
    for origin, result in ((ALLOWED, 0), (OTHER, OriginalGone.code), (None, OriginalGone.code)):
        async with connect(service.url, origin) as page:
            assert (await page.ask("ProcessImage", handle=handle))["result"] == result
