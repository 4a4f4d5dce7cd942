"""Of each role the first model that is here is loaded, as its own manifest entry says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from imgcore.face import AlignmentTemplate
from models.locate import ModelMissing, choose
from models.manifest import find_models
from server.services.faces import onnx_engine as face_models
from server.services.faces.onnx_engine import load_detector, load_embedder, load_liveness_nets

Floats = npt.NDArray[np.float32]


class Nets:
    """Opens nets that note what they are shown."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.seen: list[Floats] = []

    def open(self, model: object, threads: int) -> object:
        self.opened.append(model.name)  # type: ignore[attr-defined]
        return self._run

    def _run(self, values: Floats) -> list[Floats]:
        self.seen.append(values)
        return [np.array([[5, 1, 2]], np.float32)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where models lie, and nowhere else."""
    monkeypatch.setenv("GAOPAI_MODELS", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def nets(monkeypatch: pytest.MonkeyPatch) -> Nets:
    made = Nets()
    monkeypatch.setattr(face_models, "open_net", made.open)
    return made


def _put(folder: Path, role: str) -> None:
    for model in find_models(role)[-1:]:
        (folder / model.file).write_bytes(b"net")


def test_the_last_choice_serves_where_it_is_the_only_one(folder: Path, nets: Nets) -> None:
    for role in ("face-detection", "face-embedding"):
        _put(folder, role)
    load_detector()
    dlib = load_embedder()
    assert nets.opened == ["yunet-s", "dlib-resnet-v1"]
    assert (dlib.rgb, dlib.template.side) == (True, 150)
    (folder / choose("face-embedding").file).unlink()
    (folder / find_models("face-embedding")[0].file).write_bytes(b"net")
    intel = load_embedder()
    assert nets.opened[-1] == "reid-0095"
    assert (intel.rgb, intel.template.side) == (False, 128)
    assert isinstance(intel.template, AlignmentTemplate)
    assert intel.calibration != dlib.calibration


def test_both_nets_of_liveness_come_first_and_one_stands_in(folder: Path, nets: Nets) -> None:
    _put(folder, "face-liveness")
    (alone,) = load_liveness_nets()
    assert alone.scale == 2.7
    for role in ("face-liveness-near", "face-liveness-far"):
        _put(folder, role)
    assert [judge.scale for judge in load_liveness_nets()] == [2.7, 4.0]
    (folder / choose("face-liveness-far").file).unlink()
    assert len(load_liveness_nets()) == 1
    assert nets.opened == [
        "faceplugin-liveness", "minifasnet-v2", "minifasnet-v1se", "faceplugin-liveness",
    ]  # fmt: skip


def test_what_stands_in_is_shown_its_own_size_and_answers_in_our_order(folder: Path, nets: Nets) -> None:
    _put(folder, "face-liveness")
    (alone,) = load_liveness_nets()
    crop = np.zeros((1, 3, 80, 80), np.float32)
    crop[0, 2] = 200
    (answer,) = alone.net(crop)
    (seen,) = nets.seen
    assert seen.shape == (1, 3, 128, 128)
    assert (seen[0].mean((1, 2)) == (0, 0, 200)).all()
    # Its first logit is that of a living face; the core takes the second.
    assert answer.tolist() == [[1, 5, 2]]


@pytest.mark.parametrize("load", [load_detector, load_embedder, load_liveness_nets])
@pytest.mark.usefixtures("folder")
def test_what_is_missing_says_what_to_type(load: object) -> None:
    with pytest.raises(ModelMissing, match="gaopai models fetch"):
        load()  # type: ignore[operator]


def test_another_file_is_refused_when_it_is_loaded(folder: Path) -> None:
    _put(folder, "face-embedding")
    with pytest.raises(ModelMissing, match="SHA-256"):
        load_embedder()
