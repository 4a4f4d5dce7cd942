"""``gaopai read``: one line a file, in exactly the promised form; without the models it says so."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from imgcore.fields import Document
from server.cli import read
from server.errors import ToolMissing

QUAD = np.array([(1, 1), (40, 1), (40, 30.5), (1, 30)], np.float32)
CARD = Document("bank-card", {"number": "9972263560408371629"}, None, ("number.uncertain",), QUAD, {})


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "card.png"
    cv2.imwrite(str(path), np.full((60, 80, 3), 200, np.uint8))
    return path


def arguments(*images: Path, as_json: bool) -> argparse.Namespace:
    return argparse.Namespace(images=list(images), json=as_json, no_crop=False)


def test_a_line_of_json_a_file(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert read.read_all(arguments(picture, as_json=True), lambda _: (CARD,)) == 0
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    assert list(said) == ["file", "documents", "ms"] and said["file"] == str(picture)
    assert said["documents"] == [
        {
            "type": "bank-card",
            "fields": {"number": "9972263560408371629"},
            "valid": None,
            "corners": [[1, 1], [40, 1], [40, 30.5], [1, 30]],
            "problems": ["number.uncertain"],
        }
    ]


def test_words_for_people(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = picture.with_name("none.png")
    assert read.read_all(arguments(picture, missing, as_json=False), lambda _: (CARD,)) == 1
    told = capsys.readouterr()
    assert "bank-card, not fully checked; number.uncertain" in told.out
    assert "none.png" in told.err


def test_without_the_models_it_says_so(
    picture: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none() -> list[bytes]:
        raise ToolMissing(tool="PP-OCRv6")

    monkeypatch.setattr(read, "model_contents", none)
    assert read.run(arguments(picture, as_json=True)) == 2
    assert "PP-OCRv6" in capsys.readouterr().err
