"""Recognised lines become text that can be found and is never seen."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest

from server.documents.ofd_writer import NAMESPACE, OfdPage, write_ofd
from server.documents.text_layer import text_page
from server.services.files.formats import texts_on
from tests.fakes.text import line

LINES = (line("合同编号：2024", 40, 50, 300, 30), line("amount due", 40, 120, 200, 24))


def test_lines_are_found_where_they_are() -> None:
    document = pypdfium2.PdfDocument(text_page(LINES, (400, 600, 3)))
    text = document[0].get_textpage()
    assert text.get_text_range().split("\r\n") == ["合同编号：2024", "amount due"]
    left, bottom, right, top = text.get_charbox(0, loose=True)
    assert left == pytest.approx(40, abs=3) and 400 - top == pytest.approx(50, abs=9)
    assert right - left == pytest.approx(300 / 9, abs=3) and top - bottom < 34
    assert (np.asarray(document[0].render().to_numpy()) == 255).all()
    document.close()


def test_no_lines_are_no_page() -> None:
    assert text_page((), (10, 10)) == b""


def test_vertical_and_empty_lines_do_no_harm() -> None:
    document = pypdfium2.PdfDocument(
        text_page((line("縦書", 40, 50, 300, 30, True), line("x", 1, 1, 0, 0)), (400, 600))
    )
    assert "縦書" in document[0].get_textpage().get_text_range()
    document.close()


def test_an_ofd_has_the_text_below_its_picture() -> None:
    page = OfdPage(b"", "PNG", 60.0, 40.0, 1, False)
    lines = (*LINES, line("縦&書", 400, 50, 200, 30, True))
    page = OfdPage(b"", "PNG", 60.0, 40.0, 1, False, texts_on(page, lines, (400, 600)))
    with zipfile.ZipFile(io.BytesIO(b"".join(write_ofd([page, page])))) as archive:
        roots = {
            name: ElementTree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith("xml")
        }
    layer = next(roots["Doc_0/Pages/Page_1/Content.xml"].iter(f"{{{NAMESPACE}}}Layer"))
    kinds = [element.tag.split("}")[1] for element in layer]
    assert kinds == ["TextObject"] * 3 + ["ImageObject"]
    assert [code.text for code in layer.iter(f"{{{NAMESPACE}}}TextCode")] == [one.text for one in lines]
    assert layer[0].get("Boundary") == "4 5 30 3" and layer[0].get("Alpha") == "0"
    numbers = [element.get("ID") for root in roots.values() for element in root.iter() if element.get("ID")]
    assert len(numbers) == len(set(numbers))
    most = next(roots["Doc_0/Document.xml"].iter(f"{{{NAMESPACE}}}MaxUnitID")).text
    assert int(most or 0) == max(map(int, filter(None, numbers)))


def test_an_ofd_without_text_names_no_font() -> None:
    with zipfile.ZipFile(
        io.BytesIO(b"".join(write_ofd([OfdPage(b"", "PNG", 60.0, 40.0, 1, False)])))
    ) as archive:
        assert b"Font" not in archive.read("Doc_0/PublicRes.xml")
