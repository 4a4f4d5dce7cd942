"""The pages of PDFs: scans as they were stored, anything else drawn, nothing lost, nothing uncovered."""

from __future__ import annotations

import io
import sys
from typing import Any

import cv2
import img2pdf
import numpy as np
import pikepdf
import PIL.Image
import pytest
from pikepdf import Array, Dictionary, Name

from imgcore import codec
from imgcore.types import Image, ImageError
from server.documents import pdf, rendering
from server.documents.faults import DocumentFault
from server.documents.full_page_image import find_full_page_image

LIMIT = 1 << 22
PLACED = {
    "upright": (200, 0, 0, 120, 0, 0),
    "mirrored": (-200, 0, 0, 120, 200, 0),
    "on its head": (-200, 0, 0, -120, 200, 120),
    "upside down": (200, 0, 0, -120, 0, 120),
    "transposed": (0, -200, -120, 0, 120, 200),
    "clockwise": (0, -200, 120, 0, 0, 200),
    "across": (0, 200, 120, 0, 0, 0),
    "counter-clockwise": (0, 200, -120, 0, 120, 0),
}
"""All eight ways to lay a picture on a page of its size."""


def photograph() -> Image:
    """200 x 120, each corner of its own colour."""
    corners = np.array([[(30, 60, 220), (40, 200, 50)], [(230, 80, 30), (240, 240, 240)]], np.uint8)
    return np.asarray(cv2.resize(corners, (200, 120), interpolation=cv2.INTER_LINEAR), np.uint8)


def document(content: str, size: tuple[int, int] = (200, 120), **page: Any) -> io.BytesIO:
    """A PDF of one page with `photograph` as ``/Im`` and a content of one's own."""
    made = pikepdf.new()
    picture = made.make_stream(codec.encode(photograph(), "jpg", 95))
    picture.update(
        {
            "/Type": Name.XObject,
            "/Subtype": Name.Image,
            "/Width": 200,
            "/Height": 120,
            "/ColorSpace": Name.DeviceRGB,
            "/BitsPerComponent": 8,
            "/Filter": Name.DCTDecode,
        }
    )
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    made.add_blank_page(page_size=size)
    leaf = made.pages[0].obj
    leaf.Contents = made.make_stream(content.encode())
    leaf.Resources = Dictionary(XObject=Dictionary(Im=picture), Font=Dictionary(F=font))
    for key, value in page.items():
        leaf[f"/{key}"] = value
    sink = io.BytesIO()
    made.save(sink)
    return sink


def placed(matrix: tuple[float, ...]) -> str:
    return f"q {' '.join(map(str, matrix))} cm /Im Do Q"


def is_scan(stream: io.BytesIO) -> bool:
    with pikepdf.open(stream) as opened:
        return find_full_page_image(opened.pages[0]) is not None


@pytest.mark.parametrize("rotate", [0, 90, 180, 270, -90])
@pytest.mark.parametrize("way", PLACED)
def test_a_scan_comes_out_as_a_reader_shows_it(way: str, rotate: int) -> None:
    pytest.importorskip("pypdfium2", reason="compared with PDFium, which is not installed")
    matrix = PLACED[way]
    size = (200, 120) if matrix[0] else (120, 200)
    stream = document(placed(matrix), size, Rotate=rotate)
    assert is_scan(stream)
    picture, dots = pdf.read_page(stream, 0, LIMIT)
    drawn, _ = rendering.render_page(stream, 0, LIMIT)
    assert dots == pytest.approx(72)
    small = cv2.resize(drawn, picture.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - picture).mean() < 4


def test_a_scan_is_not_encoded_or_scaled_anew() -> None:
    picture, _ = pdf.read_page(document(placed(PLACED["upright"])), 0, LIMIT)
    np.testing.assert_array_equal(picture, codec.decode(codec.encode(photograph(), "jpg", 95), LIMIT))


def test_what_a_jpeg_says_of_its_orientation_does_not_count_in_a_pdf() -> None:
    sink = io.BytesIO()
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    PIL.Image.fromarray(photograph()[:, :, ::-1]).save(sink, "JPEG", exif=exif)
    layout = img2pdf.get_fixed_dpi_layout_fun((72, 72))
    made = img2pdf.convert(sink.getvalue(), layout_fun=layout, rotation=img2pdf.Rotation.none)
    assert pdf.read_page(io.BytesIO(made), 0, LIMIT)[0].shape == (120, 200, 3)


@pytest.mark.parametrize(
    "content",
    [
        placed(PLACED["upright"]) + " BT 3 Tr /F 12 Tf 20 20 Td (words found) Tj ET",
        "q 0.5 0 0 0.5 0 0 cm q 400 0 0 240 0 0 cm /Im Do Q Q",
        "0 g q 200 0 0 120 0.5 0.3 cm /Im Do Q",
    ],
    ids=["invisible text", "two matrices", "half a point off"],
)
def test_it_is_a_scan_still(content: str) -> None:
    assert is_scan(document(content))


@pytest.mark.parametrize(
    "content",
    [
        placed(PLACED["upright"]) + " BT /F 12 Tf 20 20 Td (a note) Tj ET",
        placed(PLACED["upright"]) + " 1 1 1 rg 20 20 60 30 re f",
        placed(PLACED["upright"]) * 2,
        "20 20 60 30 re W n " + placed(PLACED["upright"]),
        placed((150, 0, 0, 120, 0, 0)),
        placed((260, 0, 0, 156, -30, -18)),
        placed((199, 12, -12, 119, 0, 0)),
        placed((0, 0, 0, 0, 0, 0)),
        "q",
        "",
    ],
    ids=[
        *("text", "a box over it", "twice", "clipped", "stretched", "cut at the edge", "tilted", "nowhere"),
        *("nothing drawn", "empty"),
    ],
)
def test_it_is_more_or_less_than_a_scan(content: str) -> None:
    """A box that covers a name, for one, must not be lost by taking the picture under it."""
    assert not is_scan(document(content))


def test_a_stamp_laid_on_a_scan_is_not_lost() -> None:
    for kind, scan in (("/Stamp", False), ("/Link", True)):
        note = Dictionary(Type=Name.Annot, Subtype=Name(kind), Rect=Array([10, 10, 50, 50]))
        assert is_scan(document(placed(PLACED["upright"]), Annots=Array([note]))) == scan


def test_a_page_of_text_is_drawn() -> None:
    pytest.importorskip("pypdfium2", reason="pages are drawn by PDFium, which is not installed")
    stream = document("BT /F 40 Tf 20 40 Td (HHHH) Tj ET", (200, 120))
    picture, dots = pdf.read_page(stream, 0, LIMIT)
    assert dots == rendering.LEAST_DOTS
    assert np.allclose(picture.shape, (500, 833), atol=1)
    assert picture.min() < 40
    assert picture[0, 0] == 255


def test_what_must_be_drawn_is_said_where_nothing_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    stream = document("BT /F 40 Tf 20 40 Td (HHHH) Tj ET")
    with pytest.raises(DocumentFault, match="pypdfium2"):
        pdf.read_page(stream, 0, LIMIT)
    assert pdf.read_page(document(placed(PLACED["upright"])), 0, LIMIT)[0].shape == (120, 200, 3)


@pytest.mark.parametrize("kind", ["1", "L", "RGB", "P", "CMYK"])
def test_every_kind_of_stored_picture_is_read(kind: str) -> None:
    image = PIL.Image.fromarray(photograph()[:, :, ::-1]).convert("RGB" if kind == "P" else kind)
    image = image.quantize(200) if kind == "P" else image
    sink = io.BytesIO()
    image.save(sink, "TIFF" if kind == "CMYK" else "PNG")
    made = img2pdf.convert(sink.getvalue(), layout_fun=img2pdf.get_fixed_dpi_layout_fun((72, 72)))
    expected = np.asarray(image.convert("RGB"))[:, :, ::-1]
    picture, _ = pdf.read_page(io.BytesIO(made), 0, LIMIT)
    shown = picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)
    assert np.abs(shown.astype(int) - expected).mean() < 6
    assert (picture.ndim == 2) == (kind in "1L")


# Hostile ---------------------------------------------------------------------------------


def test_a_protected_pdf_is_said_to_be_one() -> None:
    sink = io.BytesIO()
    with pikepdf.open(document(placed(PLACED["upright"]))) as opened:
        opened.save(sink, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    with pytest.raises(DocumentFault, match="password"):
        pdf.read_page(sink, 0, LIMIT)


@pytest.mark.parametrize("data", [b"%PDF-1.7\nrubbish", b"%PDF-", b"\n%PDF-1.4\n1 0 obj\n<</Kids[1 0 R]>>"])
def test_rubbish_is_said_to_be_damaged(data: bytes) -> None:
    with pytest.raises(DocumentFault):
        pdf.count_pages(io.BytesIO(data))


@pytest.mark.parametrize(
    "content",
    [
        "q (a) 0 0 b 0 0 cm /Im Do Q",
        "q 1 cm /Im Do Q",
        "/Nowhere Do",
        "Do",
        "[ /Im ] Do",
        "Tr " + placed(PLACED["upright"]),
    ],
)
def test_a_page_that_contradicts_itself_is_no_scan_and_no_crash(content: str) -> None:
    pytest.importorskip("pypdfium2", reason="pages are drawn by PDFium, which is not installed")
    picture, _ = pdf.read_page(document(content), 0, LIMIT)
    assert picture.shape[0] > 100


def test_a_cut_pdf_is_a_fault_or_is_mended() -> None:
    whole = document(placed(PLACED["upright"])).getvalue()
    for share in np.linspace(0.05, 0.99, 25):
        try:
            pdf.read_page(io.BytesIO(whole[: int(len(whole) * share)]), 0, LIMIT)
        except (DocumentFault, ImageError):
            continue


@pytest.mark.parametrize("filling", ["upright", "stretched"])
def test_a_damaged_picture_does_not_become_a_white_page(filling: str) -> None:
    """PDFium leaves it out and draws the rest, which is nothing."""
    pytest.importorskip("pypdfium2", reason="pages are drawn by PDFium, which is not installed")
    stream = document(placed((200, 0, 0, 120 if filling == "upright" else 60, 0, 0)))
    with pikepdf.open(stream) as opened:
        picture = opened.pages[0].obj.Resources.XObject.Im
        picture.write(b"rubbish" * 100, filter=Name.DCTDecode)
        broken = io.BytesIO()
        opened.save(broken)
    with pytest.raises((DocumentFault, ImageError)):
        pdf.read_page(broken, 0, LIMIT)


def test_an_empty_page_is_an_empty_page() -> None:
    pytest.importorskip("pypdfium2", reason="pages are drawn by PDFium, which is not installed")
    assert pdf.read_page(document(""), 0, LIMIT)[0].min() == 255


def test_a_picture_over_the_limit_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = document(placed(PLACED["upright"]))
    with pytest.raises(ImageError, match="over the limit"):
        pdf.read_page(stream, 0, 1000)


def test_a_page_as_large_as_a_field_is_refused_before_it_is_drawn() -> None:
    pytest.importorskip("pypdfium2", reason="pages are drawn by PDFium, which is not installed")
    with pytest.raises(ImageError, match="over the limit"):
        pdf.read_page(document("0 0 m 9 9 l S", (14400, 14400)), 0, 250_000_000)


@pytest.mark.long
def test_what_a_small_stream_unpacks_to_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some 100 kB that stand for 100 MB, in a picture that claims 200 x 120."""
    if not hasattr(pikepdf.settings, "set_qpdf_limits"):
        pytest.skip("this pikepdf cannot limit what a stream unpacks to")
    before: dict[str, Any] = {**pikepdf.settings.get_qpdf_limits()}
    stream = document(placed(PLACED["upright"]))
    with pikepdf.open(stream) as opened:
        opened.pages[0].obj.Resources.XObject.Im.write(bytes(100 << 20))
        bomb = io.BytesIO()
        opened.save(bomb)
    monkeypatch.setattr(pdf, "STREAM_LIMIT", 1 << 20)
    try:
        with pytest.raises(DocumentFault, match="damaged"):
            pdf.read_page(bomb, 0, LIMIT)
    finally:
        pikepdf.settings.set_qpdf_limits(**before)
