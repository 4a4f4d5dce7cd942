"""RecogForm over a real WebSocket: pages of pictures, files and cameras, told and read."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.forms import Form, FormPrint, FoundForm
from imgcore.forms.reading import text_zones, with_texts
from imgcore.types import Image
from server.config import Config
from server.decoding import packing, wire
from server.decoding.pool import Reply
from server.decoding.text_process import TextDecoder
from server.errors import BadParameter, PictureUnreadable
from server.errors.forms import FormDamaged, FormUnknown, NothingTaught
from server.storage.forms import FormFolder
from synthetic.datasets.form_copies import draw_copy, draw_form
from tests.fakes.documents import mapped
from tests.fakes.forms import form_folder, teach_claim, zones
from tests.fakes.text import line
from tests.functional.conftest import Running
from tests.functional.page import connect

COPY = draw_copy(500, 0)


class PlantedReader:
    """Stands for the process of text: it reads the same words from every strip."""

    def __init__(self) -> None:
        self.asked: list[wire.ReadForm] = []

    async def ask(self, task: wire.Task, image: Image, print_: bytes, packed: bytes) -> Reply:
        assert isinstance(task, wire.ReadForm)
        self.asked.append(task)
        grey = np.frombuffer(print_, np.uint8).reshape(task.print)
        form = Form("", 1, FormPrint(grey, task.scale, packing.unpacked_zones(packed)))
        found = FoundForm(form, np.array(task.matrix).reshape(3, 3), 1.0)
        lines = [[line("周文玉", 2, 2, 40)] for _ in text_zones(form)]
        read = await asyncio.to_thread(with_texts, image, found, lines)
        return wire.FormRead(), mapped(packing.packed_form(read.zones))


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlantedReader]:
    planted = PlantedReader()
    monkeypatch.setattr(TextDecoder, "ask", lambda _, *asked: planted.ask(*asked))
    yield planted


@pytest.fixture
def folder(config: Config) -> FormFolder:
    return form_folder(config.access)


@pytest.fixture
def claim(config: Config) -> Form:
    return teach_claim(config.access)


def coded(picture: Image) -> str:
    return base64.b64encode(cv2.imencode(".png", picture)[1].tobytes()).decode()


async def test_a_copy_is_told_and_read(service: Running, reader: PlantedReader, claim: Form) -> None:
    async with connect(service.url) as page:
        answer = await page.must("RecogForm", imageBase64=coded(COPY.picture))
    (found,) = answer["formInfos"]
    assert (found["form"], found["version"], found["page"]) == ("claim", 1, 1)
    assert "imagePath" not in found and found["score"] > 0.62
    read = {zone["name"]: zone for zone in found["zones"]}
    assert list(read) == [zone.name for zone in zones(0)]
    assert {one["value"] for one in found["zones"] if one["kind"] == "text"} == {"周文玉"}
    for name, state in COPY.ticks.items():
        assert read[name]["value"] in (state, "unsure") and read[name]["valid"] is None
    first = zones(0)[0].name
    assert np.abs(np.array(read[first]["corners"]) - COPY.places[first]).max() < 4


async def test_pages_of_no_form_are_in_the_answer(
    service: Running, reader: PlantedReader, claim: Form
) -> None:
    service.root.mkdir(exist_ok=True)
    blank = np.full((90, 70, 3), 200, np.uint8)
    async with connect(service.url) as page:
        pictures = [coded(blank), coded(np.zeros((1, 1, 3), np.uint8))]
        await page.must("MergeFile", imageBase64=[coded(blank), coded(COPY.picture)], filePath="two.pdf")
        nothing = [await page.must("RecogForm", imageBase64=one) for one in pictures]
        of_files = await page.must("RecogForm", imagePath="two.pdf")
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        of_camera = await page.must("RecogForm")
    for answer in (*nothing, of_camera):
        (found,) = answer["formInfos"]
        assert found == {"page": 1, "form": None, "version": None, "score": 0.0, "zones": []}
    assert [(one["page"], one["form"]) for one in of_files["formInfos"]] == [(1, None), (2, "claim")]
    assert [Path(one["imagePath"]).name for one in of_files["formInfos"]] == ["two.pdf"] * 2
    assert len(reader.asked) == 1, "what is no form is read by nobody"


async def test_forms_may_be_named(
    service: Running, reader: PlantedReader, claim: Form, folder: FormFolder
) -> None:
    await asyncio.to_thread(folder.teach, "other", draw_form(2).sample, zones(2))
    picture = coded(COPY.picture)
    async with connect(service.url) as page:
        named = await page.must("RecogForm", imageBase64=picture, forms=["claim", "claim"])
        beside = await page.must("RecogForm", imageBase64=picture, forms=["other"])
        unknown = await page.ask("RecogForm", imageBase64=picture, forms=["claim", "none"])
        outside = await page.ask("RecogForm", imageBase64=picture, forms=["../claim"])
        many = await page.ask("RecogForm", imageBase64=picture, forms=[str(n) for n in range(10_000)])
    assert named["formInfos"][0]["form"] == "claim" and beside["formInfos"][0]["form"] is None
    assert unknown["result"] == FormUnknown.code and "none" in unknown["errorMsg"]
    assert outside["result"] == FormUnknown.code
    assert many["result"] == BadParameter.code


async def test_without_forms_it_says_so(service: Running, reader: PlantedReader) -> None:
    async with connect(service.url) as page:
        answer = await page.ask("RecogForm", imageBase64=coded(COPY.picture))
    assert answer["result"] == NothingTaught.code and "--teach" in answer["errorMsg"]


async def test_what_is_taught_meanwhile_is_found(
    service: Running, reader: PlantedReader, folder: FormFolder
) -> None:
    async with connect(service.url) as page:
        picture = coded(COPY.picture)
        before = await page.ask("RecogForm", imageBase64=picture)
        await asyncio.to_thread(folder.teach, "claim", draw_form(0).sample, zones(0))
        after = await page.must("RecogForm", imageBase64=picture)
        await asyncio.to_thread(folder.teach, "claim", draw_form(0).sample, zones(0)[:1])
        again = await page.must("RecogForm", imageBase64=picture)
    told = [answer["formInfos"][0] for answer in (after, again)]
    assert before["result"] == NothingTaught.code
    assert [one["version"] for one in told] == [1, 2]
    assert len(told[1]["zones"]) == 1


async def test_a_damaged_form_and_a_damaged_picture_are_told_apart(
    service: Running, reader: PlantedReader, claim: Form, folder: FormFolder
) -> None:
    async with connect(service.url) as page:
        broken = await page.ask("RecogForm", imageBase64=coded(COPY.picture)[:-4000])
        await asyncio.to_thread((folder.path / "claim.json").write_bytes, b"{")
        damaged = await page.ask("RecogForm", imageBase64=coded(COPY.picture))
    assert broken["result"] == PictureUnreadable.code
    assert damaged["result"] == FormDamaged.code and "claim" in damaged["errorMsg"]


async def test_a_process_that_answers_nonsense_is_a_fault(
    service: Running, claim: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[bytes] = [b"\xc1", packing.packed_form([]), b""]

    async def ask(*_: object) -> Reply:
        return wire.FormRead(), mapped(said.pop() or b"\x00")

    monkeypatch.setattr(TextDecoder, "ask", ask)
    async with connect(service.url) as page:
        while said:
            answer = await page.ask("RecogForm", imageBase64=coded(COPY.picture))
            assert answer["result"] == PictureUnreadable.code
