"""Models are loaded when they are needed, once; a damaged one is an error, and nothing worse in silence."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from imgcore.models import Models
from imgcore.outline import DocumentNets
from imgcore.settings import Crop, Removal, Settings
from models import locate, session
from models.manifest import Model
from server.errors import ModelDamaged
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.output import process_image
from tests.architecture.tree import ROOT
from tests.patience import PATIENCE

MULTI = Settings(crop=Crop.MULTI)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's own models, in a folder where they may be damaged."""
    folder = tmp_path / "own"
    shutil.copytree(locate.OWN, folder)
    monkeypatch.setattr(locate, "OWN", folder)
    return folder


def test_settings_get_what_they_can_use_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GAOPAI_MODELS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    cache = ModelCache()
    one = cache.models(Settings(deskew=True))
    assert (one.page_grid, one.documents, one.orientation, one.fingers) == (None,) * 4
    assert cache.models(Settings(upright=True)).orientation is cache.orientation()
    assert cache.models(Settings(removal=Removal.FINGERS)).fingers is cache.fingers()
    several = cache.models(MULTI)
    assert several.documents is cache.documents() is not None
    assert several.orientation is None
    assert cache.models(Settings(crop=Crop.CURVE)).documents is cache.documents()


def test_a_process_that_does_not_look_for_documents_loads_no_runtime() -> None:
    program = """
import sys, numpy
from imgcore.pipeline import process
from imgcore.settings import Crop, Removal, Settings
from server.services.pictures.model_cache import ModelCache
from server.services.pictures.output import process_image
picture = numpy.full((200, 300, 3), 200, numpy.uint8)
for settings in (Settings(upright=True, deskew=True), Settings(crop=Crop.SINGLE)):
    models = ModelCache().models(settings)
    print("onnxruntime" in sys.modules)
    process(picture, settings, None, models)
    print("onnxruntime" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    # A page that is found without a net would leave it unread, too.
    assert done.stdout.split() == ["False", "False", "False", "True"]


def test_many_threads_load_a_model_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Model] = []
    open_net = session.open_net

    def counted(model: Model) -> Any:
        opened.append(model)
        return open_net(model)

    monkeypatch.setattr(session, "open_net", counted)
    cache = ModelCache()
    values = np.zeros((1, 3, 32, 32), np.float32)

    def run(_: int) -> DocumentNets | None:
        nets = cache.models(MULTI).documents
        assert nets is not None and len(nets.segmentation(values)) == 1
        return nets

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(run, range(32)))
    assert len(opened) == 1
    assert all(nets is found[0] for nets in found)


@pytest.mark.parametrize(
    ("file", "settings"),
    [
        ("document_segmentation.onnx", MULTI),
        ("document_scoring.npz", MULTI),
        ("document_verification.onnx", MULTI),
        ("page_orientation.npz", Settings(upright=True)),
        ("finger_segmentation.npz", Settings(removal=Removal.FINGERS)),
    ],
)
def test_a_damaged_model_of_ours_is_an_error_until_it_is_mended(
    copied: Path, file: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    data = (copied / file).read_bytes()
    (copied / file).write_bytes(data[:-1])
    cache = ModelCache()
    with pytest.raises(ModelDamaged, match="installs gaopai again"):
        cache.models(settings)
    assert file in caplog.text and "install gaopai again" in caplog.text
    (copied / file).write_bytes(data)
    assert cache.models(settings) != Models()


def test_without_a_runtime_several_documents_are_done_without_and_that_is_told_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    cache = ModelCache()
    with caplog.at_level(logging.WARNING):
        assert cache.documents() is None
        assert cache.documents() is None
    (record,) = caplog.records
    assert "pip install onnxruntime" in record.getMessage()


def test_a_runtime_that_cannot_be_read_is_done_without_from_its_first_run_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[Model] = []

    def broken(model: Model) -> Any:
        tried.append(model)
        raise locate.RuntimeMissing("a library of onnxruntime cannot be read")

    monkeypatch.setattr(session, "open_net", broken)
    cache = ModelCache()
    blank = np.full((200, 300, 3), 200, np.uint8)
    for _ in range(2):
        result = process_image(blank, Settings(crop=Crop.SINGLE), cache, "blank")
        assert [image.shape for image in result.pictures] == [blank.shape]
    assert len(tried) == 1
    assert caplog.text.count("a library of onnxruntime cannot be read") == 1
    assert cache.documents() is None


def test_without_the_page_grid_curved_pages_are_done_without_and_that_is_told_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("GAOPAI_MODELS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    cache = ModelCache()
    assert cache.page_grid() is None
    assert cache.models(Settings(crop=Crop.CURVE)).page_grid is None
    (record,) = caplog.records
    assert "gaopai models fetch" in record.getMessage()


def test_models_that_nobody_asked_for_lately_are_forgotten_and_loaded_again() -> None:
    cache = ModelCache()
    first = cache.documents()
    cache.forget(PATIENCE)
    assert cache.documents() is first
    cache.forget(0.0)
    again = cache.documents()
    assert again is not None and again is not first
