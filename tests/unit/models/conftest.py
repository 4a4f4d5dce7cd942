"""What the tests of models share: folders of their own, and archives that are made here."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from models.manifest import Archive

CONTENT = b"weights" * 100


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No folder of models but those of this test."""
    monkeypatch.delenv("GAOPAI_MODELS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "gaopai" / "models"


@pytest.fixture(params=["wheel", "npm"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    """An archive with `CONTENT` in it, in the folder ``index`` beside the test's own."""
    folder = tmp_path / "index"
    folder.mkdir()
    if request.param == "wheel":
        path = folder / "made-1.0-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("made/test.onnx", CONTENT)
            wheel.writestr("made-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: made\nVersion: 1.0\n")
            wheel.writestr("made-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    else:
        path = folder / "made-1.0.tgz"
        with tarfile.open(path, "w:gz") as pack:
            info = tarfile.TarInfo("made/test.onnx")
            info.size = len(CONTENT)
            pack.addfile(info, io.BytesIO(CONTENT))
    package = "made==1.0" if request.param == "wheel" else "made@1.0"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Archive(request.param, package, path.name, digest, "made/test.onnx", len(CONTENT))
