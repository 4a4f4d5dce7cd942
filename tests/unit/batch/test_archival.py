"""Results as PDF/A: single pages, joined ones, with text, within a limit of bytes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pikepdf
import PIL.Image
import pytest

from server.archive.conformance import breaches, claimed_level
from server.archive.pdfa import ADDED_BYTES, archived
from server.cli import main
from server.documents.text_layer import text_page, with_text
from tests.unit.batch.test_joining import document, enhance
from tests.unit.documents.samples import file, jpeg, pdf

__all__ = ["document"]


def _check(path: Path, level: str) -> str:
    """The title of a file that conforms to the level it claims."""
    data = path.read_bytes()
    with pikepdf.open(io.BytesIO(data)) as opened:
        assert claimed_level(opened) == level
        assert breaches(data, opened, level) == []
        return str(opened.trailer.Info.Title)


@pytest.mark.long
@pytest.mark.parametrize("level", ["2b", "2u", "3b"])
def test_joined_and_single_pages_conform(document: Path, tmp_path: Path, level: str) -> None:
    words = ("--format", "pdf", "--pdfa", level)
    assert enhance(document.parent, "-o", tmp_path / "joined", *words) == 0
    assert _check(tmp_path / "joined" / "doc.pdf", level) == "doc"
    assert main(["enhance", str(document), "-o", str(tmp_path / "single"), "--crop", "none", *words]) == 0
    assert len([_check(path, level) for path in (tmp_path / "single").glob("*.pdf")]) == 4


@pytest.mark.long
def test_another_level_is_other_work(document: Path, tmp_path: Path) -> None:
    """A file of an earlier run without it is made again."""
    assert enhance(document, "-o", tmp_path / "out", "--format", "pdf") == 0
    assert enhance(document, "-o", tmp_path / "out", "--format", "pdf", "--pdfa", "2b") == 0
    _check(tmp_path / "out" / "doc.pdf", "2b")


def test_a_limit_holds_with_what_the_format_adds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "a.jpg"
    out = tmp_path / "out"
    noise = np.random.default_rng(1).integers(0, 255, (600, 800, 3), np.uint8)
    source.write_bytes(file(PIL.Image.fromarray(noise), "JPEG", quality=95))
    words = ["--format", "pdf", "--pdfa", "2b", "--max-bytes", "40000", "--json"]
    assert main(["enhance", str(source), "-o", str(out), "--crop", "none", *words]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)
    assert 0 < (out / "a.pdf").stat().st_size <= 40_000


def test_what_the_format_adds_is_known() -> None:
    plain = pdf(jpeg())
    assert len(archived(plain, "2b", "a" * 200)) - len(plain) < ADDED_BYTES


def test_a_layer_of_text_conforms(tmp_path: Path) -> None:
    plain = with_text(pdf(jpeg()), text_page((), (100, 100)))
    (tmp_path / "a.pdf").write_bytes(archived(plain, "2u", "a"))
    _check(tmp_path / "a.pdf", "2u")


def test_it_needs_a_pdf(document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert enhance(document, "-o", tmp_path / "out", "--format", "tif", "--pdfa", "2b") == 2
    assert "--format pdf" in capsys.readouterr().err
