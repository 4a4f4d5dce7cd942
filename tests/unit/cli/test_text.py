"""``gaopai text``: one line a file, in the form that is promised."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imgcore import codec
from server.cli import files, main, text
from server.errors import ToolMissing
from tests.fakes.text import line, printed


class Reader:
    """Reads the same two lines from any picture."""

    def read(self, picture: object, careful: bool = False) -> list[object]:
        return [line("合同", 40, 50, 100, 30), line("amount", 40, 120, 200, 24)]


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(text, "model_contents", list)
    monkeypatch.setattr(text, "text_reader", lambda contents, threads: Reader())
    path = tmp_path / "a.png"
    path.write_bytes(codec.encode(printed("a"), "png"))
    return path


@pytest.mark.parametrize("crop", [[], ["--crop"]])
def test_json_has_the_promised_form(
    picture: Path, capsys: pytest.CaptureFixture[str], crop: list[str]
) -> None:
    assert main(["text", str(picture), "--json", *crop]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["file", "text", "lines", "ms"]
    assert (found["file"], found["text"]) == (str(picture), "合同\namount")
    corners = [[40, 50], [140, 50], [140, 80], [40, 80]]
    assert found["lines"][0] == {"text": "合同", "corners": corners, "score": 0.99}


def test_people_get_lines(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["text", str(picture)]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert "2 line(s)" in head and [one.strip() for one in lines] == ["合同", "amount"]


def test_a_bad_file_is_told_and_the_others_are_read(
    picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = picture.with_name("b.png")
    bad.write_bytes(b"nothing")
    assert main(["text", str(bad), str(picture), "--json"]) == 1
    said = capsys.readouterr()
    assert str(bad) in said.err and len(said.out.splitlines()) == 1


def test_without_models_it_says_what_to_do(
    picture: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> list[bytes]:
        raise ToolMissing(tool="PP-OCRv6")

    monkeypatch.setattr(text, "model_contents", missing)
    assert main(["text", str(picture)]) == 1
    assert "PP-OCRv6" in capsys.readouterr().err


def test_an_interruption_says_what_was_done(
    picture: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter([picture])

    def read(path: Path) -> object:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return codec.decode(path.read_bytes(), 10**8)

    monkeypatch.setattr(files, "read", read)
    assert main(["text", *[str(picture)] * 3]) == 130
    assert "stopped after 1 of 3 files" in capsys.readouterr().err
