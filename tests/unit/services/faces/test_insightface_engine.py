"""The engine with a pack of InsightFace: made nets of the right shapes, through the library where it is."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from imgcore.face import Face
from models.locate import ModelMissing
from models.onnx_writer import Graph
from server.config import Config, FacesConfig
from server.equipment import engines_of
from server.errors import FaceModelMissing
from server.services.faces.insightface_engine import InsightFaceEngine, ModelPack, open_pack
from server.services.faces.onnx_engine import OnnxFaceEngine

has_library = importlib.util.find_spec("insightface") is not None
HALF = 24.0
"""Half a side of each made face; its points lie on a cross in it."""


def _detector() -> bytes:
    """SCRFD's nine outputs: a face wherever a cell of a stride begins with a red pixel."""
    graph = Graph()
    # The library shows (value - 127.5) / 128, red first.
    graph.constant("redness", np.array([[40, -40, 0], [0, 0, 0]], np.float32).reshape(2, 3, 1, 1))
    graph.constant("doubt", np.array([-60, -60], np.float32))
    for name, width in (("score", 1), ("box", 4), ("points", 10)):
        graph.constant(f"{name}.shape", np.array([-1, width], np.int64))
    outputs: dict[str, list[tuple[str, list[int | str]]]] = {"score": [], "box": [], "points": []}
    for stride in (8, 16, 32):
        marks = np.tile(np.array([[-1, -1], [1, -1], [0, 0], [-1, 1], [1, 1]]) * HALF / 2 / stride, 1)
        one = np.concatenate([np.full(4, HALF / stride), marks.ravel()]).astype(np.float32)
        graph.constant(f"size{stride}", np.tile(one[:4], 2))
        graph.constant(f"marks{stride}", np.tile(one[4:], 2))
        graph.constant(f"none.box{stride}", np.zeros((8, 3, 1, 1), np.float32))
        graph.constant(f"none.points{stride}", np.zeros((20, 3, 1, 1), np.float32))
        step = {"strides": [stride, stride]}
        score = graph.node("Conv", ["picture", "redness", "doubt"], f"raw{stride}", **step)
        parts = {
            "score": graph.node("Sigmoid", [score], f"sure{stride}"),
            "box": graph.node(
                "Conv", ["picture", f"none.box{stride}", f"size{stride}"], f"boxes{stride}", **step
            ),
            "points": graph.node(
                "Conv", ["picture", f"none.points{stride}", f"marks{stride}"], f"marked{stride}", **step
            ),
        }
        for name, part in parts.items():
            listed = graph.node("Transpose", [part], f"{name}{stride}.last", perm=[0, 2, 3, 1])
            graph.node("Reshape", [listed, f"{name}.shape"], f"{name}{stride}")
            width = {"score": 1, "box": 4, "points": 10}[name]
            outputs[name].append((f"{name}{stride}", [f"cells{stride}", width]))
    source: tuple[str, list[int | str]] = ("picture", [1, 3, "rows", "cols"])
    return graph.model(source, *outputs["score"], *outputs["box"], *outputs["points"])


def _embedder() -> bytes:
    """ArcFace's shapes: people differ by their colour."""
    graph = Graph()
    graph.node("GlobalAveragePool", ["picture"], "mean")
    graph.node("Flatten", ["mean"], "vector", axis=1)
    return graph.model(("picture", ["n", 3, 112, 112]), ("vector", ["n", 3]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack."""
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "det_made.onnx").write_bytes(_detector())
    (pack / "w_made.onnx").write_bytes(_embedder())
    return pack


def _scene(at: tuple[int, int], colour: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    """A person of one colour before a grey wall, seen by the detector at one pixel."""
    picture = np.full((320, 320, 3), 127, np.uint8)
    x, y = at
    picture[y - 60 : y + 60, x - 60 : x + 60] = colour
    picture[y, x] = (0, 0, 255)
    return picture


class Detection:
    """A detector of the library's, with two faces."""

    use_kps = True

    def __init__(self) -> None:
        self.sides: list[tuple[int, int]] = []

    def detect(self, image: object, input_size: tuple[int, int], det_thresh: float) -> tuple[object, object]:
        self.sides.append(input_size)
        assert image.shape[2] == 3  # type: ignore[attr-defined]
        boxes = np.array([[10, 20, 30, 50, 0.9], [100, 20, 180, 120, 0.8]], np.float32)
        return boxes, np.arange(20, dtype=np.float32).reshape(2, 5, 2)


class Recognition:
    """An embedder of the library's."""

    def get_feat(self, aligned: npt.NDArray[np.uint8]) -> object:
        assert aligned.shape == (112, 112, 3)
        return np.array([[3, 4, 0]]) * float(aligned.mean())


def _fake() -> tuple[InsightFaceEngine, Detection]:
    detection = Detection()
    engine = InsightFaceEngine(
        Path("pack"), OnnxFaceEngine(), lambda folder: ModelPack(detection, Recognition())
    )
    return engine, detection


def test_faces_come_largest_first_with_their_points() -> None:
    engine, detection = _fake()
    large, small = engine.find(np.zeros((200, 200), np.uint8))
    assert large.box == (100, 20, 80, 100)
    assert large.score == pytest.approx(0.8)
    assert large.points.tolist() == np.arange(10, 20, dtype=float).reshape(5, 2).tolist()
    assert small.box == (10, 20, 20, 30)
    engine.find(np.zeros((200, 200), np.uint8), live=True)
    assert detection.sides == [(640, 640), (320, 320)]


def test_vectors_are_of_unit_length_and_compared_on_their_scale() -> None:
    engine, _ = _fake()
    face = Face((0, 0, 9, 9), np.full((5, 2), 7, np.float32), 0.9)
    vector = engine.embed(np.full((20, 20), 9, np.uint8), face)
    np.testing.assert_allclose(vector, (0.6, 0.8, 0), atol=1e-6)
    assert engine.similarity(vector, vector) > 0.99
    turned = np.array([0.48, np.sqrt(1 - 0.48**2), 0], np.float32)
    assert engine.similarity(np.array([1, 0, 0], np.float32), turned) == pytest.approx(0.7, abs=0.005)


def test_a_pack_that_is_not_there_is_told_without_its_folder(tmp_path: Path) -> None:
    engine = InsightFaceEngine(tmp_path / "secret", OnnxFaceEngine())
    found = engine.missing_model(liveness=False)
    assert isinstance(found, FaceModelMissing)
    assert "insightface_pack" in found.message("en")
    assert "secret" not in found.message("en") + found.message("zh")


def test_without_the_library_it_is_said_what_to_type(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "insightface.app", None)
    with pytest.raises(ModelMissing, match="--no-deps"):
        open_pack(folder)


def test_the_configuration_chooses_the_engine(tmp_path: Path) -> None:
    assert isinstance(engines_of(Config()).faces, OnnxFaceEngine)
    faces = FacesConfig(insightface_pack=str(tmp_path), accept_noncommercial=True)
    assert isinstance(engines_of(Config(faces=faces)).faces, InsightFaceEngine)


needs_library = pytest.mark.skipif(not has_library, reason="insightface is not installed")


@needs_library
def test_the_library_opens_a_pack_and_finds_and_tells_apart(folder: Path) -> None:
    engine = InsightFaceEngine(folder, OnnxFaceEngine())
    assert engine.missing_model(liveness=False) is None
    vectors = []
    for at, colour in (((96, 160), (60, 60, 220)), ((224, 160), (70, 60, 210)), ((96, 160), (220, 60, 60))):
        picture = _scene(at, colour)
        (face,) = [found for found in engine.find(picture, live=True) if found.box[0] == at[0] - HALF]
        assert face.box == (at[0] - HALF, at[1] - HALF, 2 * HALF, 2 * HALF)
        assert face.points[2].tolist() == list(at)
        vectors.append(engine.embed(picture, face))
    assert engine.similarity(vectors[0], vectors[1]) > 0.9
    assert engine.similarity(vectors[0], vectors[2]) < 0.5


@needs_library
@pytest.mark.parametrize("broken", ["det_made.onnx", "w_made.onnx"])
def test_half_a_pack_is_refused(folder: Path, broken: str) -> None:
    (folder / broken).unlink()
    with pytest.raises(ModelMissing, match="pack"):
        open_pack(folder)


@needs_library
def test_what_is_no_model_is_refused(folder: Path) -> None:
    (folder / "det_made.onnx").write_bytes(b"no model")
    with pytest.raises(ModelMissing, match="cannot be opened"):
        open_pack(folder)
