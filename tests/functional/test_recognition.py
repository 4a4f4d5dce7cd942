"""RecogBarCode as a page sees it: pictures, files, documents page by page."""

from __future__ import annotations

import base64
import io

import cv2
import img2pdf
import numpy as np
import pytest
import zxingcpp

from imgcore.types import Image
from tests.functional.conftest import Running
from tests.functional.page import Message, connect


def page_with(*codes: tuple[str, str], gs1: bool = False) -> Image:
    """A white page with codes below one another; each is its format's name and its text."""
    page = np.full((900, 700), 255, np.uint8)
    for row, (name, text) in enumerate(codes):
        made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, name), gs1=gs1)
        drawn = np.array(zxingcpp.write_barcode_to_image(made, scale=3, add_quiet_zones=True))
        top = 60 + 260 * row
        page[top : top + drawn.shape[0], 50 : 50 + drawn.shape[1]] = drawn[: 900 - top, :650]
    return page


def png(image: Image) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


def told(answer: Message) -> list[tuple[str, str]]:
    return [(code["codeType"], code["codeNum"]) for code in answer["codeInfos"]]


TWO = (("Code128", "GAOPAI-2026"), ("QRCode", "https://oa.example.cn/?id=42"))


async def test_a_picture_in_the_message(service: Running) -> None:
    async with connect(service.url) as page:
        answer = await page.must("RecogBarCode", imageBase64=base64.b64encode(png(page_with(*TWO))).decode())
    assert told(answer) == [("code128", "GAOPAI-2026"), ("QR", "https://oa.example.cn/?id=42")]
    first = answer["codeInfos"][0]
    box = [int(first[side]) for side in ("left", "top", "right", "bottom")]
    assert 40 <= box[0] < box[2] <= 700 and 50 <= box[1] < box[3] <= 300
    assert "imagePath" not in first
    corners = np.array(first["corners"])
    assert corners.shape == (4, 2)
    assert np.abs([*corners.min(axis=0), *corners.max(axis=0)] - np.array(box)).max() <= 0.5


async def test_several_files_name_their_codes(service: Running) -> None:
    for name, text in (("a.png", "6901234567892"), ("b.png", "6921234567890")):
        (service.root / name).write_bytes(png(page_with(("EAN13", text))))
    async with connect(service.url) as page:
        answer = await page.must("RecogBarCode", imagePath="a.png;b.png")
    assert told(answer) == [("EAN13", "6901234567892"), ("EAN13", "6921234567890")]
    assert [code["imagePath"] for code in answer["codeInfos"]] == ["a.png", "b.png"]


async def test_the_same_code_twice_is_two_codes(service: Running) -> None:
    (service.root / "twice.png").write_bytes(png(page_with(("Code128", "SAME"), ("Code128", "SAME"))))
    async with connect(service.url) as page:
        answer = await page.must("RecogBarCode", imagePath="twice.png")
    assert told(answer) == [("code128", "SAME")] * 2


async def test_documents_are_read_page_by_page(service: Running) -> None:
    sheets = [png(page_with(("Code128", f"SHEET-{number}"))) for number in (1, 2)]
    (service.root / "two.pdf").write_bytes(img2pdf.convert(sheets))
    stream = io.BytesIO()
    ok, tiff = cv2.imencodemulti(".tif", [page_with(("Code39", "T1")), page_with(("Code39", "T2"))])
    assert ok
    stream.write(tiff.tobytes())
    (service.root / "two.tif").write_bytes(stream.getvalue())
    async with connect(service.url) as page:
        answer = await page.must("RecogBarCode", imagePath="two.pdf;two.tif")
    assert told(answer) == [
        ("code128", "SHEET-1"),
        ("code128", "SHEET-2"),
        ("code39", "T1"),
        ("code39", "T2"),
    ]
    assert [code["page"] for code in answer["codeInfos"]] == [1, 2, 1, 2]


async def test_no_code_is_success_and_an_empty_list(service: Running) -> None:
    (service.root / "empty.png").write_bytes(png(np.full((400, 400), 255, np.uint8)))
    async with connect(service.url) as page:
        assert (await page.must("RecogBarCode", imagePath="empty.png"))["codeInfos"] == []


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"imagePath": "none.png"}, 4006),
        ({"imagePath": "../a.png"}, 4002),
        ({"imagePath": "broken.png"}, 3001),
        ({"imageBase64": "%%%"}, 3001),
        ({"imageBase64": base64.b64encode(b"text").decode()}, 3001),
        ({}, 1005),
    ],
)
async def test_what_cannot_be_read_is_an_error(
    service: Running, parameters: dict[str, object], code: int
) -> None:
    (service.root / "broken.png").write_bytes(png(page_with(*TWO))[:500])
    async with connect(service.url) as page:
        assert (await page.ask("RecogBarCode", **parameters))["result"] == code


@pytest.mark.parametrize("kind", ["DataMatrix", "Code128"])
async def test_fields_of_a_code_come_when_asked_for(service: Running, kind: str) -> None:
    """A device's label: its number, the day until which it may be used, and one that does not exist."""
    (service.root / "a.png").write_bytes(png(page_with((kind, "(01)09506000134352(17)260230"), gs1=True)))
    async with connect(service.url) as page:
        (asked,) = (await page.must("RecogBarCode", imagePath="a.png", parse=True))["codeInfos"]
        (plain,) = (await page.must("RecogBarCode", imagePath="a.png"))["codeInfos"]
    assert asked["parsed"] == {
        "scheme": "gs1",
        "fields": {"01": "09506000134352", "17": "260230"},
        "valid": False,
        "problems": ["17.date"],
    }
    assert "parsed" not in plain and plain["codeNum"] == asked["codeNum"]


async def test_a_code_without_fields_is_told_as_it_is(service: Running) -> None:
    passenger = "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100"
    (service.root / "a.png").write_bytes(png(page_with(*TWO)))
    (service.root / "b.png").write_bytes(png(page_with(("Aztec", passenger))))
    async with connect(service.url) as page:
        answer = await page.must("RecogBarCode", imagePath="a.png;b.png", parse=True)
    assert [code.get("parsed", {}).get("scheme") for code in answer["codeInfos"]] == [None, None, "bcbp"]
    assert answer["codeInfos"][2]["parsed"]["fields"]["seat"] == "001A"
