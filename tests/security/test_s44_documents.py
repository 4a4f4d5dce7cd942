"""S44: fields of documents are in their answer alone; a private copy that may still tell is not given.

Canaries of a card are planted where the process of text says what it read: they are looked for in the log at
its finest, in temporary files, the trail and the metrics, after success and after every failure.
"""

from __future__ import annotations

import asyncio
import base64
import tempfile
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import cv2
import msgspec
import numpy as np
import pytest

from imgcore.privacy import UnreadablePage
from server import config as configuration
from server.config import Config
from server.decoding.text_process import TextDecoder
from server.errors import NothingToHide, PageUnsure
from tests.fakes.documents import PlantedReader, document
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
    reader.sure, reader.hidden = error is NothingToHide, {}
    async with connect(service.url) as page:
        answer = await page.ask("PrivateCopy", imageBase64=CODED, base64=True, filePath="copy.jpg")
    assert answer["result"] == error.code and "fileBase64" not in answer
    assert list(service.root.rglob("copy*")) == []


def test_an_unreadable_page_says_nothing_of_itself() -> None:
    assert birds_in(str(UnreadablePage()).encode()) == []
