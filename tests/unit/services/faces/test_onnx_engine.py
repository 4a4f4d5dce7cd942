"""The engine of faces, and what it says where its models are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from imgcore.face import Face
from imgcore.face.action import TURNS, Action
from imgcore.face.liveness import LivenessReason
from models.manifest import find_models
from server.errors import FaceModelMissing
from server.services.faces import onnx_engine
from server.services.faces.engine import REASONS
from server.services.faces.onnx_engine import OnnxFaceEngine

BLANK = np.zeros((64, 64, 3), np.uint8)
FACE = Face((10, 10, 40, 40), np.zeros((5, 2), np.float32), 0.9)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders without a model."""
    monkeypatch.setenv("GAOPAI_MODELS", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_each_missing_model_is_named_without_a_folder(empty: Path) -> None:
    engine = OnnxFaceEngine()
    calls = (
        (lambda: engine.find(BLANK), "face-detection"),
        (lambda: engine.embed(BLANK, FACE), "face-embedding"),
        (lambda: engine.similarity(np.zeros(2), np.zeros(2)), "face-embedding"),
        (lambda: engine.liveness_methods(paired=False), "face-detection"),
    )
    for call, role in calls:
        with pytest.raises(FaceModelMissing) as caught:
            call()
        told = caught.value.message("en") + caught.value.message("zh")
        assert f"{role}" in told and "gaopai models fetch" in told and str(empty) not in told


def test_what_hinders_is_told_for_each_use(empty: Path) -> None:
    engine = OnnxFaceEngine()
    assert isinstance(engine.missing_model(liveness=False), FaceModelMissing)
    assert isinstance(engine.missing_model(liveness=True), FaceModelMissing)


def test_every_reason_is_told_in_both_languages() -> None:
    assert REASONS.keys() == set(LivenessReason)
    for reason, text in REASONS.items():
        assert text.en == reason.value
        assert any("\u4e00" <= sign <= "\u9fff" for sign in text.zh)


def test_without_a_model_of_liveness_what_is_there_tells(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (detector,) = find_models("face-detection")[-1:]
    (empty / detector.file).write_bytes(b"net")
    monkeypatch.setattr(onnx_engine, "open_net", lambda model, threads: object())
    engine = OnnxFaceEngine()
    assert engine.missing_model(liveness=True) is None
    assert engine.liveness_methods(paired=False) == ("cues", "action")
    assert engine.liveness_methods(paired=True) == ("cues", "infrared", "action")
    for action in (None, Action.NEARER):
        session = engine.liveness_examiner(False, action)
        assert session.actions[-1] in TURNS and len(session.actions) == (1 if action is None else 2)
    assert engine.liveness_examiner(False, Action.BLINK).actions == (Action.BLINK,)
