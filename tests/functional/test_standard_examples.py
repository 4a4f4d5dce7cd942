"""Examples of the interface standard with the values that it prints, in its order, on one service."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf

from server.errors import FileExists, ModeNotSupported, PathOutside
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect

CROP = '"cropRect": [ "left": 4, "top": 4, "right": 4, "bottom": 4 ]'


async def test_a_capture_and_a_scan_go_where_the_examples_say_and_again(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0, mediaNum=0, resolutionNum=0, fps=15)
        for _ in range(2):
            taken = await page.must("CameraCapture", devNum=0, imagePath="/tmp/capture.jpg")
            assert taken["imagePath"] == [str(service.root / "tmp/capture.jpg")]
        await page.must("GetScannerName")
        choices = {"scanSource": 0, "scanMode": 0, "scanResolution": 0, "scanPaperSize": 0}
        scanned = await page.must("Scan", devIndex=0, **choices, imagePath="/tmp/scannerimage.jpg")
        assert scanned["imagePath"][0] == str(service.root / "tmp/scannerimage.jpg")
        assert all(Path(path).is_file() for path in scanned["imagePath"])


async def test_files_are_merged_by_their_windows_names_and_by_those_of_the_answers(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        names = ["C:/tmp/sacnnerimage1.jpg", "C:/tmp/sacnnerimage2.jpg"]
        real = [(await page.must("CameraCapture", imagePath=name))["imagePath"][0] for name in names]
        assert real == [str(service.root / f"C/tmp/sacnnerimage{number}.jpg") for number in (1, 2)]
        for paths in (names, real, [names[0].replace("/", "\\"), "C://tmp//sacnnerimage2.jpg"]):
            merged = await page.must("MergeFile", imagePath=paths, fileType=0, filePath="")
            with pikepdf.open(merged["filePath"]) as document:
                assert len(document.pages) == 2
        for bad in ("//host/share/a.jpg", "\\\\host\\a.jpg", "C:/../a.jpg", "../a.jpg"):
            assert (await page.ask("CameraCapture", imagePath=bad))["result"], bad


async def test_pictures_are_merged_without_files_and_the_file_comes_back(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        taken = (await page.must("CameraCaptureBase64"))["imageBase64Str"]
        merged = await page.must("MergeFile", imageBase64=[taken, taken], base64=True, filePath="")
    assert merged["pageCount"] == 2
    assert base64.b64decode(merged["fileBase64"]) == Path(merged["filePath"]).read_bytes()


async def test_the_rectangle_that_is_no_json_is_taken(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        tail = '"imageType":0, "fillBorderType":0, "removalForeign":0, "rotate":0'
        await page.socket.send_str(
            f'{{"func": "SetCameraImageInfo", "reqId": "r", "devNum": 0, "cropType": 4, {CROP}, {tail} }}'
        )
        assert (await page.answer("r"))["result"] == 0


async def send_printed(page: Any, text: str) -> dict[str, Any]:
    """Send an example as it is printed, with a reqId to know its answer by."""
    await page.socket.send_str(
        text.replace('"reqId": ""', '"reqId": "r"').replace('"reqId":""', '"reqId":"r"')
    )
    return dict(await page.answer("r"))


SCANNERS_SETTINGS = """{ "func": "SetCameraImageInfo", "reqId": "", "cropType": 4,
 "cropRect": [ "left": 4, "top": 4, "width": 40, "height": 30 ],
 "imageType": 1, "fillBorderType": 0, "removalForeign": 0, "rotate": 0 }"""


async def test_without_a_camera_its_settings_are_the_scanners(service: Running) -> None:
    async with connect(service.url) as page:
        answer = await send_printed(page, SCANNERS_SETTINGS)
        assert (answer["result"], answer["applied"]) == (0, ["scanner"])
        await page.must("GetScannerName")
        scanned = await page.must("Scan", devIndex=0, scanSource=0, scanResolution=0)
        picture = cv2.imdecode(np.frombuffer(base64.b64decode(scanned["imageBase64Str"]), np.uint8), -1)
        assert picture.shape == (30, 40)


async def test_the_scanners_rectangle_leaves_an_open_camera_as_it_was(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        before = (await page.must("CameraCapture", imagePath="before.png"))["imagePath"][0]
        assert (await send_printed(page, SCANNERS_SETTINGS))["applied"] == ["scanner"]
        after = (await page.must("CameraCapture", imagePath="after.png"))["imagePath"][0]
        assert cv2.imread(before).shape == cv2.imread(after).shape


async def test_settings_that_leave_out_the_number_are_the_open_cameras_too(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        answer = await page.must("SetCameraImageInfo", cropType=4, cropRect=[0, 0, 50, 40])
        assert answer["applied"] == ["camera", "scanner"]
        taken = (await page.must("CameraCapture", imagePath="cut.png"))["imagePath"][0]
        assert cv2.imread(taken).shape[:2] == (40, 50)
        answer = await page.must("SetCameraImageInfo", devNum=0, cropType=0)
        assert answer["applied"] == ["camera"]


async def test_examples_with_a_comma_missing_or_too_many(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        opened = '{ "func": "OpenCamera", "reqId": "", "devNum": 0 "mediaNum": 0, "resolutionNum": 0 }'
        assert (await send_printed(page, opened))["result"] == 0
        titled = '{ "func": "SetCameralmagelInfo", "reqId": "", "devNum": 0, }'
        assert (await send_printed(page, titled))["result"] == 0
        await page.must("GetScannerName")
        scan = """{ "func": " Scan ", "reqId": "", "devIndex": 0, "scanSource": 0, "scanMode": 0,
 "scanResolution": 0, "scanPaperSize": 0 "imagePath": "/tmp/scannerimage.jpg" }"""
        scanned = await send_printed(page, scan)
        assert (scanned["result"], scanned["func"]) == (0, "Scan")
        merge = """{ "functionName": "MergeFile", "reqId":"", "imagePath": [ "%s" ],
 "fileType":0 "filePath": "" }"""
        assert (await send_printed(page, merge % scanned["imagePath"][0]))["result"] == 0


async def test_a_source_that_is_not_there_is_answered_with_those_that_are(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetScannerName")
        refused = await page.ask("Scan", devIndex=0, scanSource=9)
        assert refused["result"] == ModeNotSupported.code
        sources = (await page.must("GetScannerInfo", devIndex=0))["scanSources"]
        assert all(f"{number}: {name}" in refused["errorMsg"] for number, name in enumerate(sources))


async def test_another_origin_neither_replaces_nor_reads_the_file(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await page.must("CameraCapture", imagePath="/tmp/capture.jpg")
        await page.must("CloseCamera", devNum=0)
    before = (service.root / "tmp/capture.jpg").read_bytes()
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        refused = await page.ask("CameraCapture", imagePath="/tmp/capture.jpg")
        assert refused["result"] == FileExists.code
        escaped = await page.ask("CameraCapture", imagePath="/tmp/../../capture.jpg")
        assert escaped["result"] == PathOutside.code
    assert (service.root / "tmp/capture.jpg").read_bytes() == before
