from __future__ import annotations

import io

import cv2
import numpy as np
import pikepdf
import pytest

from server.documents.pdf_image import picture_to_pdf
from server.errors import PictureUnreadable


def encoded(suffix: str) -> bytes:
    ramp = np.add.outer(np.arange(200), np.arange(300)).astype(np.uint8)
    return cv2.imencode(suffix, cv2.cvtColor(ramp, cv2.COLOR_GRAY2BGR))[1].tobytes()


@pytest.fixture
def jpeg() -> bytes:
    return encoded(".jpg")


def test_the_jpeg_is_embedded_untouched_at_its_size(jpeg: bytes) -> None:
    with pikepdf.open(io.BytesIO(picture_to_pdf(jpeg, 150))) as pdf:
        (page,) = pdf.pages
        (image,) = page.Resources.XObject.values()
        assert image.read_raw_bytes() == jpeg
        assert [float(value) for value in page.mediabox] == pytest.approx(
            [0, 0, 300 * 72 / 150, 200 * 72 / 150]
        )


def test_a_png_keeps_its_pixels() -> None:
    png = encoded(".png")
    with pikepdf.open(io.BytesIO(picture_to_pdf(png, 300))) as pdf:
        (image,) = pdf.pages[0].Resources.XObject.values()
        pixels = np.asarray(pikepdf.PdfImage(image).as_pil_image().convert("RGB"))
    assert np.array_equal(pixels[..., ::-1], cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR))


def test_equal_pictures_are_equal_files(jpeg: bytes) -> None:
    made = picture_to_pdf(jpeg, 150)
    assert made == picture_to_pdf(jpeg, 150)
    assert b"Date" not in made


def test_what_no_pdf_holds_is_an_error_of_ours(jpeg: bytes) -> None:
    for data in (b"", b"no picture", jpeg[:20]):
        with pytest.raises(PictureUnreadable):
            picture_to_pdf(data, 300)


@pytest.mark.parametrize(
    ("size", "width"), [((300, 400), 300 / 200 * 25.4), ((2600, 3600), 210), ((9000, 2100), 900)]
)
def test_a_page_of_unknown_size_is_no_wider_than_a4(size: tuple[int, int], width: float) -> None:
    data = cv2.imencode(".jpg", np.full(size[::-1], 200, np.uint8))[1].tobytes()
    with pikepdf.open(io.BytesIO(picture_to_pdf(data))) as pdf:
        assert float(pdf.pages[0].mediabox[2]) * 25.4 / 72 == pytest.approx(width, rel=1e-3)
