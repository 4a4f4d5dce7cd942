"""TIFFs of many pages, read back by two other programs' libraries."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageCms
import pytest

from imgcore import codec, tiff
from imgcore.types import Image
from server.documents.tiff_writer import TiffDocumentWriter
from tests.unit.documents.samples import (
    LIMIT,
    file,
    jpeg,
    letters,
    near,
    pdf,
    photograph,
    png,
    shown,
    text_pdf,
    written,
)
from tests.unit.documents.samples import tiff as make_tiff

CODING = 259
STRIP = 273
COUNT = 279
PHOTOMETRIC = 262


def read(data: bytes, page: int = 0) -> Image:
    return tiff.read_tiff_page(io.BytesIO(data), page, LIMIT).picture


def tags(data: bytes, page: int = 0) -> dict[int, Any]:
    with PIL.Image.open(io.BytesIO(data)) as opened:
        opened.seek(page)
        return dict(opened.tag_v2)


def strip(data: bytes, page: int = 0) -> bytes:
    found = tags(data, page)
    return data[found[STRIP][0] :][: found[COUNT][0]]


@pytest.mark.parametrize(
    "data", [jpeg(), jpeg("L"), jpeg(subsampling=0), jpeg(subsampling=1), jpeg(subsampling=2)]
)
def test_a_jpeg_is_embedded_byte_for_byte(data: bytes) -> None:
    made = written(TiffDocumentWriter, data)
    assert strip(made) == data
    assert tags(made)[CODING] == 7
    assert near(read(made), codec.decode(data, LIMIT), 1.0)


@pytest.mark.parametrize(
    "options", [{"mode": "CMYK"}, {"progressive": True}, {"mode": "L", "subsampling": 2}]
)
def test_a_jpeg_that_readers_may_not_know_loses_nothing(options: dict[str, Any]) -> None:
    data = jpeg(**options)
    made = written(TiffDocumentWriter, data)
    assert tags(made)[CODING] == 8
    assert np.array_equal(read(made), codec.decode(data, LIMIT))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_jpeg_is_seen_upright(orientation: int) -> None:
    data = jpeg(orientation=orientation)
    made = written(TiffDocumentWriter, data)
    assert strip(made) == data
    assert near(read(made), codec.decode(data, LIMIT), 1.0)


@pytest.mark.parametrize("make", [png, lambda: file(shown(photograph()), "BMP")])
def test_other_pictures_lose_nothing(make: Any) -> None:
    assert np.array_equal(read(written(TiffDocumentWriter, make())), photograph())
    grey = png("L")
    assert np.array_equal(read(written(TiffDocumentWriter, grey)), codec.decode(grey, LIMIT))


def test_black_and_white_becomes_fax_code() -> None:
    made = written(TiffDocumentWriter, png(), make_tiff(shown(letters())))
    assert [tags(made, page)[CODING] for page in (0, 1)] == [8, 4]
    assert np.array_equal(read(made, 1), letters())


@pytest.mark.parametrize("dots", [(300, 300), (204, 98)])
def test_resolution_stays(dots: tuple[int, int]) -> None:
    for data in (jpeg(dpi=dots), png(dpi=dots)):
        with PIL.Image.open(io.BytesIO(written(TiffDocumentWriter, data))) as opened:
            assert opened.info["dpi"] == pytest.approx(dots, rel=1e-3)


def test_a_colour_profile_stays() -> None:
    profile = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    with PIL.Image.open(io.BytesIO(written(TiffDocumentWriter, jpeg(icc_profile=profile)))) as opened:
        assert opened.info["icc_profile"] == profile


def test_a_scan_in_a_pdf_is_taken_out_as_it_is() -> None:
    made = written(TiffDocumentWriter, pdf(jpeg(), jpeg("L", orientation=6), dots=150))
    assert strip(made) == jpeg()
    assert near(read(made, 1), codec.decode(jpeg("L", orientation=6), LIMIT), 1.0)
    with PIL.Image.open(io.BytesIO(made)) as opened:
        assert opened.info["dpi"] == pytest.approx((150, 150), rel=1e-2)


def test_a_page_of_text_is_drawn() -> None:
    picture = read(written(TiffDocumentWriter, text_pdf("HHHH")))
    assert abs(picture.shape[1] - 1250) < 2
    assert picture.min() < 40


def test_libtiff_reads_all_pages_without_a_complaint(tmp_path: Path) -> None:
    if shutil.which("tiffinfo") is None:
        pytest.skip("tiffinfo is not installed: apt install libtiff-tools")
    (tmp_path / "a.tif").write_bytes(
        written(
            TiffDocumentWriter, jpeg(), png(), jpeg("L"), make_tiff(shown(letters())), jpeg(subsampling=0)
        )
    )
    # -D reads every strip.
    done = subprocess.run(["tiffinfo", "-D", tmp_path / "a.tif"], capture_output=True, check=True, text=True)
    assert done.stderr == ""
    assert done.stdout.count("TIFF Directory") == 5
