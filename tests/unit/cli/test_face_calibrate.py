"""``gaopai face calibrate``, as a person types it; the detector is a made one."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.reliability.service import DEMO_ONLY
from server.cli import face as command
from server.cli import main
from server.cli.face import calibrate as face_calibrate
from server.config import parse
from synthetic.faces import Pose, Sitter
from tests.patience import PATIENCE
from tests.unit.imgcore.face.nets import FakeDetector
from tests.unit.imgcore.face.sitters import drawn_face

FACE = drawn_face(320, 240)


class _Sees(FakeDetector):
    """The drawn person, whatever the size, but nothing in the dark."""

    def __call__(self, values: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        height = 240 if values.shape[3] == 320 else 480 if values.shape[2] == 480 else 360
        self.faces = [drawn_face(height * 16 // 9 if height == 360 else height * 4 // 3, height)]
        if values.max() < 20:
            self.faces = []
        return super().__call__(values)


@pytest.fixture(autouse=True)
def detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "load_detector", lambda: _Sees([FACE]))


@pytest.fixture
def demo(tmp_path: Path) -> list[str]:
    """With the demo's cameras alone."""
    path = tmp_path / "gaopai.toml"
    path.write_text(DEMO_ONLY, encoding="utf-8")
    return ["--demo", "--config", str(path)]


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    sitter = Sitter(320, 240)
    cv2.imwrite(str(tmp_path / "colour.png"), sitter.colour(Pose()))
    cv2.imwrite(str(tmp_path / "infrared.png"), sitter.infrared(Pose()))
    cv2.imwrite(str(tmp_path / "dark.png"), np.zeros((240, 320), np.uint8))
    return [str(tmp_path / "colour.png"), str(tmp_path / "infrared.png")]


def test_pairs_of_pictures_give_the_section(pictures: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["face", "calibrate", *pictures * 4]) == 0
    said = capsys.readouterr()
    section = tomllib.loads(said.out)["faces"]["liveness"]["infrared"]
    assert section["affine"] == pytest.approx([1, 0, 0, 0, 1, 0], abs=0.02)
    # It can be put into the configuration as it is.
    assert parse(said.out).faces.liveness.infrared.affine == tuple(section["affine"])
    assert "the face moved by 0.0 of its width only" in said.err


def test_the_same_as_json(pictures: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["face", "calibrate", *pictures * 4, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert list(said) == ["pairs", "agreeing", "leastOverlap", "weak", "moved", "depth", "settings"]
    assert said["settings"]["affine"] == pytest.approx([1, 0, 0, 0, 1, 0], abs=0.02)


def test_the_demo_pair_is_looked_at(
    demo: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(face_calibrate, "SAMPLE_SECONDS", PATIENCE)
    assert main(["face", "calibrate", *demo, "--looks", "4"]) == 0
    said = capsys.readouterr()
    assert "Demo Face Camera" in said.err
    assert parse(said.out).faces.liveness.infrared.affine == pytest.approx(
        (4 / 3, 0, -1 / 6, 0, 1, 0), abs=0.03
    )


def test_what_is_missing_is_told(
    demo: list[str], pictures: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    colour, infrared = pictures
    dark = str(Path(colour).with_name("dark.png"))
    for words, code, said in (
        ([colour], 2, "in pairs"),
        ([colour, infrared, colour, dark], 1, "of 1 pairs only"),
        ([colour, "absent.png"], 1, "absent.png"),
        ([*demo, "--camera", "9"], 1, "no pair 9"),
        (["--config", "absent.toml"], 2, "absent.toml"),
    ):
        assert main(["face", "calibrate", *words]) == code
        assert said in capsys.readouterr().err
