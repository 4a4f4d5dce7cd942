"""S44: fields of documents are in their answer alone; a private copy that may still tell is not given.

Canaries of a card are planted where the process of text says what it read: they are looked for in the log at
its finest, in temporary files, the trail and the metrics, after success and after every failure.
"""

from __future__ import annotations

import asyncio
import base64
import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import aiohttp
import cv2
import docx
import msgspec
import numpy as np
import pikepdf
import pytest

from imgcore.forms import FilledZone, FormZone
from imgcore.privacy import UnreadablePage
from server import config as configuration
from server.config import Config
from server.decoding import packing, wire
from server.decoding.pool import Reply
from server.decoding.text_process import TextDecoder
from server.documents.form_print import read_print
from server.documents.ofd_writer import NAMESPACE, OfdPage, write_ofd
from server.documents.office_writer import TablesPage, write_docx, write_xlsx
from server.documents.text_layer import text_page
from server.errors import NothingToHide, PageUnsure
from server.services.files.formats import texts_on
from server.storage.forms import FOLDER, FormFolder
from synthetic.datasets.form_copies import draw_copy, draw_form
from tests.fakes import forms
from tests.fakes.documents import PlantedReader, document, mapped
from tests.fakes.text import line
from tests.functional.conftest import Running, Watch
from tests.functional.page import connect
from tests.functional.test_privacy import ADDRESS, BANK_NUMBER, NAME, NUMBER, birds_in, written
from tests.patience import PATIENCE

MARK = "仅供金丝雀使用"
PICTURE = cv2.imencode(".jpg", np.full((60, 80, 3), 200, np.uint8))[1].tobytes()
CODED = base64.b64encode(PICTURE).decode()


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    """Everything that tells is switched on."""
    audit = configuration.AuditConfig(enabled=True, folder=str(tmp_path / "audit"))
    return msgspec.structs.replace(config, audit=audit, metrics=configuration.MetricsConfig(enabled=True))


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PlantedReader]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    planted = PlantedReader(
        document("id-card-front", False, ["birth.differs"], name=NAME, id=NUMBER, address=ADDRESS),
        document("bank-card", number=BANK_NUMBER),
    )
    monkeypatch.setattr(TextDecoder, "ask", lambda _, task, image: planted.ask(task, image))
    yield planted


async def test_fields_are_in_the_answer_alone(
    service: Running, reader: PlantedReader, watch: Watch, tmp_path: Path
) -> None:
    async with connect(service.url) as page, aiohttp.ClientSession() as http:
        told = await page.must("RecogDocument", imageBase64=CODED)
        failed = [
            await page.ask("RecogDocument", imageBase64=CODED[:-40]),
            await page.ask("RecogDocument", imagePath=f"{NUMBER}.jpg"),
        ]
        copied = await page.must("PrivateCopy", imageBase64=CODED, hide=["id"], mark=MARK, base64=True)
        reader.sure = False
        failed.append(await page.ask("PrivateCopy", imageBase64=CODED, hide=["id"], mark=MARK))
        async with http.get(f"{service.http}/metrics") as answer:
            metrics = await answer.read()
    await service.stop()
    assert birds_in(str(told).encode()), "there was something to hide"
    # A file's name is the page's own and comes back to it.
    assert birds_in(str([failed[0], failed[2], copied]).encode()) == []
    log = "\n".join(watch.said).encode()
    trail = written(tmp_path / "audit")
    assert b"PrivateCopy" in trail and b"RecogDocument" in metrics
    for content in (log, metrics, trail):
        assert birds_in(content) == [] and MARK.encode() not in content
    assert [path for path in (tmp_path / "scratch").rglob("*") if path.is_file()] == []


async def test_zones_of_a_form_are_in_the_answer_alone(
    service: Running, config: Config, monkeypatch: pytest.MonkeyPatch, watch: Watch, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    folder = FormFolder(configuration.access_folder(config.access) / FOLDER, read_print)
    zones = forms.zones(0)
    await asyncio.to_thread(folder.teach, "claim", draw_form(0).sample, zones)
    lies = [
        b"nonsense",
        packing.packed_form(_zones(zones, f"{NUMBER}\0")),
        packing.packed_form(_zones(zones, NUMBER)),
    ]

    async def ask(*_: object) -> Reply:
        return wire.FormRead(), mapped(lies.pop())

    monkeypatch.setattr(TextDecoder, "ask", ask)
    copy = base64.b64encode(cv2.imencode(".png", draw_copy(500, 0).picture)[1].tobytes()).decode()
    async with connect(service.url) as page, aiohttp.ClientSession() as http:
        told = await page.must("RecogForm", imageBase64=copy)
        failed = [
            await page.ask("RecogForm", imageBase64=copy),
            await page.ask("RecogForm", imageBase64=copy),
        ]
        failed.append(await page.ask("RecogForm", imageBase64=copy[:-4000]))
        async with http.get(f"{service.http}/metrics") as answer:
            metrics = await answer.read()
    await service.stop()
    assert birds_in(str(told).encode()), "there was something to hide"
    log = "\n".join(watch.said).encode()
    for content in (str(failed).encode(), log, metrics, written(tmp_path / "audit")):
        assert birds_in(content) == []
    assert [path for path in scratch.rglob("*") if path.is_file()] == []


def _zones(zones: Sequence[FormZone], said: str) -> list[FilledZone]:
    quad = np.array([(1, 1), (40, 1), (40, 30), (1, 30)], np.float32)
    return [FilledZone(zone, said, 0.9, "", None, quad) for zone in zones]


async def test_documents_in_sight_are_in_their_notice_alone(
    service: Running, reader: PlantedReader, watch: Watch, tmp_path: Path
) -> None:
    async with connect(service.url) as page, connect(service.url) as beside:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await page.must("SetCameraDocumentReading")
        async with asyncio.timeout(PATIENCE):
            while not birds_in(str(told := await page.receive()).encode()):
                pass
        heard = await beside.silence("Notify")
    await service.stop()
    assert (told["event"], told["state"]) == ("OnDocuments", "read")
    assert birds_in(str(heard).encode()) == [], "another page of this origin"
    trail = written(tmp_path / "audit")
    assert b"SetCameraDocumentReading" in trail
    for content in ("\n".join(watch.said).encode(), trail):
        assert birds_in(content) == []
    assert [path for path in (tmp_path / "scratch").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("error", [PageUnsure, NothingToHide])
async def test_of_a_copy_that_may_tell_there_is_nothing(
    service: Running, reader: PlantedReader, error: type[PageUnsure | NothingToHide]
) -> None:
    reader.sure = error is NothingToHide
    reader.hidden = {}
    async with connect(service.url) as page:
        answer = await page.ask("PrivateCopy", imageBase64=CODED, base64=True, filePath="copy.jpg")
    assert answer["result"] == error.code and "fileBase64" not in answer
    assert list(service.root.rglob("copy*")) == []


def test_an_unreadable_page_says_nothing_of_itself() -> None:
    assert birds_in(str(UnreadablePage()).encode()) == []


HOSTILE_WORDS = (
    *(") Tj ET Q q BT (x", "> Tj /JS (app.alert(1)) <", "\\", "endstream endobj", "%PDF-1.7"),
    *("]]></ofd:TextCode><ofd:Action/>", "&lt;&#10;&amp;", '"/><x a="'),
    *('=HYPERLINK("http://a.example")', "+cmd|' /C calc'!A0", "@SUM(1)", "\u202ename", "縦\U00020000"),
)
"""Print on a page that would be more than words in a file of its text."""


@pytest.mark.parametrize("word", HOSTILE_WORDS)
def test_words_of_a_page_stay_words_in_a_pdf(word: str) -> None:
    made = text_page([line(word, 10, 10, 200)], (100, 300))
    with pikepdf.open(io.BytesIO(made)) as document:
        operators = [str(each.operator) for each in pikepdf.parse_content_stream(document.pages[0])]
        assert operators == ["BT", "Tr", "Tf", "Tz", "Tm", "Tj", "ET"]
        assert not {"/Annots", "/AA"} & set(document.pages[0].obj.keys())
        assert not {"/OpenAction", "/AA", "/Names"} & set(document.Root.keys())


@pytest.mark.parametrize("word", HOSTILE_WORDS)
def test_words_of_a_page_stay_words_in_an_ofd(word: str) -> None:
    page = OfdPage(b"", "PNG", 60.0, 40.0, 1, False)
    page = replace(page, texts=texts_on(page, [line(word, 10, 10, 200)], (100, 300)))
    with zipfile.ZipFile(io.BytesIO(b"".join(write_ofd([page])))) as archive:
        root = ElementTree.fromstring(archive.read("Doc_0/Pages/Page_0/Content.xml"))
    assert [each.text for each in root.iter(f"{{{NAMESPACE}}}TextCode")] == [word]
    assert not list(root.iter(f"{{{NAMESPACE}}}Action"))


def test_words_of_a_page_stay_words_in_office_files() -> None:
    """No formula, no link, no field: what a spreadsheet would run is a text."""
    made = write_xlsx([TablesPage((), HOSTILE_WORDS)])
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        strings = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        assert not any("externalLink" in name or "hyperlink" in name for name in archive.namelist())
    assert b"<f>" not in sheet and b"hyperlink" not in sheet
    assert ["".join(each.itertext()) for each in strings] == list(HOSTILE_WORDS)
    document = docx.Document(io.BytesIO(write_docx(["\n".join(HOSTILE_WORDS) + "\n"])))
    assert [each.text for each in document.paragraphs] == list(HOSTILE_WORDS)
