"""``gaopai form``: forms are taught, kept, and their copies read into a table."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from imgcore import codec
from server.cli import form, main
from server.errors import ToolMissing
from synthetic.datasets.form_copies import draw_copy, draw_form
from tests.fakes.forms import as_json, zones
from tests.fakes.text import line

COPY = draw_copy(500, 0)
"""Copy of the form that tests teach."""


@cache
def files() -> dict[str, bytes]:
    """A sample, its zones, and a folder with a copy, a page of another form, no picture, and one pixel."""
    return {
        "sample.png": codec.encode(draw_form(0).sample, "png"),
        "zones.json": as_json(0),
        "filled/1.png": codec.encode(COPY.picture, "png"),
        "filled/2.png": codec.encode(draw_copy(501, 9).picture, "png"),
        "filled/3.png": b"nothing",
        "filled/4.png": codec.encode(np.zeros((1, 1, 3), np.uint8), "png"),
    }


class Reader:
    """Reads one text from every strip, whose text could be a formula."""

    def read(self, picture: object, careful: bool = False, as_it_lies: bool = False) -> list[object]:
        assert careful and as_it_lies
        return [line("=1+cmd", 4, 4, 60)]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(form, "model_contents", list)
    monkeypatch.setattr(form, "text_reader", lambda contents, threads: Reader())
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    Path("filled").mkdir()
    for name, content in files().items():
        Path(name).write_bytes(content)
    return tmp_path


@pytest.fixture
def taught(here: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["form", "--teach", "claim", "--zones", "zones.json", "sample.png"]) == 0
    capsys.readouterr()
    return here


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["form", *words]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["form", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_a_form_is_taught_shown_exported_imported_and_removed(
    taught: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = len(zones(0))
    assert told(capsys, "--list") == f"claim: version 1, {count} zone(s)\n"
    assert (taught / "state/gaopai-access/forms/claim.json").is_file()
    shown = told(capsys, "--show", "claim").splitlines()
    first = zones(0)[0]
    assert len(shown) == 1 + count
    assert shown[1].split() == [
        f"{first.name}:", first.kind, "at", *(f"{edge:g}" for edge in (first.left, first.top, first.right)),
        f"{first.bottom:g}",
    ]  # fmt: skip
    assert json.loads(told(capsys, "--export", "claim"))["name"] == "claim"
    told(capsys, "--export", "claim", "-o", "claim.json")
    told(capsys, "--remove", "claim")
    assert told(capsys, "--list") == ""
    assert told(capsys, "--import", "claim.json") == f"claim: version 1, {count} zone(s)\n"
    told(capsys, "--teach", "claim", "--zones", "zones.json", "sample.png")
    assert told(capsys, "--list") == f"claim: version 2, {count} zone(s)\n"


def test_rules_of_a_zone_are_shown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = {"mask": "A99", "check": "luhn", "choices": ["B12", "B13"], "required": True}
    edges = {"left": 10, "top": 10, "right": 90, "bottom": 40.5}
    Path("zones.json").write_text(json.dumps({"zones": [{"name": "a", "kind": "text", **edges, **rules}]}))
    told(capsys, "--teach", "claim", "--zones", "zones.json", "sample.png")
    shown = told(capsys, "--show", "claim")
    assert "a: text at 10 10 90 40.5, A99, luhn, B12 | B13, required" in shown


def test_a_copy_is_read_as_json(taught: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(told(capsys, "filled/1.png", "--json"))
    assert list(found) == ["file", "form", "version", "score", "zones", "ms"]
    assert (found["form"], found["version"]) == ("claim", 1)
    read = {zone["name"]: zone for zone in found["zones"]}
    assert list(read) == [zone.name for zone in zones(0)]
    for name, state in COPY.ticks.items():
        assert read[name]["value"] in (state, "unsure")
    assert {zone["value"] for zone in found["zones"] if zone["kind"] == "text"} == {"=1+cmd"}
    assert all(len(zone["corners"]) == 4 for zone in found["zones"])


def test_people_get_a_zone_a_line(taught: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head, *lines = told(capsys, "filled/1.png").splitlines()
    assert head.startswith("filled/1.png: claim, version 1, ")
    assert len(lines) == len(zones(0))
    assert "text1: =1+cmd" in [one.strip() for one in lines]


def test_a_batch_goes_on_and_tells_what_is_no_form(taught: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["form", "filled", "-o", "answers.csv"]) == 1
    said = capsys.readouterr()
    assert "3.png" in said.err and "2 page(s) are none of the 1 form(s)" in said.err
    table = list(csv.reader(io.StringIO((taught / "answers.csv").read_text("utf-8-sig"))))
    assert table[0][:5] == ["file", "page", "form", "version", "score"]
    assert table[0][5:-1] == [zone.name for zone in zones(0)] and table[0][-1] == "problems"
    assert [row[:4] for row in table[1:]] == [
        ["filled/1.png", "1", "claim", "1"],
        ["filled/2.png", "1", "", ""],
        ["filled/4.png", "1", "", ""],
    ]
    assert table[1][table[0].index("text1")] == "'=1+cmd", "a text is no formula"


def test_a_page_that_is_no_form_is_a_failure(taught: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["form", "filled/2.png"]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("filled/2.png: no form that is known, ")
    assert "1 page(s) are none of the 1 form(s)" in said.err


def test_a_batch_becomes_a_workbook_of_texts(taught: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "filled/1.png", "-o", "answers.xlsx")
    with zipfile.ZipFile(taught / "answers.xlsx") as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        texts = book.read("xl/sharedStrings.xml").decode()
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert len(list(sheet.iter(f"{space}row"))) == 2
    assert not list(sheet.iter(f"{space}f")), "a formula"
    assert {cell.get("t") for cell in sheet.iter(f"{space}c") if len(cell)} == {"s"}
    for said in ("problems", "claim", "=1+cmd"):
        assert f">{said}<" in texts


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        ([], "name pictures, PDFs or folders", "请给出图片"),
        (["filled", "-o", "answers.ods"], "ends with .xlsx or .csv", "须以 .xlsx 或 .csv 结尾"),
        (["filled", "-o", "none/answers.csv"], "its folder is not there", "没有这个文件夹"),
        (["--teach", "a", "sample.png"], "--zones and one sample", "需要 --zones"),
        (["--teach", "a", "--zones", "zones.json"], "--zones and one sample", "需要 --zones"),
        (["--teach", "a", "--zones", "zone.json", "sample.png"], "did you mean zones.json", "是否为 zones"),
        (["--teach", "a", "--zones", "sample.png", "sample.png"], "not the JSON of a", "不是表单的 JSON"),
        (["--teach", "a", "--zones", "zones.json", "filled/3.png"], "filled/3.png", "filled/3.png"),
        (["--teach", "a", "--zones", "zones.json", "filled/4.png"], "reaches beyond the sample", "超出样张"),
        (["--teach", "", "--zones", "zones.json", "sample.png"], "a name has 1 to 64", "名称须为"),
        (["--import", "zones.json"], "not the JSON of a form", "不是表单的 JSON"),
        (["--show", "clam"], "no form named clam", "没有名为 clam 的表单"),
        (["--export", "clam"], "no form named clam", "没有名为 clam 的表单"),
        (["--remove", "clam"], "no form named clam", "没有名为 clam 的表单"),
        (["filled", "--forms", "none"], "No form has been taught yet", "还没有示教任何表单"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_in_both_languages(
    here: Path, words: list[str], english: str, chinese: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for locale, text in (("C.UTF-8", english), ("zh_CN.UTF-8", chinese)):
        monkeypatch.setenv("LC_ALL", locale)
        assert text in refused(capsys, *words)


def test_a_damaged_form_is_named_and_hides_no_other(taught: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "--teach", "other", "--zones", "zones.json", "sample.png")
    (taught / "state/gaopai-access/forms/claim.json").write_bytes(b"{")
    assert main(["form", "--list"]) == 1
    said = capsys.readouterr()
    assert "The stored form claim is damaged" in said.err and said.out.startswith("other: version 1")
    assert "The stored form claim is damaged" in refused(capsys, "filled")


def test_a_form_without_texts_needs_no_models(
    taught: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> list[bytes]:
        raise ToolMissing(tool="PP-OCRv6")

    monkeypatch.setattr(form, "model_contents", missing)
    assert main(["form", "filled/1.png"]) == 1
    assert "PP-OCRv6" in capsys.readouterr().err
    ticks = [zone for zone in json.loads(Path("zones.json").read_text())["zones"] if zone["kind"] == "tick"]
    Path("ticks.json").write_text(json.dumps({"zones": ticks}))
    told(capsys, "--teach", "claim", "--zones", "ticks.json", "sample.png")
    assert len(told(capsys, "filled/1.png").splitlines()) == 1 + len(ticks)


def test_a_barcode_in_a_zone_is_read_and_checked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    sample = draw_form(0).sample
    left, top, right, bottom = (round(edge) for edge in _edges("signature1"))
    zone = {"kind": "barcode", "left": left, "top": top, "right": right, "bottom": bottom}
    wanted = [{"name": "good", **zone, "check": "gs1"}, {"name": "bad", **zone, "mask": "AAA"}]
    Path("zones.json").write_text(json.dumps({"zones": wanted}))
    told(capsys, "--teach", "claim", "--zones", "zones.json", "sample.png")
    code = np.asarray(
        zxingcpp.write_barcode_to_image(
            zxingcpp.create_barcode("4006381333931", zxingcpp.BarcodeFormat.EAN13)
        )
    )
    width = right - left - 20
    drawn = cv2.resize(
        code, (width // code.shape[1] * code.shape[1], bottom - top - 20), interpolation=cv2.INTER_NEAREST
    )
    page = sample.copy()
    page[top + 10 : top + 10 + drawn.shape[0], left + 10 : left + 10 + drawn.shape[1]] = drawn[:, :, None]
    Path("one.png").write_bytes(codec.encode(page, "png"))
    good, bad = json.loads(told(capsys, "one.png", "--json"))["zones"]
    assert (good["value"], good["valid"], good["problem"]) == ("4006381333931", True, "")
    assert (bad["value"], bad["valid"], bad["problem"]) == ("4006381333931", False, "mask")


def _edges(name: str) -> tuple[float, float, float, float]:
    zone = next(one for one in zones(0) if one.name == name)
    return zone.left, zone.top, zone.right, zone.bottom
