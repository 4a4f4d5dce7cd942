"""``gaopai finger compare``, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.fingerprint import extract
from imgcore.fingerprint.formats import TemplateFormat, write
from server.cli import main
from tests.unit.imgcore.fingerprint.prints import Press, draw, finger


@pytest.fixture(scope="module")
def prints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two presses of one finger, one of another, templates of both, an empty picture, and no picture."""
    folder = tmp_path_factory.mktemp("prints")
    pictures = {
        "one": draw(finger(0)),
        "again": draw(finger(0), Press(12, noise=25)),
        "other": draw(finger(1)),
    }
    for name, picture in pictures.items():
        cv2.imwrite(str(folder / f"{name}.png"), picture)
        (folder / f"{name}.fmr").write_bytes(write([extract(picture)], TemplateFormat.ISO_2005))
    cv2.imwrite(str(folder / "colour.png"), cv2.cvtColor(pictures["again"], cv2.COLOR_GRAY2BGR))
    cv2.imwrite(str(folder / "fine.png"), draw(finger(0), Press(12), scale=2))
    cv2.imwrite(str(folder / "empty.png"), np.full((300, 200), 255, np.uint8))
    cv2.imwrite(str(folder / "tiny.png"), np.full((30, 20), 255, np.uint8))
    (folder / "card.bin").write_bytes(b"C" + bytes(511))
    (folder / "broken.fmr").write_bytes((folder / "one.fmr").read_bytes()[:60])
    return folder


def compare(
    folder: Path, one: str, other: str, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, dict]:
    code = main(["finger", "compare", str(folder / one), str(folder / other), "--json", *words])
    (line,) = capsys.readouterr().out.splitlines()
    answer = json.loads(line)
    assert list(answer) == ["similarity", "match", "reason", "ms"]
    assert answer["ms"] > 0
    assert (answer["similarity"] is None) == bool(code)
    return code, answer


@pytest.mark.parametrize("other", ["again.png", "again.fmr", "colour.png"])
def test_one_finger_matches(prints: Path, other: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = compare(prints, "one.png", other, capsys)
    assert code == 0
    assert answer["match"] is True
    assert answer["similarity"] > 0.9
    assert answer["reason"] is None


def test_a_template_compares_as_its_picture(prints: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, picture = compare(prints, "one.png", "again.png", capsys)
    _, template = compare(prints, "one.fmr", "again.fmr", capsys)
    assert picture["similarity"] == template["similarity"]


def test_another_finger_does_not_and_that_is_no_failure(
    prints: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = compare(prints, "one.png", "other.png", capsys)
    assert code == 0
    assert answer["match"] is False
    assert answer["similarity"] < 0.9


def test_the_threshold_is_the_callers(prints: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, answer = compare(prints, "one.png", "other.png", capsys, "--threshold", "0")
    assert answer["match"] is True
    _, answer = compare(prints, "one.png", "again.png", capsys, "--threshold", "1")
    assert answer["match"] is False


def test_dots_are_those_of_the_pictures(prints: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, answer = compare(prints, "fine.png", "one.fmr", capsys, "--dots", "1000")
    assert answer["match"] is True


@pytest.mark.parametrize(
    ("file", "clause"),
    [
        ("card.bin", "GA 1012"),
        ("broken.fmr", "too early"),
        ("none.png", "No such file"),
        ("tiny.png", "size"),
        ("empty.png", "too little"),
        (".", "directory"),
    ],
)
def test_what_cannot_be_compared_says_why(
    prints: Path, file: str, clause: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = compare(prints, "one.png", file, capsys)
    assert code == 1
    assert answer["similarity"] is None
    assert answer["match"] is False
    assert clause in answer["reason"]
    assert str(prints / file) in answer["reason"]


@pytest.mark.parametrize("words", [["--threshold", "2"], ["--dots", "20"], ["--dots", "many"]])
def test_wrong_figures_are_wrong_arguments(
    prints: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["finger", "compare", str(prints / "one.png"), str(prints / "one.png"), *words])
    assert ended.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_people_get_a_line(prints: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["finger", "compare", str(prints / "one.png")]
    assert main([*words, str(prints / "again.png")]) == 0
    assert capsys.readouterr().out.startswith("one finger: similarity ")
    assert main([*words, str(prints / "other.png")]) == 0
    assert capsys.readouterr().out.startswith("no match: similarity")
    assert main([*words, str(prints / "card.bin")]) == 1
    assert "GA 1012" in capsys.readouterr().err
