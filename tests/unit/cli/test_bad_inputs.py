"""Commands tell, in both languages, of a file that is empty, missing, a folder or no picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from server.cli import main

READERS = ("detect", "barcode")
"""Commands that look at pictures one by one and need no model."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "zero.jpg").touch()
    (tmp_path / "zero.pdf").touch()
    cv2.imwrite(str(tmp_path / "letter.jpg"), np.full((40, 30, 3), 200, np.uint8))
    return tmp_path


def commands(path: str) -> list[list[str]]:
    readers = [[name, path] for name in READERS]
    return [*readers, ["merge", path, "-o", "one.pdf"], ["enhance", path, "-o", "out"]]


@pytest.mark.parametrize(
    ("path", "english", "chinese"),
    [
        ("zero.jpg", "zero.jpg: the file is empty", "zero.jpg: 文件是空的"),
        ("zero.pdf", "zero.pdf: the file is empty", "zero.pdf: 文件是空的"),
        ("empty", "no picture or PDF in empty", "empty 中没有图片或 PDF"),
        ("folder.jpg", "no picture or PDF in folder.jpg", "folder.jpg 中没有图片或 PDF"),
    ],
)
def test_each_command_says_what_is_wrong_with_an_input(
    path: str,
    english: str,
    chinese: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for locale, told in (("C.UTF-8", english), ("zh_CN.UTF-8", chinese)):
        monkeypatch.setenv("LC_ALL", locale)
        for words in commands(path):
            assert main(words) != 0, words
            assert told in capsys.readouterr().err, words
    assert not (folder / "one.pdf").exists()


@pytest.mark.parametrize(
    "words", [*commands("leter.jpg")[:3], ["verify", "leter.jpg"], ["sign", "leter.jpg", "-o", "a.p7s"]]
)
def test_a_name_that_is_a_letter_off_is_asked_about(
    words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) != 0
    assert "leter.jpg: there is no such file or folder; did you mean letter.jpg?" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["verify", "folder.jpg"], ["sign", "folder.jpg", "-o", "a.p7s"]])
def test_a_folder_is_no_file(words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "folder.jpg: it is a folder, and a file is wanted" in capsys.readouterr().err


def test_a_file_for_a_folder_leads_to_merge(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for output in ("one.pdf", "letter.jpg"):
        assert main(["enhance", "letter.jpg", "-o", output]) == 2
        assert "then gaopai merge clean/ -o one.pdf" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == ["empty", "folder.jpg"]


def test_a_folder_that_is_not_there_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["merge", "letter.jpg", "-o", "nowhere/one.pdf"]) == 2
    assert "there is no folder nowhere" in capsys.readouterr().err


def test_pages_of_a_folder_are_joined_as_they_are_counted(folder: Path) -> None:
    pages = folder / "pages"
    pages.mkdir()
    for number in (1, 2, 10):
        cv2.imwrite(str(pages / f"{number}.png"), np.full((40, 30), number, np.uint8))
    assert main(["merge", "pages", "-o", "one.tif"]) == 0
    with PIL.Image.open(folder / "one.tif") as whole:
        seen = []
        for page in range(3):
            whole.seek(page)
            seen.append(np.asarray(whole.convert("L"))[0, 0])
    assert seen == [1, 2, 10]
