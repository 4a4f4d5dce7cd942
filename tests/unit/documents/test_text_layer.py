"""Searchable PDFs: the words are found where they stand, and the picture is untouched."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import threading
from pathlib import Path

import cv2
import numpy as np
import pikepdf
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
import PIL.ImageOps
import pypdfium2
import pytest

from imgcore.types import Image
from server.documents import tesseract
from server.documents.blank_page import BlankPageDetector
from server.documents.faults import DocumentFault
from server.documents.input_file import InputFile
from server.documents.pdf_image import PdfImage, pdf_of_images
from server.documents.pdf_writer import AssembledPage, PdfDocumentWriter, assemble
from server.documents.tesseract import Tesseract
from server.documents.text_layer import page_to_recognize
from server.errors import ToolMissing
from tests.extent import extent
from tests.patience import PATIENCE
from tests.unit.documents.samples import (
    LIMIT,
    TURNED,
    drawn,
    file,
    opened,
    pdf,
    png,
    shown,
    text_pdf,
    tiff,
    written,
)

pytestmark = pytest.mark.long

DOTS = 150
TEMPORARY = Path("/tmp")
WORD = "Counter"
PLACE = (400, 300)
"""Where on the page the word's left end stands on its line, in pixels."""


@pytest.fixture(autouse=True)
def installed() -> None:
    try:
        known = tesseract.languages()
    except ToolMissing:
        pytest.skip("Tesseract is not installed: apt install tesseract-ocr")
    if "eng" not in known:
        pytest.skip("Tesseract's English data are not installed: apt install tesseract-ocr-eng")


def page() -> Image:
    """A page with one large word in its upper right."""
    picture = np.full((900, 700), 250, np.uint8)
    cv2.putText(picture, WORD, PLACE, cv2.FONT_HERSHEY_DUPLEX, 1.6, 30, 3, cv2.LINE_AA)
    return picture


def stored(orientation: int) -> bytes:
    """The page as a JPEG whose EXIF turns it upright."""
    back = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}[orientation]
    exif = PIL.Image.Exif()
    exif[TURNED] = orientation
    turned = PIL.ImageOps.exif_transpose(_stating(back))
    return file(turned, "JPEG", quality=95, dpi=(DOTS, DOTS), exif=exif)


def _stating(orientation: int) -> PIL.Image.Image:
    picture = shown(page())
    picture.getexif()[TURNED] = orientation
    return picture


def searchable(*files: bytes) -> bytes:
    reader = Tesseract()
    writer = PdfDocumentWriter(LIMIT, BlankPageDetector())
    prepared = []
    pages = []
    for source in map(opened, files):
        for number in range(source.pages):
            prepared.append(writer.prepare(source, number))
            pages.append(AssembledPage(source.document, number, text_of(reader, source, number)))
    pictures = pdf_of_images([page.content for page in prepared if isinstance(page.content, PdfImage)])
    return bytes(assemble(b"".join(pictures), pages))


def text_of(reader: Tesseract, source: InputFile, number: int = 0) -> bytes:
    raster = page_to_recognize(source, number, LIMIT)
    return b"" if raster is None else reader.read(raster)


def words(data: bytes, number: int = 0) -> tuple[str, tuple[float, ...]]:
    """The text of a page, and the box around it in pixels of the page as it is seen, y down."""
    document = pypdfium2.PdfDocument(data)
    try:
        one = document[number]
        text = one.get_textpage()
        boxes = [text.get_charbox(at) for at in range(text.count_chars())]
        said = text.get_text_bounded().strip()
        low, high = np.min([box[:2] for box in boxes], 0), np.max([box[2:] for box in boxes], 0)
        return said, _seen(one, (*low, *high))
    finally:
        document.close()


def _seen(page: pypdfium2.PdfPage, box: tuple[float, ...]) -> tuple[float, ...]:
    width, height = page.get_size()
    left, bottom, right, top = box
    turned = {
        0: (left, height - top, right, height - bottom),
        90: (bottom, left, top, right),
        180: (width - right, bottom, width - left, top),
        270: (width - top, height - right, width - bottom, height - left),
    }[page.get_rotation()]
    return tuple(float(side) * DOTS / 72 for side in turned)


# As it is, mirrored, turned, and both; all eight are turned in test_pdf_writer.py, before it is read.
@pytest.mark.parametrize("orientation", extent((1, 7), (1, 4, 6, 7)))
def test_a_word_is_found_where_it_stands(orientation: int) -> None:
    data = stored(orientation)
    made = searchable(data)
    said, box = words(made)
    assert said == WORD
    inked = np.argwhere(page() < 100)
    (top, left) = inked.min(0)
    (bottom, right) = inked.max(0)
    assert np.abs(np.subtract(box, (left, top, right, bottom))).max() < 16
    with pikepdf.open(io.BytesIO(made)) as document:
        (image,) = document.pages[0].obj.Resources.XObject.values()
        assert image.read_raw_bytes() == data


def test_the_page_looks_as_before() -> None:
    data = stored(1)
    assert np.array_equal(drawn(searchable(data)), drawn(written(PdfDocumentWriter, data)))


def test_poppler_finds_the_words_of_every_page(tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed: apt install poppler-utils")
    data = file(shown(page()), "PNG", dpi=(DOTS, DOTS))
    (tmp_path / "a.pdf").write_bytes(searchable(data, tiff(shown(page()), dpi=(DOTS, DOTS)), stored(6)))
    done = subprocess.run(["pdftotext", tmp_path / "a.pdf", "-"], capture_output=True, check=True, text=True)
    assert done.stdout.split() == [WORD] * 3


def test_a_scan_in_a_pdf_gets_its_text_and_stays_a_scan() -> None:
    made = searchable(pdf(stored(8), dots=DOTS))
    assert words(made)[0] == WORD
    source = opened(made)
    prepared = PdfDocumentWriter(LIMIT, BlankPageDetector()).prepare(source, 0)
    assert not prepared.blank
    # What is searchable is not read again: its words would be there twice.
    assert text_of(Tesseract(), source) == b""


def test_a_page_that_has_text_is_left_alone() -> None:
    made = searchable(text_pdf("plain words"))
    assert words(made)[0] == "plain words"


@pytest.mark.parametrize("data", [png(), file(PIL.Image.new("L", (10, 10), 200), "PNG")])
def test_a_picture_without_words_is_a_page_all_the_same(data: bytes) -> None:
    with pikepdf.open(io.BytesIO(searchable(data))) as document:
        assert len(document.pages) == 1


def test_chinese_is_read() -> None:
    if "chi_sim" not in tesseract.languages():
        pytest.skip("Tesseract's Chinese data are not installed: apt install tesseract-ocr-chi-sim")
    faces = sorted(Path("/usr/share/fonts/opentype/noto").glob("NotoSansCJK-Regular*"))
    if not faces:
        pytest.skip("no Chinese typeface is installed: apt install fonts-noto-cjk")
    picture = PIL.Image.new("L", (1200, 300), 250)
    PIL.ImageDraw.Draw(picture).text(
        (80, 90), "请在柜台出示身份证件", 20, PIL.ImageFont.truetype(faces[0], 90)
    )
    assert "身份证件" in words(searchable(file(picture, "PNG", dpi=(300, 300))))[0].replace(" ", "")


# The child ---------------------------------------------------------------------------------


def test_nothing_of_a_page_touches_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = set(TEMPORARY.iterdir())
    searchable(stored(1))
    assert list(tmp_path.iterdir()) == []
    assert not [path for path in set(TEMPORARY.iterdir()) - before if "tess" in path.name]


def test_missing_is_said_with_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="Tesseract is not installed"):
        Tesseract()


def fake(folder: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> Tesseract:
    """A Tesseract that answers for its languages, and then does something else."""
    program = folder / "tesseract"
    program.write_text(f'#!/bin/sh\n[ "$1" = --list-langs ] && echo eng && exit\n{does}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return Tesseract()


def test_one_that_fails_is_an_error_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = fake(tmp_path, monkeypatch, "exit 3")
    with pytest.raises(DocumentFault, match="cannot be read"):
        text_of(reader, opened(stored(1)))


def test_one_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = fake(tmp_path, monkeypatch, "exec sleep 600")
    monkeypatch.setattr(tesseract, "_PAGE_SECONDS", 0.2)
    with pytest.raises(DocumentFault, match="too long"):
        text_of(reader, opened(stored(1)))


def test_stopping_ends_what_runs_and_starts_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = fake(tmp_path, monkeypatch, f"touch {tmp_path}/started; exec sleep 600")
    faults: list[Exception] = []

    def read() -> None:
        try:
            text_of(reader, opened(stored(1)))
        except DocumentFault as exc:
            faults.append(exc)

    thread = threading.Thread(target=read)
    thread.start()
    while not (tmp_path / "started").exists():
        thread.join(0.01)
        assert thread.is_alive()
    reader.stop()
    thread.join(PATIENCE)
    assert len(faults) == 1
    (tmp_path / "started").unlink()
    with pytest.raises(DocumentFault, match="cancelled"):
        text_of(reader, opened(stored(1)))
    assert not (tmp_path / "started").exists()
