"""The project's own models: data beside the manifest, which every package carries."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from setuptools import Distribution

from imgcore.outline.judge.weights import PATH as WEIGHTS
from models import locate
from models.fetch import fetch, import_from, offers
from models.locate import OWN, ModelMissing, choose, examine, read
from models.manifest import Model, load_manifest
from tests.architecture.tree import ROOT
from tests.patience import PATIENCE

OURS = tuple(model for model in load_manifest().values() if model.is_own)
SEGMENTATION = "document-segmentation"
SCORING = "document-scoring"
ORIENTATION = "page-orientation"
FINGERS = "finger-segmentation"
VERIFICATION = "document-verification"
LAYERS = "page-layers"


def test_the_folder_holds_what_the_manifest_names_and_nothing_else() -> None:
    assert {path.name for path in OWN.iterdir()} == {model.file for model in OURS}
    assert {model.role for model in OURS} == {
        SEGMENTATION,
        SCORING,
        ORIENTATION,
        FINGERS,
        VERIFICATION,
        LAYERS,
    }
    for model in OURS:
        assert examine(model).ok
        assert model.licence == "Apache-2.0"
        assert model.size < 1_000_000


def test_a_file_of_the_same_name_elsewhere_does_not_hide_it(own: Path) -> None:
    model = choose(ORIENTATION)
    own.mkdir(parents=True)
    (own / model.file).write_bytes(b"other")
    assert len(read(model)) == model.size


@pytest.mark.parametrize("content", [None, b"", b"other"], ids=["missing", "empty", "another"])
@pytest.mark.parametrize("model", OURS, ids=lambda model: model.name)
def test_a_damaged_installation_says_so_and_what_to_do(
    model: Model, content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locate, "OWN", tmp_path)
    if content is not None:
        (tmp_path / model.file).write_bytes(content)
    with pytest.raises(ModelMissing, match=f"{model.file} is .*install gaopai again"):
        read(model)
    state = examine(model)
    assert not state.ok
    assert "install gaopai again" in state.remedy.en


def test_it_is_nowhere_else_to_be_had(tmp_path: Path, own: Path) -> None:
    model = choose(SCORING)
    shutil.copy(OWN / model.file, tmp_path)
    assert not offers(model, tmp_path)
    with pytest.raises(ModelMissing, match="install gaopai again"):
        fetch(model)
    with pytest.raises(ModelMissing, match="install gaopai again"):
        import_from(model, tmp_path)
    assert not own.exists()


def test_a_wheel_carries_the_models_and_not_how_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    wheel = Distribution()
    wheel.parse_config_files()
    assert "models" in wheel.packages
    assert not [package for package in wheel.packages if package.startswith("models.training")]
    build = wheel.get_command_obj("build_py")
    build.ensure_finalized()
    # Of package data alone: a list of all files that git tracks is not always there.
    build.manifest_files = {}
    carried = {Path(path).name for path in build.find_data_files("models", "models")}
    assert {"manifest.toml", *(model.file for model in OURS)} <= carried
    judge = build.find_data_files("imgcore.outline.judge", str(WEIGHTS.parent))
    assert WEIGHTS.name in {Path(path).name for path in judge}


def test_the_debian_package_carries_the_models_and_not_how_they_were_made() -> None:
    script = (ROOT / "packaging" / "service.sh").read_text(encoding="utf-8")
    (copying,) = re.findall(r"^ *find server .*?(?= -exec cp )", script, re.MULTILINE | re.DOTALL)
    listed = subprocess.run(
        ["bash", "-euc", f"set -- folder .so; {copying}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    ).stdout.splitlines()
    assert {"models/manifest.toml", *(f"models/own/{model.file}" for model in OURS)} <= set(listed)
    assert str(WEIGHTS.relative_to(ROOT)) in listed
    assert not [path for path in listed if path.startswith("models/training")]
