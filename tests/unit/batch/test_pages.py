"""Whatever a file is called, its pages are those of what it is, and nothing holds the worker up."""

from __future__ import annotations

import io
import os
from pathlib import Path

import img2pdf
import numpy as np
import PIL.Image
import pytest

from imgcore import codec
from imgcore.types import Image, ImageError
from server.batch import pages
from server.batch.faults import PageFault
from server.batch.pages import count_pages, read_content, read_page


def shade(value: int) -> Image:
    return np.full((6, 8), value, np.uint8)


def tiff(*values: int) -> bytes:
    sink = io.BytesIO()
    first, *rest = [PIL.Image.fromarray(shade(value)) for value in values]
    first.save(sink, "TIFF", save_all=True, append_images=rest)
    return sink.getvalue()


def pdf(*values: int) -> bytes:
    made = img2pdf.convert([codec.encode(shade(value), "png") for value in values])
    assert isinstance(made, bytes)
    return made


@pytest.mark.parametrize("make", [tiff, pdf])
@pytest.mark.parametrize("name", ["doc.pdf", "doc.tif", "doc.jpg", "doc"])
def test_the_content_decides_and_not_the_name(tmp_path: Path, make: object, name: str) -> None:
    assert callable(make)
    path = tmp_path / name
    path.write_bytes(make(10, 120, 250))
    assert count_pages(path) == 3
    assert [int(read_page(path, number).picture.mean()) for number in (1, 2, 3)] == [10, 120, 250]


def test_bytes_are_as_good_as_a_file(tmp_path: Path) -> None:
    (tmp_path / "doc").write_bytes(pdf(10, 250))
    data = read_content(tmp_path / "doc")
    assert count_pages(data) == 2
    assert int(read_page(data, 2).picture.mean()) == 250


def test_a_picture_is_one_page(tmp_path: Path) -> None:
    data = codec.encode(shade(77), "png")
    assert count_pages(data) == 1
    assert int(read_page(data, 1).picture.mean()) == 77
    assert read_page(data, 1).dots == 0


@pytest.mark.parametrize("make", [tiff, pdf])
def test_a_page_too_many_is_a_fault(make: object) -> None:
    assert callable(make)
    with pytest.raises((PageFault, ImageError)):
        read_page(make(10, 20), 3)


def test_a_pipe_does_not_hold_anybody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(PageFault, match="ordinary"):
        read_page(tmp_path / "pipe.jpg", 1)


def test_a_folder_and_a_missing_file_are_operating_system_errors(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.png"):
        with pytest.raises((OSError, PageFault)):
            read_page(path, 1)


def test_a_picture_larger_than_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "BYTE_LIMIT", 1 << 20)
    with (tmp_path / "large.png").open("wb") as sparse:
        sparse.write(codec.encode(shade(1), "png"))
        sparse.truncate((1 << 20) + 1)
    with pytest.raises(PageFault, match="larger than 1 MiB"):
        read_page(tmp_path / "large.png", 1)
