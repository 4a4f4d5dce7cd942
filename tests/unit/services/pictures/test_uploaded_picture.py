"""Pictures in base64, as pages write it."""

from __future__ import annotations

import base64

import pytest

from server.errors import PictureUnreadable
from server.services.pictures.uploaded_picture import decoded, file_name, format_of

JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
CODED = base64.b64encode(JPEG).decode()


@pytest.mark.parametrize(
    "text",
    [
        CODED,
        f"data:image/jpeg;base64,{CODED}",
        f" DATA:image/jpg;charset=x;BASE64,{CODED}\r\n",
        "\n".join(CODED[at : at + 8] for at in range(0, len(CODED), 8)),
    ],
)
def test_ways_to_write_it(text: str) -> None:
    assert decoded(text) == JPEG


@pytest.mark.parametrize(
    "text", ["", "?", "data:,x", CODED[:-1], CODED + "!", "图片", "data:image/jpeg;base64,", "==="]
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(PictureUnreadable):
        decoded(text)


@pytest.mark.parametrize("data", [b"", b"MZ", b"<html>", b"RIFF0000WAVE", b"\x7fELF"])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(PictureUnreadable):
        decoded(base64.b64encode(data).decode())


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (JPEG, "image.jpg"),
        (b"\x89PNG\r\n\x1a\n", "image.png"),
        (b"BM", "image.bmp"),
        (b"II*\0", "image.tif"),
        (b"MM\0*", "image.tif"),
        (b"RIFF0000WEBP", "image.webp"),
        (b"%PDF-1.7", "image.pdf"),
    ],
)
def test_the_first_bytes_give_the_name(data: bytes, name: str) -> None:
    assert file_name(format_of(data)) == name
