"""RecogDocument and PrivateCopy over a real WebSocket."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray

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
from server.protocol.messages.identity import MOST_AREAS
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


GAPS = {"left": 10, "top": 20, "width": 30, "height": 15}
"""A rectangle on `PAGE`."""


async def test_a_rectangle_is_black_to_the_pixel_and_nothing_is_read(service: Running) -> None:
    async with connect(service.url) as page:
        order = {"imageBase64": CODED, "hide": [], "areas": [GAPS], "filePath": "copy.png"}
        copy = await page.must("PrivateCopy", **order)
    assert copy["hidden"] == {"area": 1}
    made = cv2.imread(copy["filePath"])
    assert made.shape == PAGE.shape
    assert made[20:35, 10:40].max() == 0
    made[20:35, 10:40] = 200
    assert abs(made.astype(int) - 200).max() <= 2


async def test_what_is_below_a_rectangle_is_not_read_either(service: Running, reader: PlantedReader) -> None:
    async with connect(service.url) as page:
        copy = await page.must("PrivateCopy", imageBase64=CODED, hide=["id"], areas=[GAPS], base64=True)
    assert copy["hidden"] == {"area": 1, "id": 2}
    (seen,) = reader.seen
    assert seen[20:35, 10:40].max() == 0 and seen[0, 0].min() > 190


async def test_a_rectangle_is_on_its_page_of_a_file_with_text(service: Running) -> None:
    """Neither the pixels nor the text of a PDF are behind a rectangle."""
    service.root.mkdir(exist_ok=True)
    (service.root / "two.pdf").write_bytes(typed("SECRET ONE", "SECRET TWO"))
    async with connect(service.url) as page:
        area = {"left": 0, "top": 0, "width": 100, "height": 60, "page": 2}
        copy = await page.must("PrivateCopy", imagePath="two.pdf", hide=[], areas=[area], base64=True)
        await fails(page, BadParameter, "PrivateCopy", imagePath="two.pdf", areas=[{**area, "page": 3}])
    data = base64.b64decode(copy["fileBase64"])
    with pikepdf.open(io.BytesIO(data)) as made:
        first, second = (page_pixels(one) for one in made.pages)
        streams = b"".join(
            one.read_bytes()
            for one in made.objects
            if isinstance(one, pikepdf.Stream) and one.get("/Subtype") != "/Image"
        )
        names = str(made.trailer) + str(made.docinfo)
        assert all("/Font" not in one.Resources for one in made.pages)
    assert b"SECRET" not in data + streams and "SECRET" not in names
    assert first[:60, :100].min() < 50 and first[:60, :100].max() > 200, "the word stands there"
    assert second[:60, :100].max() < 30
    assert second[-20:].min() > 200


@pytest.mark.parametrize(
    "area",
    [[0, 0, 81, 10], [0, 0, 10, 61], [-1, 0, 10, 10], [90, 70, 95, 75], [5, 5, 5, 9], [5, 9, 9, 5]],
    ids=["right", "below", "left", "beyond", "no width", "upside down"],
)
async def test_a_rectangle_off_its_page_is_refused(service: Running, area: list[int]) -> None:
    async with connect(service.url) as page:
        answer = await fails(
            page, BadParameter, "PrivateCopy", imageBase64=CODED, hide=[], areas=[area], base64=True
        )
    assert "areas" in answer["errorMsg"] and "fileBase64" not in answer
    assert ("80 x 60" in answer["errorMsg"]) is (area[0] < area[2] and area[1] < area[3])


async def test_as_many_rectangles_as_fit_a_copy(service: Running) -> None:
    order = {"imageBase64": CODED, "hide": [], "base64": True}
    async with connect(service.url) as page:
        copy = await page.must("PrivateCopy", **order, areas=[[0, 0, 1, 1]] * MOST_AREAS)
        assert copy["hidden"] == {"area": MOST_AREAS}
        answer = await fails(
            page, BadParameter, "PrivateCopy", **order, areas=[[0, 0, 1, 1]] * (MOST_AREAS + 1)
        )
    assert str(MOST_AREAS) in answer["errorMsg"]


def typed(*words: str) -> bytes:
    """A PDF with a page for each word, as text."""
    made = pikepdf.new()
    for word in words:
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        sheet = made.add_blank_page(page_size=(200, 100))
        sheet.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        sheet.Contents = made.make_stream(f"BT /F 12 Tf 5 85 Td ({word}) Tj ET".encode())
    made.docinfo["/Title"] = words[0]
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def page_pixels(sheet: pikepdf.Page) -> NDArray[np.uint8]:
    (picture,) = sheet.get_images().values()
    pixels = cv2.imdecode(np.frombuffer(picture.read_raw_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None
    return pixels
