"""Commands that look at pages take pictures, TIFFs and PDFs, and say so where they find nothing."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from server.cli import barcode, main, read, text
from server.cli.files import Unreadable, read_pages
from server.cli.verify import state_of


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A PDF of three pages, each of a size of its own."""
    pictures = []
    for number in range(3):
        path = tmp_path / f"{number}.png"
        cv2.imwrite(str(path), np.full((60 + number, 80, 3), 200, np.uint8))
        pictures.append(str(path))
    assert main(["merge", *pictures, "-o", str(tmp_path / "scan.pdf")]) == 0
    return tmp_path / "scan.pdf"


def test_each_page_is_looked_at(pages: Path) -> None:
    seen = [(number, count, image.shape[:2]) for number, count, image in read_pages(pages)]
    assert seen == [(1, 3, (60, 80)), (2, 3, (61, 80)), (3, 3, (62, 80))]


def test_barcodes_of_a_pdf_are_a_line_a_page(pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["barcode", str(pages), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["page"] for line in lines] == [1, 2, 3]
    assert main(["barcode", str(pages)]) == 0
    assert "scan.pdf, page 2: 0 code(s)" in capsys.readouterr().out
    # One of one page is told as a picture is.
    assert main(["barcode", str(pages.with_name("0.png")), "--json"]) == 0
    assert "page" not in json.loads(capsys.readouterr().out)


def test_a_folder_has_its_pdfs_too(pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["barcode", str(pages.parent), "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 6


def test_text_and_fields_come_from_the_same_pages() -> None:
    assert text.print_found is barcode.print_found is read.print_found


def test_a_broken_pdf_is_told_and_the_others_are_read(
    pages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = pages.with_name("broken.pdf")
    broken.write_bytes(b"%PDF-1.7 and nothing else")
    with pytest.raises(Unreadable):
        list(read_pages(broken))
    capsys.readouterr()
    assert main(["barcode", str(broken), str(pages), "--json"]) == 1
    told = capsys.readouterr()
    assert "broken.pdf" in told.err
    assert len(told.out.splitlines()) == 3


def test_who_finds_no_document_says_what_is_looked_for(
    pages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = argparse.Namespace(images=[pages], json=True, no_crop=False)
    assert read.read_all(arguments, lambda _: ()) == 1
    told = capsys.readouterr().err
    assert "no document was found on 3 of 3 page(s)" in told
    assert "identity cards" in told and "--no-crop" in told


@pytest.mark.parametrize(
    ("problems", "state"),
    [
        (["unsigned"], "unsigned"),
        (["altered"], "altered"),
        (["updated", "javascript"], "altered"),
        (["certificate.expired"], "broken"),
        (["unsigned", "record.pages"], "broken"),
    ],
)
def test_a_file_that_does_not_hold_has_its_own_word(problems: list[str], state: str) -> None:
    class Report:
        holds = False
        signatures = ()

    Report.problems = tuple(problems)
    assert state_of(Report) == state


def test_a_signature_does_not_replace_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("words")
    output = tmp_path / "letter.txt.p7s"
    output.write_text("mine")
    assert main(["sign", str(tmp_path / "letter.txt"), "-o", str(output)]) == 2
    assert output.read_text() == "mine"
    assert "--force" in capsys.readouterr().err


def test_fields_of_a_code_are_told_where_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "(01)09506000134352(17)260230"
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, gs1=True)
    drawn = np.array(zxingcpp.write_barcode_to_image(made, scale=4, add_quiet_zones=True))
    path = tmp_path / "a.png"
    assert cv2.imwrite(str(path), drawn)
    assert main(["barcode", str(path), "--parse", "--json"]) == 0
    (code,) = json.loads(capsys.readouterr().out)["codes"]
    assert (code["parsed"]["fields"]["01"], code["parsed"]["valid"]) == ("09506000134352", False)
    assert main(["barcode", str(path), "--json"]) == 0
    assert "parsed" not in json.loads(capsys.readouterr().out)["codes"][0]
    assert main(["barcode", str(path), "--parse"]) == 0
    said = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert said[2:] == ["gs1, 17.date", "01: 09506000134352", "17: 260230"]
