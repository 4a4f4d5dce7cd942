"""RecogDocument and PrivateCopy over a real WebSocket."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest

from imgcore.privacy import Hidden
from server.decoding import text_process
from server.decoding.text_process import TextDecoder
from server.documents import text_reader
from server.errors import (
    BadParameter,
    FileMissing,
    GaopaiError,
    NothingToHide,
    PageUnsure,
    PictureTooLarge,
)
from server.services.identity import private_copy
from synthetic.datasets.specimens import make_specimen
from synthetic.documents.specimen import Specimen
from tests.fakes.documents import PlantedReader, document
from tests.functional.conftest import Running
from tests.functional.page import Message, Page, connect
from tests.patience import PATIENCE

PAGE = np.full((60, 80, 3), 200, np.uint8)
JPEG = cv2.imencode(".jpg", PAGE)[1].tobytes()
CODED = base64.b64encode(JPEG).decode()


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlantedReader]:
    planted = PlantedReader(
        document("id-card-front", None, ["name.uncertain"], name="周文玉", id="339926199912077560"),
        document("bank-card", number="9972263560408371629", expiry="09/41"),
    )
    monkeypatch.setattr(TextDecoder, "ask", lambda _, task, image: planted.ask(task, image))
    yield planted


async def test_documents_of_a_picture(service: Running, reader: PlantedReader) -> None:
    async with connect(service.url) as page:
        answer = await page.must("RecogDocument", imageBase64=CODED)
    first, second = answer["documents"]
    assert first == {
        "type": "id-card-front",
        "fields": {"name": "周文玉", "id": "339926199912077560"},
        "valid": None,
        "expired": None,
        "problems": ["name.uncertain"],
        "corners": [[1, 1], [40, 1], [40, 30], [1, 30]],
        "page": 1,
        "imagePath": "",
    }
    assert (second["type"], second["valid"], second["fields"]["expiry"]) == ("bank-card", True, "09/41")
    assert second["expired"] is False


async def test_documents_of_files_and_of_a_camera(service: Running, reader: PlantedReader) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await page.must("CameraCapture", imagePath="a.jpg")
        of_files = await page.must("RecogDocument", imagePath="a.jpg;a.jpg", crop=False)
        of_camera = await page.must("RecogDocument")
        missing = await fails(page, FileMissing, "RecogDocument", imagePath="none.jpg")
    assert [one["imagePath"] for one in of_files["documents"]] == ["a.jpg"] * 4
    assert len(of_camera["documents"]) == 2
    assert [task.crop for task in reader.asked] == [False, False, True]  # type: ignore[union-attr]
    assert "documents" not in missing


async def test_a_copy_is_written_and_the_original_removed(service: Running, reader: PlantedReader) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await page.must("CameraCapture", imagePath="card.jpg")
        order = {"imagePath": "card.jpg", "hide": ["id"], "filePath": "copy.jpg"}
        kept = await page.must("PrivateCopy", **order, keepOriginal=True)
        assert kept["removed"] is False and (service.root / "card.jpg").exists()
        gone = await page.must("PrivateCopy", **order)
    assert gone["removed"] is True and gone["hidden"] == {"id": 2} and gone["pages"] == 1
    assert not (service.root / "card.jpg").exists()
    assert cv2.imread(gone["filePath"]).max() == 0


async def test_a_file_of_nobody_stays(service: Running, reader: PlantedReader) -> None:
    service.root.mkdir(exist_ok=True)
    (service.root / "theirs.jpg").write_bytes(JPEG)
    async with connect(service.url) as page:
        answer = await page.must("PrivateCopy", imagePath="theirs.jpg", hide=["id"])
    assert answer["removed"] is False and (service.root / "theirs.jpg").exists()


async def test_a_copy_of_many_pages_is_bounded(
    service: Running, reader: PlantedReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages are kept as pictures, not as pixels, and no more than fit."""
    monkeypatch.setattr(private_copy, "MOST_BYTES", 3 * len(cv2.imencode(".jpg", PAGE)[1]))
    coded = base64.b64encode(cv2.imencode(".jpg", PAGE)[1].tobytes()).decode()
    async with connect(service.url) as page:
        await page.must("MergeFile", imageBase64=[coded] * 9, filePath="nine.pdf")
        await fails(page, PictureTooLarge, "PrivateCopy", imagePath="nine.pdf", hide=["id"], base64=True)


async def test_a_copy_of_several_pages_is_pictures_in_a_pdf(service: Running, reader: PlantedReader) -> None:
    pages = [cv2.imencode(".jpg", PAGE)[1].tobytes()] * 2
    async with connect(service.url) as page:
        merged = await page.must(
            "MergeFile", imageBase64=[base64.b64encode(one).decode() for one in pages], filePath="two.pdf"
        )
        copy = await page.must("PrivateCopy", imagePath="two.pdf", hide=["id"], base64=True)
        refused = {"imagePath": "two.pdf", "hide": ["id"], "filePath": "b.jpg"}
        await fails(page, BadParameter, "PrivateCopy", **refused)
    assert merged["pageCount"] == copy["pages"] == 2
    with pikepdf.open(_file(service.root, base64.b64decode(copy["fileBase64"]))) as made:
        assert len(made.pages) == 2 and all("/Font" not in one.Resources for one in made.pages)


@pytest.mark.parametrize("sure", [True, False])
async def test_no_copy_that_hides_nothing(service: Running, reader: PlantedReader, sure: bool) -> None:
    reader.sure = sure
    reader.hidden = {}
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await page.must("CameraCapture", imagePath="card.jpg")
        order = {"imagePath": "card.jpg", "hide": ["phone"], "filePath": "copy.jpg", "base64": True}
        answer = await fails(page, NothingToHide if sure else PageUnsure, "PrivateCopy", **order)
    assert "fileBase64" not in answer
    assert (service.root / "card.jpg").exists() and not (service.root / "copy.jpg").exists()


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real process of text, with time for a busy machine."""
    if not text_reader.is_there():
        pytest.skip("the models of text are not here: gaopai models fetch")
    monkeypatch.setattr(text_process, "PAGE_SECONDS", 2 * PATIENCE)


def drawn(specimen: Specimen) -> str:
    """A specimen no larger than it has to be, in base64."""
    small = cv2.resize(specimen.picture, (688, 434), interpolation=cv2.INTER_AREA)
    return base64.b64encode(cv2.imencode(".jpg", small)[1].tobytes()).decode()


@pytest.mark.long
async def test_the_process_of_text_reads_a_drawn_card(service: Running, process: None) -> None:
    specimen = make_specimen(3, "bank-card")
    async with connect(service.url) as page:
        read = await page.must("RecogDocument", imageBase64=drawn(specimen), crop=False)
    assert [one["fields"] for one in read["documents"]] == [specimen.fields]


@pytest.mark.long
async def test_the_process_of_text_covers_a_drawn_card(service: Running, process: None) -> None:
    order = {"imageBase64": drawn(make_specimen(3, "bank-card")), "hide": ["bank"], "mark": "仅供测试"}
    async with connect(service.url) as page:
        copy = await page.must("PrivateCopy", **order, base64=True)
    assert copy["hidden"][Hidden.BANK] >= 1


async def fails(page: Page, error: type[GaopaiError], func: str, **parameters: object) -> Message:
    """Send a request that has to fail so."""
    message = await page.ask(func, **parameters)
    assert message["result"] == error.code, message
    return message


def _file(folder: Path, data: bytes) -> Path:
    path = folder / "answered.pdf"
    path.write_bytes(data)
    return path


async def test_a_kind_that_cannot_be_hidden_is_answered_with_those_that_can(service: Running) -> None:
    async with connect(service.url) as page:
        answer = await fails(page, BadParameter, "PrivateCopy", imagePath="a.jpg", hide=["soul"])
    assert all(f'"{kind}"' in answer["errorMsg"] for kind in Hidden)
