"""What a file is, is told by its content; what it lacks is said without quoting it."""

from __future__ import annotations

import pikepdf
import pytest

from imgcore.types import ImageError
from server.documents.faults import DocumentFault, ProtectedFault, named
from server.documents.input_file import InputKind, open_input, picture_of
from server.errors import DocumentProtected, GaopaiError, PictureTooLarge, PictureUnreadable
from tests.unit.documents.samples import (
    LIMIT,
    encrypted,
    file,
    jpeg,
    letters,
    opened,
    pdf,
    photograph,
    png,
    shown,
    text_pdf,
    tiff,
)

KINDS = {
    "jpeg": (jpeg(), InputKind.JPEG, 1),
    "png": (png(), InputKind.PICTURE, 1),
    "bmp": (file(shown(photograph()), "BMP"), InputKind.PICTURE, 1),
    "webp": (file(shown(photograph()), "WEBP"), InputKind.PICTURE, 1),
    "tiff": (tiff(shown(photograph()), shown(letters())), InputKind.TIFF, 2),
    "pdf": (text_pdf("one", "two", "three"), InputKind.PDF, 3),
    "late pdf": (b"\nSCANNER\n" + text_pdf("one"), InputKind.PDF, 1),
}


@pytest.mark.parametrize("name", KINDS)
def test_the_content_decides(name: str) -> None:
    data, kind, pages = KINDS[name]
    source = opened(data, "no suffix")
    assert (source.kind, source.pages) == (kind, pages)


@pytest.mark.parametrize("data", [b"", b"text", b"\xff\xd8", b"RIFF0000WAVE", b"\x7fELF" + bytes(2000)])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentFault):
        opened(data)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.98])
@pytest.mark.parametrize("name", ["jpeg", "png", "bmp", "webp", "tiff", "pdf"])
def test_a_cut_file_is_refused(name: str, share: float) -> None:
    data, _, _ = KINDS[name]
    with pytest.raises((DocumentFault, ImageError)):
        source = opened(data[: int(len(data) * share)])
        for number in range(source.pages):
            picture_of(source, number, LIMIT)


def test_a_linearised_pdf_that_is_cut_is_refused_though_it_has_an_end_near_its_head() -> None:
    whole = pdf(*[png()] * 3)
    with pytest.raises(DocumentFault, match="not complete"):
        opened(whole[:800] + b"\n%%EOF\n" + whole[800 : len(whole) // 2])


@pytest.mark.parametrize("how", [{"user": "secret", "owner": "secret"}, {"user": "", "owner": "secret"}])
def test_a_protected_pdf_is_told_from_a_broken_one(how: dict[str, str]) -> None:
    with pytest.raises(ProtectedFault):
        opened(encrypted(text_pdf("one"), **how))


def test_a_pdf_whose_author_allows_it_is_read() -> None:
    allow = pikepdf.Permissions(modify_assembly=True)
    assert opened(encrypted(text_pdf("one"), user="", owner="secret", allow=allow)).pages == 1


def test_a_jpeg_with_too_many_pixels_is_refused_by_its_header() -> None:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    with pytest.raises(ImageError, match="over the limit"):
        opened(bytes(data))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"secret text", PictureUnreadable),
        (jpeg()[:-900], PictureUnreadable),
        (encrypted(text_pdf("one"), user="secret", owner="secret"), DocumentProtected),
    ],
)
def test_an_error_names_the_file_and_quotes_nothing(data: bytes, error: type[GaopaiError]) -> None:
    with pytest.raises(error) as caught, named("sub/a.jpg"):
        opened(data)
    for language in ("zh", "en"):
        said = caught.value.message(language)
        assert "sub/a.jpg" in said
        assert "secret" not in said


def test_too_many_pixels_are_an_error_of_their_own() -> None:
    said = r"a\.png is 320 x 208, over the limit of 1000 px"
    with pytest.raises(PictureTooLarge, match=said), named("a.png"):
        picture_of(open_input("a.png", png(), 1000), 0, 1000)
    with pytest.raises(PictureUnreadable, match="damaged"), named("a.png"):
        picture_of(opened(png()[:300] + bytes(900) + png()[1200:]), 0, LIMIT)
