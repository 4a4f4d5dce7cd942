"""GetStamps and StampFile over a real WebSocket."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import PIL.Image
import pytest

from imgcore.types import Image
from server import config as configuration
from server.config import Config, StampConfig
from server.errors import BadParameter, FileUnreadable, GaopaiError, MissingParameter, PathOutside
from server.protocol.messages.stamps import MOST_STAMPS
from tests.functional.conftest import Running
from tests.functional.page import Message, Page, connect
from tests.unit.documents.samples import drawn, encrypted, text_pdf, tiff

PAGE = np.full((400, 600, 3), 255, np.uint8)
PAGE[180:220] = 0
RED = (0, 0, 200)


def coded(image: Image = PAGE, suffix: str = ".png") -> str:
    return base64.b64encode(cv2.imencode(suffix, image)[1].tobytes()).decode()


def seen(answer: Message) -> Image:
    data = np.frombuffer(base64.b64decode(answer["fileBase64"]), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def reddish(image: Image) -> np.ndarray:
    pixels = image.astype(int)
    return np.argwhere((pixels[:, :, 2] > 120) & (pixels[:, :, 0] < 100))


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    """With three stamps of the organisation: a seal with a transparent ground, a text, and a missing file."""
    seal = np.zeros((100, 100, 4), np.uint8)
    cv2.circle(seal, (50, 50), 45, (*RED, 255), -1)
    cv2.imwrite(str(tmp_path / "seal.png"), seal)
    stamps = {
        "公章": StampConfig(file=str(tmp_path / "seal.png"), width=20),
        "received": StampConfig(text="RECEIVED\n{date} {clerk} {case}", colour="#0000C0"),
        "gone": StampConfig(file=str(tmp_path / "gone.png")),
        "no picture": StampConfig(file=str(tmp_path / "text.png")),
    }
    (tmp_path / "text.png").write_text("no picture")
    return configuration.replace(config, stamps=stamps)


async def fails(page: Page, error: type[GaopaiError], **parameters: object) -> Message:
    answer = await page.ask("StampFile", **parameters)
    assert answer["result"] == error.code, answer
    return answer


async def test_all_stamps_that_there_are(service: Running) -> None:
    async with connect(service.url) as page:
        answer = await page.must("GetStamps", clerk="Lin")
    # Those that cannot be read say so when they are used.
    assert [one["name"] for one in answer["stamps"]] == ["公章", "received", "copy", "verified"]
    seal, received = answer["stamps"][:2]
    assert (seal["width"], seal["height"]) == (20, 20)
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(seal["imageBase64"]), np.uint8), cv2.IMREAD_COLOR)
    assert tuple(picture[0, 0]) == (255, 255, 255) and tuple(picture[50, 50]) == RED
    assert received["width"] == 40 and 5 < received["height"] < 40


async def test_a_stamp_lies_where_it_was_placed(service: Running) -> None:
    wish = {"name": "公章", "left": 10, "top": 20, "width": 30}
    async with connect(service.url) as page:
        answer = await page.must("StampFile", imageBase64=coded(), stamps=[wish], base64=True)
    assert (answer["mime"], answer["pages"]) == ("image/jpeg", 1) and "filePath" not in answer
    stamped = seen(answer)
    top, left = reddish(stamped).min(axis=0)
    bottom, right = reddish(stamped).max(axis=0)
    # A circle of nine tenths of its picture, 180 pixels wide.
    assert (left, top, right, bottom) == pytest.approx((69, 89, 231, 251), abs=3)
    assert stamped[185:215, 100:200].max() < 60


async def test_a_stamp_has_its_size_in_mm_at_its_position(service: Running) -> None:
    sheet = io.BytesIO()
    PIL.Image.new("RGB", (1240, 1754), "white").save(sheet, "PNG", dpi=(150, 150))
    order = {"imageBase64": base64.b64encode(sheet.getvalue()).decode(), "base64": True}
    async with connect(service.url) as page:
        answer = await page.must("StampFile", **order, stamps=[{"name": "公章", "position": 0}])
        corner = await page.must("StampFile", **order, stamps=[{"name": "公章"}])
    found = reddish(seen(answer))
    # Nine tenths of 20 mm.
    assert np.ptp(found[:, 1]) / 150 * 25.4 == pytest.approx(18, abs=0.5)
    assert found.max() < 400
    assert reddish(seen(corner)).min(axis=0) == pytest.approx((1500, 1000), abs=150)


async def test_the_text_of_a_stamp_is_filled(service: Running) -> None:
    async with connect(service.url) as page:
        short = await page.must("GetStamps")
        await page.must("SetPageInfo", case="7/2026")
        long = await page.must("GetStamps", clerk="Lin Yuzhen of the second counter")
    heights = [one["height"] for answer in (short, long) for one in answer["stamps"][1:2]]
    # The same width, and more to tell: lower.
    assert heights[1] < 0.8 * heights[0]


async def test_a_pdf_keeps_its_text_below_its_stamps(service: Running) -> None:
    service.root.mkdir(exist_ok=True)
    (service.root / "a.pdf").write_bytes(text_pdf("first", "second", "third"))
    stamps = [{"name": "公章", "page": 2, "left": 50, "top": 0, "width": 50}, {"name": "copy", "position": 6}]
    async with connect(service.url) as page:
        answer = await page.must("StampFile", imagePath="a.pdf", stamps=stamps, filePath="b.pdf")
    made = (service.root / "b.pdf").read_bytes()
    assert (answer["filePath"], answer["pages"]) == (str(service.root / "b.pdf"), 3)
    counts = [len(reddish(drawn(made, number))) for number in range(3)]
    assert counts[1] > counts[0] + 5000 and counts[0] == counts[2] > 100
    with pikepdf.open(io.BytesIO(made)) as document:
        told = b"".join(one.read_bytes() for one in document.pages[2].obj.Contents)
        assert b"(third) Tj" in told
    assert (service.root / "a.pdf").read_bytes() == text_pdf("first", "second", "third")


async def test_several_pictures_become_a_pdf(service: Running) -> None:
    sheet = PIL.Image.fromarray(PAGE[::4, ::4])
    pages = tiff(sheet, sheet, sheet)
    order = {"imageBase64": base64.b64encode(pages).decode(), "stamps": [{"name": "公章", "page": 3}]}
    async with connect(service.url) as page:
        answer = await page.must("StampFile", **order, base64=True)
        refused = await fails(page, BadParameter, **order, filePath="a.jpg")
    made = base64.b64decode(answer["fileBase64"])
    assert (answer["mime"], answer["pages"]) == ("application/pdf", 3)
    assert [len(reddish(drawn(made, number))) > 0 for number in range(3)] == [False, False, True]
    assert "PDF" in refused["errorMsg"] and not (service.root / "a.jpg").exists()


async def test_a_picture_becomes_a_pdf_where_its_name_says_so(service: Running) -> None:
    async with connect(service.url) as page:
        answer = await page.must(
            "StampFile", imageBase64=coded(), stamps=[{"name": "公章"}], filePath="a.pdf", base64=True
        )
    made = (service.root / "a.pdf").read_bytes()
    assert base64.b64decode(answer["fileBase64"]) == made and len(reddish(drawn(made))) > 0


async def test_a_file_that_no_name_was_given_for_has_the_default_name(service: Running) -> None:
    async with connect(service.url) as page:
        answer = await page.must("StampFile", imageBase64=coded(), stamps=[{"name": "copy"}])
    assert answer["filePath"].endswith(".jpg") and Path(answer["filePath"]).exists()


@pytest.mark.parametrize(
    ("stamps", "word"),
    [
        ([], "at least one"),
        ([{"name": "unknown"}], "GetStamps"),
        ([{"name": "copy", "page": 2}], "1 page"),
        ([{"name": "copy", "left": 10}], "left and top"),
        ([{"name": "copy", "left": 90, "top": 10, "width": 20}], "within its page"),
        ([{"name": "copy", "left": 10, "top": 95, "width": 100}], "within its page"),
        ([{"name": "copy", "left": -1, "top": 0}], "0"),
        ([{"name": "copy", "width": 0}], "0"),
        ([{"name": "copy", "position": 9}], "8"),
        ([{"name": "copy", "angle": 360}], "180"),
        ([{"name": "copy"}] * (MOST_STAMPS + 1), str(MOST_STAMPS)),
        ([{"left": 1}], "name"),
        (7, "stamps"),
    ],
)
async def test_a_wrong_wish_is_refused(service: Running, stamps: object, word: str) -> None:
    async with connect(service.url) as page:
        await page.must("SetPageInfo", language="en")
        answer = await page.ask("StampFile", imageBase64=coded(), stamps=stamps, filePath="a.jpg")
    assert answer["result"] in (BadParameter.code, MissingParameter.code) and word in answer["errorMsg"], (
        answer
    )
    assert not (service.root / "a.jpg").exists()


async def test_a_stamp_that_is_no_picture_says_so(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("SetPageInfo", language="en")
        gone = await fails(page, FileUnreadable, imageBase64=coded(), stamps=[{"name": "gone"}])
        answer = await page.ask("StampFile", imageBase64=coded(), stamps=[{"name": "no picture"}])
    assert "[stamps] gone" in gone["errorMsg"] and str(service.root.parent) not in gone["errorMsg"]
    assert answer["result"] not in (0, 1) and "[stamps] no picture" in answer["errorMsg"]


async def test_a_signed_file_gets_no_stamp(service: Running) -> None:
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(text_pdf("a"))) as document:
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), SigFlags=3)
        document.save(sink)
    signed = base64.b64encode(sink.getvalue()).decode()
    async with connect(service.url) as page:
        await page.must("SetPageInfo", language="en")
        answer = await fails(page, BadParameter, imageBase64=signed, stamps=[{"name": "copy"}])
    assert "it is signed" in answer["errorMsg"]


async def test_a_protected_or_damaged_file_is_refused_and_the_next_one_stamped(service: Running) -> None:
    protected = encrypted(text_pdf("a"), user="secret", owner="secret")
    async with connect(service.url) as page:
        for data in (protected, text_pdf("a")[:-700], b"%PDF-1.7\n%%EOF", b""):
            order = {"imageBase64": base64.b64encode(data).decode(), "stamps": [{"name": "copy"}]}
            answer = await page.ask("StampFile", **order, filePath="b.pdf")
            assert answer["result"] != 0 and not (service.root / "b.pdf").exists()
        await fails(page, PathOutside, imageBase64=coded(), stamps=[{"name": "copy"}], filePath="../b.jpg")
        await page.must("StampFile", imageBase64=coded(), stamps=[{"name": "copy"}], filePath="b.jpg")
    assert (service.root / "b.jpg").exists()
