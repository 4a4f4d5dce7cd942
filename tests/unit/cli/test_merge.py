"""``gaopai merge``: pictures and PDFs become one file, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pikepdf
import PIL.Image
import pytest

from server.cli import main


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Forty pictures of a batch, of two kinds."""
    folder = tmp_path / "in"
    folder.mkdir()
    made = []
    for number in range(40):
        path = folder / f"{number:02}.{'jpg' if number % 2 else 'png'}"
        cv2.imwrite(str(path), np.full((40, 30, 3), 5 * number, np.uint8))
        made.append(path)
    return made


def merge(*words: object) -> int:
    return main(["merge", *map(str, words)])


def test_forty_pictures_are_one_document(pictures: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    output = pictures[0].parents[1] / "one.pdf"
    assert merge(pictures[0].parent, "-o", output) == 0
    with pikepdf.open(output) as document:
        assert len(document.pages) == 40
    assert "40 page(s) of 40 file(s)" in capsys.readouterr().out
    assert merge(output, pictures[1], "-o", output.with_name("two.pdf")) == 0
    with pikepdf.open(output.with_name("two.pdf")) as document:
        assert len(document.pages) == 41


def test_a_jpeg_stays_the_bytes_that_it_was(pictures: list[Path], tmp_path: Path) -> None:
    assert merge(pictures[1], "-o", tmp_path / "one.pdf") == 0
    with pikepdf.open(tmp_path / "one.pdf") as document:
        (image,) = document.pages[0].get_images().values()
        assert image.read_raw_bytes() == pictures[1].read_bytes()


def test_a_tiff_has_all_pages_too(pictures: list[Path], tmp_path: Path) -> None:
    assert merge(*pictures[:3], "-o", tmp_path / "one.tif") == 0
    with PIL.Image.open(tmp_path / "one.tif") as whole:
        assert getattr(whole, "n_frames", 1) == 3


def test_a_file_that_is_there_is_not_replaced(
    pictures: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "one.pdf"
    output.write_text("mine")
    assert merge(pictures[0], "-o", output) == 2
    assert output.read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    assert merge(pictures[0], "-o", output, "--force") == 0
    assert output.read_bytes().startswith(b"%PDF")


def test_what_cannot_be_read_leaves_no_file(
    pictures: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "letter.png"
    bad.write_text("no picture")
    assert merge(pictures[0], bad, "-o", tmp_path / "one.pdf") == 1
    told = capsys.readouterr().err
    assert "letter.png" in told and "nothing was written" in told
    assert not (tmp_path / "one.pdf").exists()
    assert merge(pictures[0], "-o", tmp_path / "one.docx") == 2
