"""A model is used only when it is the file that was meant, and says what to do when it is not there."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from models import locate
from models.convert import CONVERTERS
from models.fetch import fetch, import_from, store
from models.locate import ModelMissing, choose, examine, find, folders, read
from models.manifest import Archive, HttpsFile, ManifestError, Model, find_models, load_manifest

CONTENT = b"weights" * 100
MODEL = Model(
    name="tester",
    role="test",
    file="test.onnx",
    purpose="tests",
    purpose_zh="测试",
    licence="CC0-1.0",
    origin="made here",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    sources=(),
)


def test_every_model_of_the_manifest_is_whole() -> None:
    known = load_manifest()
    assert {"page-grid", "face-detection", "face-embedding"} <= {model.role for model in known.values()}
    assert len({model.file for model in known.values()}) == len(known)
    for model in known.values():
        assert len(model.sha256) == 64
        assert int(model.sha256, 16)
        assert model.size > 0
        assert Path(model.file).name == model.file
        assert model.licence
        assert set(model.stands_in_for) <= {other.role for other in known.values()}
        # What no address has as it is, says where it was converted from.
        assert model.sources or "converted from" in model.origin
        for source in model.sources:
            if isinstance(source, Archive):
                assert Path(source.file).name == source.file
                # Without a converter the member is the model.
                assert source.convert in CONVERTERS or source.size == model.size


@pytest.mark.parametrize("role", ["page-grid", "face-detection", "face-embedding"])
def test_a_registry_has_a_model_without_terms_for_each_role_that_matters(role: str) -> None:
    assert any(
        isinstance(source, Archive) and not model.terms
        for model in find_models(role)
        for source in model.sources
    )


def test_what_embeds_has_a_calibration_and_an_alignment() -> None:
    for model in find_models("face-embedding"):
        assert model.similarity is not None
        assert 0 < model.similarity.middle < 1
        assert model.similarity.steepness > 0
        assert model.alignment is not None
        assert model.alignment.colours in ("BGR", "RGB")
        assert len(model.alignment.points) == 5
        assert all(0 < x < model.alignment.side for point in model.alignment.points for x in point)
    assert find_models("page-grid")[0].similarity is None


def test_what_judges_liveness_says_what_it_wants_to_see() -> None:
    for role in ("face-liveness-near", "face-liveness-far", "face-liveness"):
        for model in find_models(role):
            assert model.surroundings is not None
            assert model.surroundings.live in range(3)


def test_an_unknown_role_names_those_there_are() -> None:
    with pytest.raises(ManifestError, match="page-grid"):
        find_models("weather")


def test_the_first_that_is_here_serves_a_role(monkeypatch: pytest.MonkeyPatch, own: Path) -> None:
    address = (HttpsFile("https://example.org/f"),)
    better = dataclasses.replace(MODEL, name="better", file="better.onnx")
    known = (better, dataclasses.replace(MODEL, sources=address))
    monkeypatch.setattr(locate, "find_models", lambda role: known)
    # With none here, the one that can be fetched is what an error speaks of.
    assert choose("test").name == "tester"
    store(MODEL, CONTENT)
    assert choose("test").name == "tester"
    store(better, CONTENT)
    assert choose("test").name == "better"
    # A file that is another one is not passed over in silence.
    (own / "better.onnx").write_bytes(b"other")
    with pytest.raises(ModelMissing, match="SHA-256"):
        read(choose("test"))


TEXT = """[r]\nrole = "r"\nfile = "f"\npurpose = ""\npurpose_zh = ""
licence = ""\norigin = ""\nbytes = 1\nsha256 = ""
sources = [{ kind = "https", url = "http://example.org/f" }]"""


def test_only_https_is_an_address() -> None:
    with pytest.raises(ManifestError, match="https address"):
        load_manifest(TEXT)
    good = load_manifest(TEXT.replace("http:", "https:"))
    assert good["r"].sources == (HttpsFile("https://example.org/f"),)


def test_only_a_known_converter_is_named() -> None:
    source = """{ kind = "npm", package = "p@1", file = "p.tgz", sha256 = "", member = "m", bytes = 1,
    convert = "x" }""".replace("\n", "")
    text = TEXT.replace('{ kind = "https", url = "http://example.org/f" }', source)
    with pytest.raises(ManifestError, match="convert"):
        load_manifest(text)
    assert load_manifest(text.replace('"x"', '"yunet-s"'))["r"].sources


def test_a_missing_model_is_a_state_with_a_remedy() -> None:
    state = examine(MODEL)
    assert not state.ok
    assert state.path is None
    assert "gaopai models import" in state.remedy.en
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


def test_a_folder_that_cannot_be_read_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: Path
) -> None:
    own.mkdir(parents=True)
    (own / MODEL.file).write_bytes(CONTENT)
    # Root may read every folder: a name that is too long fails for it too.
    monkeypatch.setenv("GAOPAI_MODELS", str(tmp_path / ("a" * 300)))
    assert find(MODEL) == own / MODEL.file


def test_importing_takes_the_file_of_a_folder(tmp_path: Path, own: Path) -> None:
    with pytest.raises(ModelMissing, match=MODEL.file):
        import_from(MODEL, tmp_path)
    (tmp_path / MODEL.file).write_bytes(CONTENT)
    assert import_from(MODEL, tmp_path) == own / MODEL.file


def test_a_model_without_a_source_says_so() -> None:
    with pytest.raises(ModelMissing, match="no source"):
        fetch(MODEL)
