"""``gaopai face``, as a person types it; the nets are made ones, the real ones are tested with the core."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from imgcore.face import AlignmentTemplate, Calibration, Embedder, Face, LivenessNet
from models.locate import ModelMissing
from server.cli import face as command
from server.cli import main
from tests.unit.imgcore.face.nets import POINTS, FakeDetector, face

FACE = face(100, 60, 80, 100)


def _embedding(values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    """People differ by their colour."""
    return [values.mean((2, 3)) - 100]


def _alive(values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    """Red people are alive."""
    return [np.array([[0, 9 if values[0, 2].mean() > 150 else -9, 0]], np.float32)]


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> FakeDetector:
    detector = FakeDetector([FACE])
    template = AlignmentTemplate(32, tuple((32 * x, 32 * y) for x, y in POINTS))
    embedder = Embedder(_embedding, template, False, Calibration(0.38, 12))
    monkeypatch.setattr(command, "load_detector", lambda: detector)
    monkeypatch.setattr(command, "load_embedder", lambda: embedder)
    monkeypatch.setattr(command, "load_liveness_nets", lambda: (LivenessNet(_alive, 2.7),))
    return detector


@pytest.fixture
def people(tmp_path: Path) -> Path:
    for name, colour in {
        "red": (60, 60, 220),
        "again": (70, 60, 210),
        "blue": (220, 60, 60),
        "dark": (9, 9, 9),
    }.items():
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((240, 320, 3), colour, np.uint8))
    (tmp_path / "text.png").write_text("no picture")
    return tmp_path


def _compare(folder: Path, one: str, other: str, capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    code = main(["face", "compare", str(folder / one), str(folder / other), "--json", *words])
    answer = json.loads(capsys.readouterr().out)
    assert list(answer) == ["similarity", "match", "reason", "ms"]
    assert (answer["similarity"] is None) == bool(code)
    assert (answer["similarity"] is None) <= bool(answer["reason"])
    return dict(answer)


def test_one_person_matches_and_another_does_not(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = _compare(people, "red.png", "again.png", capsys)
    assert answer["match"] is True
    assert answer["similarity"] > 0.9
    assert answer["reason"] is None
    answer = _compare(people, "red.png", "blue.png", capsys)
    assert answer["match"] is False
    assert _compare(people, "red.png", "blue.png", capsys, "--threshold", "0")["match"] is True


@pytest.mark.parametrize(
    ("faces", "other", "reason"),
    [
        ([], "again.png", "no face"),
        ([face(100, 60, 20, 30)], "again.png", "too small"),
        ([FACE], "dark.png", "too dark"),
        ([FACE], "text.png", "text.png"),
        ([FACE], "absent.png", "absent.png"),
    ],
)
def test_what_cannot_be_compared_is_told(
    people: Path,
    models: FakeDetector,
    capsys: pytest.CaptureFixture[str],
    faces: list[Face],
    other: str,
    reason: str,
) -> None:
    models.faces = faces
    answer = _compare(people, "red.png", other, capsys)
    assert answer["similarity"] is None
    assert answer["match"] is False
    assert reason in answer["reason"]


def test_the_largest_of_several_is_compared_and_said_so(
    people: Path, models: FakeDetector, capsys: pytest.CaptureFixture[str]
) -> None:
    models.faces = [face(10, 10, 40, 40), face(200, 100, 80, 90)]
    answer = _compare(people, "red.png", "again.png", capsys)
    assert answer["match"] is True
    assert "several faces" in answer["reason"]


def test_a_line_for_people(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["face", "compare", str(people / "red.png"), str(people / "again.png")]) == 0
    assert capsys.readouterr().out.startswith("one person: similarity 0.99")
    assert main(["face", "live", str(people / "red.png"), str(people / "dark.png")]) == 0
    alive, dark = capsys.readouterr().out.splitlines()
    assert "red.png: live (1.00)" in alive
    assert "dark.png: cannot tell (the face is too dark)" in dark


def test_each_face_of_each_picture_is_judged(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["red.png", "blue.png", "text.png", "dark.png"]
    assert main(["face", "live", *(str(people / name) for name in names), "--json"]) == 1
    out, err = capsys.readouterr()
    answers = [json.loads(line) for line in out.splitlines()]
    assert [Path(answer["file"]).name for answer in answers] == ["red.png", "blue.png", "dark.png"]
    assert [answer["faces"][0]["live"] for answer in answers] == [True, False, None]
    assert answers[0]["faces"] == [{"box": [100.0, 60.0, 180.0, 160.0], "score": 0.9998, "live": True}]
    assert answers[2]["faces"][0]["score"] is None
    assert "text.png" in err


def test_a_missing_model_says_what_to_type(
    people: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> None:
        raise ModelMissing("it is not here; type: gaopai models fetch")

    monkeypatch.setattr(command, "load_detector", missing)
    assert "gaopai models fetch" in _compare(people, "red.png", "again.png", capsys)["reason"]
    assert main(["face", "live", str(people / "red.png"), "--json"]) == 1
    assert "gaopai models fetch" in capsys.readouterr().err
