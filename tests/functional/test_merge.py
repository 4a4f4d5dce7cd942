"""MergeFile over a real WebSocket."""

from __future__ import annotations

import asyncio
import base64
import threading
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import PIL.Image
import pypdfium2
import pytest
import zxingcpp

from server.documents import tesseract
from server.errors import (
    BadParameter,
    BadSuffix,
    Cancelled,
    FileExists,
    FileMissing,
    MissingParameter,
    PathOutside,
    PictureTooLarge,
    PictureUnreadable,
    ToolMissing,
)
from server.storage.root import Storage
from synthetic.documents.illustrated import illustrated_page
from tests.fakes.camera import SIZES
from tests.functional.conftest import Running
from tests.functional.page import Page, connect
from tests.patience import PATIENCE
from tests.unit.imgcore.barcode.test_patch_code import BARS, sheet


async def _take(page: Page, *names: str) -> None:
    await page.must("GetCameraInfo")
    await page.must("OpenCamera", devNum=0)
    for name in names:
        await page.must("CameraCapture", imagePath=name)


def _pages(path: str) -> list[bytes]:
    with pikepdf.open(path) as document:
        return [next(iter(page.obj.Resources.XObject.values())).read_raw_bytes() for page in document.pages]


async def test_captures_become_one_pdf_with_their_own_bytes(service: Running) -> None:
    async with connect(service.url) as page:
        await _take(page, "a.jpg", "b.jpg")
        paths = [str(service.root / "b.jpg"), "a.jpg"]
        answer = await page.must("MergeFile", imagePath=paths, fileType=0, filePath="sub/ab.pdf")
    assert answer["filePath"] == str(service.root / "sub" / "ab.pdf")
    assert (answer["pageCount"], answer["blankPages"]) == (2, [])
    assert _pages(answer["filePath"]) == [(service.root / name).read_bytes() for name in ("b.jpg", "a.jpg")]
    assert _pages(answer["filePath"])[0] in service.camera.jpegs[SIZES[0]]


@pytest.mark.long
@pytest.mark.parametrize(
    ("paths", "kind", "suffix"),
    [("a.jpg;b.png", 0, ".pdf"), (["a.jpg", "b.png"], 1, ".tif"), (["a.jpg", "b.png"], 3, ".ofd")],
)
async def test_every_kind_gets_a_name_of_its_own(
    service: Running, paths: object, kind: int, suffix: str
) -> None:
    async with connect(service.url) as page:
        await _take(page, "a.jpg", "b.png")
        answer = await page.must("MergeFile", imgPath=paths, fileType=kind, filePath="")
    path = Path(answer["filePath"])
    assert (path.parent, path.suffix, answer["pageCount"]) == (service.root, suffix, 2)
    if kind == 1:
        with PIL.Image.open(path) as document:
            assert getattr(document, "n_frames", 1) == 2
    if kind == 3:
        with zipfile.ZipFile(path) as archive:
            assert archive.read("Doc_0/Res/Image_0.jpg") == (service.root / "a.jpg").read_bytes()


async def test_a_pdf_is_what_is_made_when_nothing_is_said(service: Running) -> None:
    async with connect(service.url) as page:
        await _take(page, "a.jpg")
        answer = await page.must("MergeFile", imagePath=["a.jpg"])
    assert answer["filePath"].endswith(".pdf")


async def test_blank_pages_are_told(service: Running) -> None:
    picture = np.full((1754, 1240), 250, np.uint8)
    (service.root / "blank.jpg").write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    async with connect(service.url) as page:
        await _take(page, "a.jpg")
        answer = await page.must("MergeFile", imagePath=["a.jpg", "blank.jpg", "a.jpg", "blank.jpg"])
    assert (answer["pageCount"], answer["blankPages"]) == (4, [2, 4])


@pytest.mark.long
async def test_words_can_be_searched(service: Running) -> None:
    try:
        await asyncio.to_thread(tesseract.languages)
    except ToolMissing:
        pytest.skip("Tesseract is not installed: apt install tesseract-ocr")
    picture = np.full((600, 900), 250, np.uint8)
    cv2.putText(picture, "Counter", (200, 300), cv2.FONT_HERSHEY_DUPLEX, 2, 20, 3, cv2.LINE_AA)
    (service.root / "word.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    async with connect(service.url) as page:
        answer = await page.must("MergeFile", imagePath=["word.png"], fileType=2)
    document = pypdfium2.PdfDocument(Path(answer["filePath"]).read_bytes())
    assert document[0].get_textpage().get_text_bounded().strip() == "Counter"
    document.close()


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"imagePath": ["a.jpg"], "filePath": "o.jpg"}, BadSuffix.code),
        ({"imagePath": ["a.jpg"], "filePath": "o.ofd"}, BadSuffix.code),
        ({"imagePath": ["a.jpg"], "filePath": "//etc/o.pdf"}, PathOutside.code),
        ({"imagePath": ["a.jpg"], "filePath": "taken.pdf"}, FileExists.code),
        ({"imagePath": ["/etc/passwd"]}, FileMissing.code),
        ({"imagePath": ["a.jpg", "b.jpg"]}, FileMissing.code),
        ({"imagePath": ["a.jpg", "taken.pdf"]}, PictureUnreadable.code),
        ({"imagePath": []}, MissingParameter.code),
        ({"imagePath": ["a.jpg"], "fileType": 7}, BadParameter.code),
    ],
)
async def test_what_is_wrong_is_said_and_leaves_nothing(
    service: Running, parameters: dict[str, object], code: int
) -> None:
    (service.root / "taken.pdf").write_bytes(b"before")
    async with connect(service.url) as page:
        await _take(page, "a.jpg")
        answer = await page.ask("MergeFile", **parameters)
        assert (answer["result"], answer["success"]) == (code, 0)
    assert sorted(path.name for path in service.root.iterdir()) == ["a.jpg", "taken.pdf"]
    assert (service.root / "taken.pdf").read_bytes() == b"before"


async def test_the_fault_of_a_file_names_it_in_chinese(service: Running) -> None:
    (service.root / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0\0")
    async with connect(service.url, **{"Accept-Language": "zh-CN"}) as page:
        said = (await page.ask("MergeFile", imagePath=["cut.jpg"]))["errorMsg"]
    assert said.startswith("cut.jpg 无法解码：文件不完整。")


async def test_a_merge_can_be_given_up(service: Running) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (1500, 1500, 3), np.uint8)
    (service.root / "a.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    async with connect(service.url) as page:
        number = await page.send("MergeFile", imagePath=["a.png"] * 60, fileType=1)
        await page.send("CancelScan")
        assert (await page.answer(number))["result"] == Cancelled.code
    assert [path.name for path in service.root.iterdir()] == ["a.png"]


async def test_other_requests_are_answered_meanwhile(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()
    go_on = threading.Event()
    read = Storage.read

    def held(self: Storage, name: str, limit: int) -> bytes:
        begun.set()
        assert name == "b.jpg" or go_on.wait(PATIENCE)
        return read(self, name, limit)

    monkeypatch.setattr(Storage, "read", held)
    async with connect(service.url) as page, connect(service.url) as other:
        await _take(page, "a.jpg", "b.jpg")
        number = await page.send("MergeFile", imagePath=["a.jpg", "b.jpg"])
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        await other.must("GetCameraInfo")
        await other.must("GetServiceInfo")
        go_on.set()
        assert (await page.answer(number))["pageCount"] == 2


def _sheet(root: Path, name: str, code: str = "") -> str:
    sheet = np.full((400, 600), 255, np.uint8)
    if code:
        made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128)
        bars = np.array(zxingcpp.write_barcode_to_image(made, scale=2, add_quiet_zones=True), np.uint8)
        sheet[100 : 100 + bars.shape[0], 50 : 50 + bars.shape[1]] = bars
    cv2.imwrite(str(root / name), sheet)
    return name


async def test_a_pile_is_split_at_its_barcodes(service: Running) -> None:
    names = [_sheet(service.root, "1.png", "CASE-1"), _sheet(service.root, "2.png")]
    names += [_sheet(service.root, "3.png", "CASE-2"), _sheet(service.root, "4.png")]
    async with connect(service.url) as page:
        answer = await page.must("MergeFile", imagePath=names, filePath="o.pdf", splitByBarCode=1)
        apart = await page.must(
            "MergeFile", imagePath=names, filePath="p.pdf", splitByBarCode="2", splitCode="CASE-"
        )
        whole = await page.must("MergeFile", imagePath=names, filePath="q.pdf", splitByBarCode=0)
        none = await page.ask("MergeFile", imagePath=names[::2], filePath="r.pdf", splitByBarCode=2)
    path = str(service.root / "o.pdf")
    assert (answer["filePath"], answer["pageCount"], answer["blankPages"]) == (path, 2, [2])
    urls = [one.pop("downloadUrl") for one in answer["files"]]
    assert len(set(urls)) == 2 and answer["downloadUrl"] == urls[0]
    assert answer["files"] == [
        {"filePath": path, "pageCount": 2, "blankPages": [2], "codeNum": "CASE-1"},
        {"filePath": str(service.root / "o1.pdf"), "pageCount": 2, "blankPages": [2], "codeNum": "CASE-2"},
    ]
    assert [(one["pageCount"], one["codeNum"]) for one in apart["files"]] == [(1, "CASE-1"), (1, "CASE-2")]
    assert (whole["pageCount"], "files" in whole) == (4, False)
    assert none["result"] == BadParameter.code
    assert not (service.root / "r.pdf").exists()


async def test_sheets_with_patch_code_t_separate_documents_and_are_in_none(service: Running) -> None:
    pile = [sheet(BARS["T"]), np.full((1100, 800), 200, np.uint8), sheet(BARS["T"]), sheet(BARS["2"])]
    pile.insert(2, pile[1])
    for number, page in enumerate(pile):
        cv2.imwrite(str(service.root / f"patch{number}.png"), np.rot90(page, 2 * (number % 2)))
    names = [f"patch{number}.png" for number in range(len(pile))]
    async with connect(service.url) as page:
        answer = await page.must("MergeFile", imagePath=names, filePath="patch.pdf", splitByBarCode=3)
        assert [one["pageCount"] for one in answer["files"]] == [2, 1]
        none = await page.ask("MergeFile", imagePath=names[:1], filePath="none.pdf", splitByBarCode=3)
        assert none["result"] == BadParameter.code


async def test_a_pile_is_split_by_number_and_a_proposal_writes_nothing(service: Running) -> None:
    coded = [
        base64.b64encode(cv2.imencode(".png", np.full((*size, 3), 240, np.uint8))[1]).decode()
        for size in ((300, 200), (300, 200), (120, 100))
    ]
    async with connect(service.url) as page:
        proposal = await page.must("ProposeSplit", imageBase64=coded)
        assert [(one["page"], one["reason"]) for one in proposal["starts"]] == [(3, "size")]
        assert not list(service.root.rglob("*.pdf"))
        for extra in ({"splitPages": [3]}, {"splitEvery": 2}):
            merged = await page.must(
                "MergeFile", imageBase64=coded, fileType=0, filePath="split.pdf", **extra
            )
            assert [file["pageCount"] for file in merged["files"]] == [2, 1]
        refused = await page.ask("ProposeSplit")
        assert refused["result"] != 0 and "imagePath" in refused["errorMsg"]


@pytest.mark.long
async def test_a_small_file_keeps_its_pages_and_their_sizes(service: Running) -> None:
    page_of_print = cv2.imencode(".jpg", illustrated_page((1240, 1754)))[1].tobytes()
    bilevel = cv2.imencode(".png", np.kron(np.eye(40, dtype=np.uint8) * 255, np.ones((20, 20), np.uint8)))[1]
    coded = [base64.b64encode(data).decode() for data in (page_of_print, bilevel.tobytes())]
    async with connect(service.url) as page:
        whole = await page.must("MergeFile", imageBase64=coded, fileType=0, filePath="whole.pdf")
        made = await page.must("MergeFile", imageBase64=coded, fileType=0, filePath="s.pdf", smallFile=True)
        refused = await page.ask("MergeFile", imageBase64=coded, fileType=1, filePath="s.tif", smallFile=True)
    assert refused["result"] == BadParameter.code
    assert Path(made["filePath"]).stat().st_size < 0.5 * Path(whole["filePath"]).stat().st_size
    with pikepdf.open(whole["filePath"]) as one, pikepdf.open(made["filePath"]) as other:
        for before, after in zip(one.pages, other.pages, strict=True):
            assert list(map(float, after.mediabox)) == pytest.approx(list(map(float, before.mediabox)), abs=1)


@pytest.mark.long
async def test_a_whole_file_keeps_its_limit_of_bytes(service: Running) -> None:
    noise = np.random.default_rng(3)
    names = []
    for number, quality in enumerate((95, 95, 30)):
        picture = cv2.blur(noise.integers(0, 255, (1200, 900, 3), np.uint8), (3, 3))
        name = service.root / f"n{number}.jpg"
        service.root.mkdir(parents=True, exist_ok=True)
        name.write_bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())
        names.append(str(name))
    small = (service.root / "n2.jpg").read_bytes()
    async with connect(service.url) as page:
        whole = await page.must("MergeFile", imagePath=names, fileType=0, filePath="whole.pdf")
        size = Path(whole["filePath"]).stat().st_size
        limit = size // 2
        made = await page.must("MergeFile", imagePath=names, fileType=0, filePath="s.pdf", maxBytes=limit)
        assert 0.7 * limit < Path(made["filePath"]).stat().st_size <= limit
        assert _pages(made["filePath"])[2] == small, "a page that is small enough stays as it is"
        with pikepdf.open(whole["filePath"]) as one, pikepdf.open(made["filePath"]) as other:
            for before, after in zip(one.pages, other.pages, strict=True):
                assert list(map(float, after.mediabox)) == pytest.approx(
                    list(map(float, before.mediabox)), abs=1
                )
        refused = await page.ask("MergeFile", imagePath=names, fileType=1, filePath="s.tif", maxBytes=3000)
        assert refused["result"] == PictureTooLarge.code
        assert not (service.root / "s.tif").exists()
