"""A document of many pages in, a document of many pages out."""

from __future__ import annotations

import io
import json
from pathlib import Path

import img2pdf
import numpy as np
import pikepdf
import PIL.Image
import pytest

from imgcore import codec
from server.batch.pages import PARTS, count_pages, join, read_page
from server.cli import main


def pages(*values: int) -> list[PIL.Image.Image]:
    return [PIL.Image.new("L", (30 + number, 20), value) for number, value in enumerate(values)]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A PDF of four pages."""
    path = tmp_path / "in" / "sub" / "doc.pdf"
    path.parent.mkdir(parents=True)
    sheets = []
    for page in pages(10, 90, 170, 250):
        sink = io.BytesIO()
        page.save(sink, "PNG")
        sheets.append(sink.getvalue())
    path.write_bytes(img2pdf.convert(sheets))
    return path


def enhance(*words: object) -> int:
    asked = ("--crop", "none", "--workers", "1", "--join")
    return main(["enhance", *map(str, words), *asked])


@pytest.mark.long
@pytest.mark.parametrize("suffix", ["pdf", "tif"])
def test_pages_come_out_in_order_in_one_file(document: Path, tmp_path: Path, suffix: str) -> None:
    assert enhance(tmp_path / "in", "-o", tmp_path / "out", "--format", suffix) == 0
    whole = tmp_path / "out" / "sub" / f"doc.{suffix}"
    assert count_pages(whole) == 4
    shades = [float(read_page(whole, number).picture.mean()) for number in range(1, 5)]
    assert np.allclose(shades, [10, 90, 170, 250], atol=2)
    files = [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert sorted(files) == [".gaopai-batch.jsonl", whole.name]
    assert not (tmp_path / "out" / PARTS).exists()


@pytest.mark.long
def test_a_limit_of_bytes_holds_for_the_whole_file(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (4, 300, 400), np.uint8)
    sheets = []
    for page in noise:
        sink = io.BytesIO()
        PIL.Image.fromarray(page).save(sink, "PNG")
        sheets.append(sink.getvalue())
    (tmp_path / "doc.pdf").write_bytes(img2pdf.convert(sheets))
    sizes = {}
    for limit in (0, 60_000):
        wanted = ("--max-bytes", limit) if limit else ()
        assert enhance(tmp_path / "doc.pdf", "-o", tmp_path / str(limit), "--format", "pdf", *wanted) == 0
        sizes[limit] = (tmp_path / str(limit) / "doc.pdf").stat().st_size
        assert count_pages(tmp_path / str(limit) / "doc.pdf") == 4
    assert sizes[60_000] <= 60_000 < sizes[0]


@pytest.mark.long
def test_the_same_again_is_the_same_file(document: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert enhance(document, "-o", tmp_path / name, "--format", "pdf") == 0
    assert (tmp_path / "a" / "doc.pdf").read_bytes() == (tmp_path / "b" / "doc.pdf").read_bytes()


@pytest.mark.long
def test_a_document_with_a_bad_page_waits_until_it_is_mended(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = document.read_bytes()
    with pikepdf.open(document, allow_overwriting_input=True) as opened:
        (picture,) = opened.pages[2].obj.Resources.XObject.as_dict().values()
        picture.Width = 10**8
        opened.save(document)
    asked = (tmp_path / "in", "-o", tmp_path / "out", "--format", "pdf", "--json")
    assert enhance(*asked) == 1
    entry = json.loads(capsys.readouterr().out)
    assert entry["outputs"] == []
    assert entry["error"].startswith("page 3: ")
    assert not (tmp_path / "out" / "sub").exists()
    document.write_bytes(good)
    assert enhance(*asked) == 0
    assert json.loads(capsys.readouterr().out)["outputs"] == [str(tmp_path / "out" / "sub" / "doc.pdf")]


@pytest.mark.long
def test_finished_documents_are_resumed_whole(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = (tmp_path / "in", "-o", tmp_path / "out", "--format", "pdf", "--json")
    assert enhance(*asked) == 0
    assert json.loads(capsys.readouterr().out)["resumed"] == 0
    assert enhance(*asked) == 0
    entry = json.loads(capsys.readouterr().out)
    assert entry["resumed"] == entry["pages"] == 4
    assert entry["outputs"] == [str(tmp_path / "out" / "sub" / "doc.pdf")]


def test_each_page_of_a_tiff_keeps_its_compression_and_resolution() -> None:
    black_white = codec.encode(np.where(np.eye(40) > 0, 0, 255).astype(np.uint8), "tif", dots=200)
    grey = codec.encode(np.full((5, 5), 77, np.uint8), "tif", dots=400)
    with PIL.Image.open(io.BytesIO(join("tif", [black_white, grey, black_white]))) as opened:
        kinds = []
        for number in range(3):
            opened.seek(number)
            kinds.append((opened.mode, opened.info["compression"], round(opened.info["dpi"][0])))
    assert kinds == [("1", "group4", 200), ("L", "tiff_lzw", 400), ("1", "group4", 200)]


def test_only_formats_that_hold_pages_can_be_joined(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert enhance(document, "-o", tmp_path / "out", "--format", "png") == 2
    assert "--join needs --format pdf, tif, tiff" in capsys.readouterr().err
