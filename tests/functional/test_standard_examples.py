"""Examples of the interface standard with the values that it prints, in its order, on one service."""

from __future__ import annotations

import base64
from pathlib import Path

import pikepdf

from server.errors import FileExists, PathOutside
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
