"""PDFs of pictures: JPEGs untouched, anything else without loss, pages as large as they were."""

from __future__ import annotations

import gc
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pikepdf
import PIL.Image
import PIL.ImageCms
import pytest

from imgcore import codec
from server.documents.pdf_image import PdfImage, pdf_of_images
from server.documents.pdf_writer import PdfDocumentWriter
from tests.unit.documents.samples import (
    HEIGHT,
    LIMIT,
    WIDTH,
    drawn,
    file,
    jpeg,
    letters,
    near,
    pdf,
    photograph,
    png,
    shown,
    text_pdf,
    tiff,
    written,
)


@dataclass
class Stored:
    """A picture in a PDF, taken out of it."""

    raw: bytes
    coding: str
    depth: int
    space: tuple[object, ...]
    unpacked: bytes = b""
    pixels: PIL.Image.Image | None = None


def images(data: bytes) -> list[Stored]:
    """The picture of each page."""
    with pikepdf.open(io.BytesIO(data)) as document:
        return [_stored(next(iter(page.obj.Resources.XObject.values()))) for page in document.pages]


def _stored(image: Any) -> Stored:
    space: tuple[object, ...] = (str(image.ColorSpace),)
    if isinstance(image.ColorSpace, pikepdf.Array):
        kind, value, *_ = image.ColorSpace
        space = (str(kind), int(value.N), value.read_bytes()) if kind == "/ICCBased" else (str(kind),)
    (coding,) = image.Filter if isinstance(image.Filter, pikepdf.Array) else [image.Filter]
    stored = Stored(image.read_raw_bytes(), str(coding), int(image.BitsPerComponent), space)
    if stored.coding == "/FlateDecode":
        stored.unpacked = image.read_bytes()
        stored.pixels = None if stored.depth == 16 else pikepdf.PdfImage(image).as_pil_image().convert("RGB")
    return stored


def box(data: bytes) -> list[float]:
    """The first page's."""
    with pikepdf.open(io.BytesIO(data)) as document:
        return [float(side) for side in document.pages[0].mediabox]


@pytest.mark.parametrize(
    "data", [jpeg(), jpeg("L"), jpeg("CMYK"), jpeg(progressive=True), jpeg() + b"what a camera appends"]
)
def test_a_jpeg_is_embedded_byte_for_byte(data: bytes) -> None:
    (image,) = images(written(PdfDocumentWriter, data))
    assert (image.raw, image.coding) == (data, "/DCTDecode")


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_it_looks_as_img2pdf_makes_it_look(mode: str) -> None:
    ours = written(PdfDocumentWriter, jpeg(mode, dpi=(72, 72)))
    theirs = pdf(jpeg(mode))
    assert near(drawn(ours), drawn(theirs), 0.5)
    assert not near(drawn(ours), 255 - drawn(theirs), 30)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_seen_upright(orientation: int) -> None:
    data = jpeg(orientation=orientation, dpi=(72, 72))
    made = written(PdfDocumentWriter, data)
    assert near(drawn(made), codec.decode(data, LIMIT))
    assert images(made)[0].raw == data
    with pikepdf.open(io.BytesIO(made)) as document:
        assert document.pages[0].obj.get("/Rotate", 0) == (0, 0, 180, 180, 270, 90, 90, 270)[orientation - 1]


def test_a_colour_profile_stays() -> None:
    profile = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    for data in (jpeg(icc_profile=profile), png(icc_profile=profile)):
        assert images(written(PdfDocumentWriter, data))[0].space == ("/ICCBased", 3, profile)
    assert images(written(PdfDocumentWriter, jpeg("L", icc_profile=profile)))[0].space == ("/DeviceGray",)


@pytest.mark.parametrize(
    ("stated", "meant"),
    [
        ((300, 300), (300, 300)),
        ((204, 98), (204, 98)),
        (None, (200, 200)),
        ((1, 1), (200, 200)),
        ((7200, 300), (200, 200)),
    ],
)
@pytest.mark.parametrize("make", [jpeg, png])
def test_a_page_is_as_large_as_the_file_says(
    make: Any, stated: tuple[int, int] | None, meant: tuple[int, int]
) -> None:
    data = make(dpi=stated) if stated else make()
    wanted = [0, 0, WIDTH * 72 / meant[0], HEIGHT * 72 / meant[1]]
    assert box(written(PdfDocumentWriter, data)) == pytest.approx(wanted, rel=1e-3)


def test_exif_tells_the_size_where_nothing_else_does() -> None:
    exif = PIL.Image.Exif()
    exif[0x011A] = 118.11
    exif[0x011B] = 118.11
    exif[0x0128] = 3
    data = file(shown(photograph()), "JPEG", exif=exif)
    data = data[:2] + data[data.index(b"\xff\xe1") :]
    assert box(written(PdfDocumentWriter, data))[2] == pytest.approx(WIDTH * 72 / 300, rel=1e-3)


def test_no_page_is_larger_than_readers_show() -> None:
    tall = file(PIL.Image.new("L", (90, 9000), 200), "PNG", dpi=(30, 30))
    assert box(written(PdfDocumentWriter, tall))[3] == 14_400


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1"])
def test_a_png_keeps_its_pixels(mode: str) -> None:
    source = shown(photograph())
    source = source.quantize(200) if mode == "P" else source.convert(mode)
    made = written(PdfDocumentWriter, file(source, "PNG", dpi=(72, 72)))
    assert near(drawn(made), np.asarray(source.convert("RGB"))[:, :, ::-1], 0.5)
    if mode != "1":
        (image,) = images(made)
        assert image.pixels is not None
        assert np.array_equal(np.asarray(image.pixels), np.asarray(source.convert("RGB")))


def test_a_png_of_sixteen_bits_keeps_them() -> None:
    ramp = np.arange(WIDTH * HEIGHT, dtype=np.uint16).reshape(HEIGHT, WIDTH)
    (image,) = images(written(PdfDocumentWriter, file(PIL.Image.fromarray(ramp), "PNG")))
    assert image.depth == 16
    assert np.array_equal(np.frombuffer(image.unpacked, ">u2").reshape(HEIGHT, WIDTH), ramp)


def test_transparency_lies_on_white() -> None:
    clear = PIL.Image.new("RGBA", (40, 30), (0, 0, 0, 0))
    clear.paste((200, 10, 10, 255), (0, 0, 20, 30))
    found = images(written(PdfDocumentWriter, file(clear, "PNG")))[0].pixels
    assert found is not None
    assert (found.getpixel((5, 5)), found.getpixel((30, 5))) == ((200, 10, 10), (255, 255, 255))


@pytest.mark.parametrize("kind", ["BMP", "WEBP", "TIFF"])
def test_other_pictures_lose_nothing(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    (image,) = images(written(PdfDocumentWriter, file(shown(photograph()), kind, **options)))
    assert np.array_equal(np.asarray(image.pixels), np.asarray(shown(photograph())))


@pytest.mark.parametrize("compression", ["group4", None])
def test_black_and_white_becomes_fax_code(compression: str | None) -> None:
    two = shown(letters()).convert("1")
    made = written(PdfDocumentWriter, tiff(two, compression=compression, dpi=(72, 72)))
    (image,) = images(made)
    assert (image.coding, image.depth) == ("/CCITTFaxDecode", 1)
    assert near(drawn(made), letters(), 0.1)


def test_pages_come_in_order_whatever_they_were() -> None:
    plain = (PIL.Image.new("RGB", (60, 40), (shade, 0, 0)) for shade in (40, 120, 200))
    marks = [file(picture, "PNG", dpi=(72, 72)) for picture in plain]
    both = tiff(*(PIL.Image.new("RGB", (60, 40), (shade, 9, 9)) for shade in (70, 170)), dpi=(72, 72))
    made = written(PdfDocumentWriter, marks[0], pdf(marks[1], marks[2]), both, marks[1], text_pdf("HHHH"))
    assert [int(drawn(made, page)[5, 5, 2]) for page in range(6)] == [40, 120, 200, 70, 170, 120]
    assert drawn(made, 6).min() < 60


def test_pages_of_a_pdf_stay_as_they_are() -> None:
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(text_pdf("first words", "second words"))) as opened:
        # Stated once for all pages.
        parent = opened.Root.Pages
        parent.Rotate, parent.MediaBox = 90, pikepdf.Array([0, 0, 300, 200])
        for page in opened.pages:
            del page.obj.MediaBox
        opened.save(sink)
    made = written(PdfDocumentWriter, sink.getvalue(), jpeg())
    for page in range(2):
        assert np.array_equal(drawn(made, page), drawn(sink.getvalue(), page))
    with pikepdf.open(io.BytesIO(made)) as merged:
        assert b"first words" in merged.pages[0].obj.Contents.read_bytes()
        assert len(merged.pages) == 3


@pytest.mark.parametrize(
    "files", [[jpeg()], [png(), jpeg("L")], [text_pdf("x"), jpeg()], [tiff(shown(letters()))]]
)
def test_the_file_is_sound(files: list[bytes]) -> None:
    with pikepdf.open(io.BytesIO(written(PdfDocumentWriter, *files))) as opened:
        assert opened.check_pdf_syntax() == []


def test_what_was_merged_can_be_merged_again() -> None:
    data = jpeg(orientation=6, dpi=(300, 300))
    again = written(PdfDocumentWriter, written(PdfDocumentWriter, data))
    assert images(again)[0].raw == data


def test_the_same_pages_give_the_same_file() -> None:
    files = [jpeg(), png(), tiff(shown(letters()))]
    made = written(PdfDocumentWriter, *files)
    assert made == written(PdfDocumentWriter, *files)
    assert b"Date" not in made[-1000:] + made[:1000]


def test_pictures_are_neither_copied_nor_kept() -> None:
    released: list[int] = []

    class Data(bytes):
        """Bytes that tell when nobody has them any more."""

        def __del__(self) -> None:
            released.append(len(self))

    data = Data(jpeg())
    chunks = pdf_of_images([PdfImage(data, "JPEG", WIDTH, HEIGHT, 3)])
    assert any(chunk is data for chunk in chunks)
    gc.disable()
    try:
        del data, chunks
        assert released
    finally:
        gc.enable()
