"""RecogText: pictures, documents, what lies below a camera; the words are in the answer and nowhere else."""

from __future__ import annotations

import asyncio
import base64
import io
import re
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import cv2
import docx
import numpy as np
import pytest

from imgcore.tables import find_tables
from imgcore.text import TextLine
from imgcore.types import Image
from server.decoding import packing, wire
from server.decoding.pool import Reply
from server.decoding.text_process import TextDecoder
from server.documents import tesseract, text_reader
from server.documents.text_reader import ENGINE, LANGUAGES
from server.errors import BadParameter, FileMissing, NoSuchDevice, PathOutside, PictureUnreadable, ToolMissing
from tests.fakes.decoding import mapped
from tests.fakes.text import line, printed
from tests.functional.conftest import Running, Watch
from tests.functional.page import connect
from tests.functional.test_privacy import written
from tests.unit.documents.samples import text_pdf

CANARY = "CANARY-OF-A-PAGE"
LINES = (line("合同编号", 40, 50, 300, 30), line(CANARY, 40, 120, 200, 24))


def png(picture: Image) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()


def coded(picture: Image) -> str:
    return base64.b64encode(png(picture)).decode()


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Shapes of what was read, without the nets."""
    shapes: list[tuple[Any, ...]] = []

    async def read(self: TextDecoder, image: Image, crop: bool = False) -> tuple[TextLine, ...]:
        shapes.append((*image.shape, crop))
        return LINES

    monkeypatch.setattr(TextDecoder, "read", read)
    monkeypatch.setattr(text_reader, "is_there", lambda: True)
    return shapes


@pytest.mark.long
async def test_a_picture_is_read_with_the_nets(service: Running) -> None:
    if not await asyncio.to_thread(text_reader.is_there):
        pytest.skip("the text models are not here: gaopai models fetch")
    async with connect(service.url) as page:
        answer = await page.must("RecogText", imageBase64=coded(printed("Counter", "Number 42")))
    (info,) = answer["textInfos"]
    assert info["text"] == "Counter\nNumber 42" and info["page"] == 1 and "imagePath" not in info
    first = info["lines"][0]
    assert abs(first["left"] - 120) < 20 and first["right"] > first["left"] and len(first["corners"]) == 4
    assert 0.9 < first["score"] <= 1


async def test_files_are_read_page_by_page(service: Running, seen: list[tuple[Any, ...]]) -> None:
    (service.root / "a.png").write_bytes(png(printed("a")))
    (service.root / "b.pdf").write_bytes(text_pdf("one", "two"))
    async with connect(service.url) as page:
        answer = await page.must("RecogText", imagePath="a.png;b.pdf", crop=True)
    found = [(info["imagePath"], info["page"]) for info in answer["textInfos"]]
    assert found == [("a.png", 1), ("b.pdf", 1), ("b.pdf", 2)]
    assert all(shape[-1] is True for shape in seen)
    assert answer["textInfos"][2]["text"] == f"合同编号\n{CANARY}"
    assert answer["textInfos"][0]["lines"][0]["corners"] == [[40, 50], [340, 50], [340, 80], [40, 80]]


async def test_what_lies_below_a_camera_is_read(service: Running, seen: list[tuple[Any, ...]]) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        answer = await page.must("RecogText", devNum=0)
    assert len(answer["textInfos"]) == 1 and len(seen) == 1


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"imageBase64": "no base64!"}, PictureUnreadable.code),
        ({"imageBase64": base64.b64encode(b"\x89PNG\r\n\x1a\nbroken").decode()}, PictureUnreadable.code),
        ({"imagePath": "missing.png"}, FileMissing.code),
        ({"imagePath": "../../etc/passwd"}, PathOutside.code),
        ({"imageBase64": coded(printed("a")), "crop": "yes"}, BadParameter.code),
        ({"imageBase64": 1}, BadParameter.code),
        ({"devNum": 77}, NoSuchDevice.code),
    ],
)
async def test_what_is_wrong_is_said(
    service: Running, seen: list[tuple[Any, ...]], parameters: dict[str, object], code: int
) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        answer = await page.ask("RecogText", **parameters)
    assert answer["result"] == code and seen == []


async def test_without_models_pages_are_told_in_advance(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_reader, "is_there", lambda: False)
    monkeypatch.setattr(tesseract, "PROGRAM", "no-such-program")
    async with connect(service.url) as page:
        described = await page.must("GetServiceInfo")
        (entry,) = [one for one in described["functions"] if one["name"] == "RecogText"]
        assert entry["available"] is False and ENGINE in entry["reason"]
        assert (await page.must("GetOcrSupportInfo"))["languages"] == []
        (service.root / "a.png").write_bytes(png(printed("a")))
        for kind in (2, 4, 5, 6):
            answer = await page.ask("MergeFile", imagePath=["a.png"], fileType=kind)
            assert answer["result"] == ToolMissing.code
        monkeypatch.setattr(text_reader, "is_there", lambda: True)
        answer = await page.must("GetOcrSupportInfo")
    assert (answer["languages"], answer["engine"]) == (list(LANGUAGES), ENGINE)


async def test_merged_files_have_the_text(service: Running, seen: list[tuple[Any, ...]]) -> None:
    (service.root / "a.png").write_bytes(png(printed("a")))
    made = {}
    async with connect(service.url) as page:
        for kind in (2, 3, 4, 5):
            answer = await page.must("MergeFile", imagePath=["a.png", "a.png"], fileType=kind)
            assert (answer["pageCount"], answer["blankPages"]) == (2, [])
            made[kind] = Path(answer["filePath"])
    assert made[4].suffix == ".txt"
    assert made[4].read_text("utf-8") == f"合同编号\n{CANARY}\n\f合同编号\n{CANARY}\n"
    with zipfile.ZipFile(io.BytesIO(made[3].read_bytes())) as archive:
        assert CANARY in archive.read("Doc_0/Pages/Page_1/Content.xml").decode()
    document = docx.Document(str(made[5]))
    words = [one.text for one in document.paragraphs]
    assert made[5].suffix == ".docx" and words == ["合同编号", CANARY] * 2
    assert [one.paragraph_format.page_break_before for one in document.paragraphs[::2]] == [False, True]
    assert document.core_properties.author == "" and len(seen) == 8


async def test_tables_are_cells_and_sheets(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_reader, "is_there", lambda: True)
    (service.root / "a.png").write_bytes(png(printed("a")))
    cells = [
        line(text, 40 + 200 * column, 50 + 40 * row, 100, 24)
        for row, texts in enumerate((("品名", "数量"), ("苹果", "1,200"), ("=1+1", "007")))
        for column, text in enumerate(texts)
    ]

    def planted(*lines: TextLine) -> Callable[..., Awaitable[Reply]]:
        async def ask(self: TextDecoder, task: wire.ReadText, image: Image) -> Reply:
            tables = find_tables(image, lines) if task.tables else []
            return wire.TextRead(), await asyncio.to_thread(mapped, [packing.packed_text(lines, tables)])

        return ask

    monkeypatch.setattr(TextDecoder, "ask", planted(*LINES))
    async with connect(service.url) as page:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(TextDecoder, "ask", planted(*cells))
            answer = await page.must("RecogText", imagePath="a.png", tables=True)
            made = await page.must("MergeFile", imagePath=["a.png"], fileType=6)
        without = await page.must("RecogText", imagePath="a.png")
        lines = await page.must("MergeFile", imagePath=["a.png"], fileType=6)
    (table,) = answer["textInfos"][0]["tables"]
    assert (table["rows"], table["columns"], len(table["cells"])) == (3, 2, 6)
    assert [cell["number"] for cell in table["cells"]] == [None, None, None, 1200, None, None]
    assert "tables" not in without["textInfos"][0]
    assert sheet_of(Path(made["filePath"])) == [["品名", "数量"], ["苹果", "1200"], ["=1+1", "007"]]
    # A page without a table has its lines: nothing is lost.
    assert sheet_of(Path(lines["filePath"])) == [["合同编号"], [CANARY]]


def sheet_of(path: Path) -> list[list[str]]:
    """Cells of a workbook's first sheet, as its files have them; formulas are none."""
    with zipfile.ZipFile(path) as archive:
        strings = re.findall("<t[^>]*>([^<]*)</t>", archive.read("xl/sharedStrings.xml").decode())
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert path.suffix == ".xlsx" and "<f>" not in sheet
    rows = re.findall("<row [^>]*>(.*?)</row>", sheet)
    cells = [re.findall('<c [^>]*?(t="s")?><v>([^<]*)</v>', row) for row in rows]
    return [[strings[int(value)] if shared else value for shared, value in row] for row in cells]


async def test_text_leaves_nothing_behind(
    service: Running,
    watch: Watch,
    seen: list[tuple[Any, ...]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    given = coded(np.full((60, 60, 3), 200, np.uint8))
    told = []

    async def fail(self: TextDecoder, image: Image, crop: bool = False) -> tuple[TextLine, ...]:
        raise ValueError(CANARY)

    async with connect(service.url) as page:
        assert CANARY in (await page.must("RecogText", imageBase64=given))["textInfos"][0]["text"]
        monkeypatch.setattr(TextDecoder, "read", fail)
        told.append(await page.ask("RecogText", imageBase64=given))
        told.append(await page.ask("RecogText", imageBase64=given[:-3]))
    said = "\n".join(watch.said) + repr([one["errorMsg"] for one in told])
    assert CANARY not in said and given[:40] not in said
    assert CANARY.encode() not in written(scratch, service.root)
