"""Text beside pictures and below the pages of PDFs, and on from where a batch stopped."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from imgcore import codec
from imgcore.settings import Settings
from imgcore.types import Image
from server.batch import work
from server.batch.work import EnhanceRequest, enhance_page
from server.cli import main
from server.documents import text_reader
from server.errors import ToolMissing
from tests.fakes.text import line, printed
from tests.unit.batch.test_run import batch

BESIDE = EnhanceRequest(Settings(), "png", text=True)
BELOW = EnhanceRequest(Settings(), "pdf", text=True)


class Reader:
    """Reads the same two lines from any picture."""

    def read(self, picture: Image) -> list[object]:
        return [line("合同", 40, 50, 100, 30), line("amount", 40, 120, 200, 24)]


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_reader", Reader)


def test_a_picture_gets_its_text_beside_it() -> None:
    result = enhance_page(codec.encode(printed("a"), "png"), 1, BESIDE)
    assert result.failure is None and result.texts == ("合同\namount\n".encode(),)
    assert enhance_page(codec.encode(printed("a"), "png"), 1, EnhanceRequest(Settings(), "png")).texts == ()


def test_a_pdf_gets_it_below_its_page() -> None:
    result = enhance_page(codec.encode(printed("a"), "png"), 1, BELOW)
    assert result.failure is None and result.texts == ()
    document = pypdfium2.PdfDocument(result.pictures[0])
    assert document[0].get_textpage().get_text_range().split() == ["合同", "amount"]
    document.close()
    assert len(pikepdf.open(io.BytesIO(result.pictures[0])).pages) == 1


def test_a_batch_writes_both_and_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    output = tmp_path / "out"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.png").write_bytes(codec.encode(printed(name), "png"))
    first = batch(folder, output, BESIDE, stop_after=1)
    assert len(first.worked) == 1
    second = batch(folder, output, BESIDE)
    assert len(second.worked) == 2 and not second.failures
    assert sorted(path.name for path in output.glob("[!.]*")) == [
        f"{n}.{s}" for n in "abc" for s in ("png", "txt")
    ]
    (output / "b.txt").unlink()
    third = batch(folder, output, BESIDE)
    assert third.worked == [("b.png", 1)] and (output / "b.txt").is_file()


def test_what_was_made_without_text_is_made_again_with_it() -> None:
    assert BESIDE.digest() != EnhanceRequest(Settings(), "png").digest()


def test_a_failure_to_read_is_told_without_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Reader:
        raise ToolMissing(tool=text_reader.ENGINE)

    monkeypatch.setattr(work, "_reader", missing)
    failure = enhance_page(codec.encode(printed("a"), "png"), 1, BESIDE).failure
    assert failure is not None and text_reader.ENGINE in failure.en


def test_text_without_a_place_or_models_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["enhance", str(tmp_path), "-o", str(tmp_path / "out"), "--text"]
    assert main([*words, "--join", "--format", "tif"]) == 2
    monkeypatch.setattr(text_reader, "is_there", lambda: False)
    assert main(words) == 2
    assert text_reader.ENGINE in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
