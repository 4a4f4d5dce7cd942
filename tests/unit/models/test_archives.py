"""Archives are taken as they were meant, from an index or from a folder, and never executed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from models import archives, npm, web
from models import fetch as fetching
from models.archives import ArchiveError, download, extract
from models.convert import CONVERTERS
from models.fetch import fetch, import_from, offers
from models.locate import ModelMissing, read
from models.manifest import Archive, HttpsFile, Model

CONTENT = b"weights" * 100
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def model(archive: Archive) -> Model:
    return Model("tester", "test", "test.onnx", "tests", "CC0-1.0", "made", len(CONTENT), DIGEST, (archive,))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Downloading takes what lies in a folder."""
    monkeypatch.setattr(fetching, "download", lambda source, folder: tmp_path / "index" / source.file)
    return tmp_path / "index"


@pytest.mark.usefixtures("index")
def test_a_member_is_taken(model: Model, own: Path) -> None:
    assert fetch(model) == own / model.file
    assert read(model) == CONTENT
    assert [path.name for path in own.iterdir()] == [model.file]


def test_an_archive_in_a_folder_does_as_well_as_the_file(model: Model, tmp_path: Path, own: Path) -> None:
    assert offers(model, tmp_path / "index")
    assert not offers(model, tmp_path)
    assert import_from(model, tmp_path / "index") == own / model.file
    with pytest.raises(ModelMissing, match=r"no test.onnx or made-1.0"):
        import_from(model, tmp_path)


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sha256": "0" * 64}, "archive"),
        ({"member": "made/absent.onnx"}, "absent"),
        ({"size": 7}, "7 bytes"),
        ({"size": 7000}, "7000 bytes"),
        ({"convert": "yunet-s"}, "SHA-256"),
    ],
)
def test_what_is_wrong_with_a_source_is_told(
    model: Model, archive: Archive, own: Path, change: dict[str, object], reason: str
) -> None:
    source = dataclasses.replace(archive, **change)
    with pytest.raises(ModelMissing, match=reason) as told:
        fetch(dataclasses.replace(model, sources=(source,)))
    assert archive.package in str(told.value)
    assert "gaopai models import" in str(told.value)
    assert not own.exists()


@pytest.mark.usefixtures("index")
def test_the_next_source_is_tried(model: Model, archive: Archive, own: Path) -> None:
    gone = dataclasses.replace(archive, file="gone", member="gone")
    assert fetch(dataclasses.replace(model, sources=(gone, archive))) == own / model.file


@pytest.mark.usefixtures("index")
def test_another_form_is_converted(model: Model, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CONVERTERS, "yunet-s", lambda data: b"net of " + data)  # type: ignore[arg-type]
    source = dataclasses.replace(archive, convert="yunet-s")
    made = b"net of " + CONTENT
    wanted = dataclasses.replace(
        model, size=len(made), sha256=hashlib.sha256(made).hexdigest(), sources=(source,)
    )
    fetch(wanted)
    assert read(wanted) == made


def test_a_folder_in_an_archive_is_no_member(tmp_path: Path) -> None:
    import tarfile

    path = tmp_path / "pack.tgz"
    with tarfile.open(path, "w:gz") as pack:
        info = tarfile.TarInfo("made")
        info.type = tarfile.DIRTYPE
        pack.addfile(info)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(ArchiveError, match="no file"):
        extract(Archive("npm", "made@1", path.name, digest, "made", 1), path)


@pytest.mark.long
@pytest.mark.parametrize("archive", ["wheel"], indirect=True)
def test_pip_is_asked_for_the_archive_alone(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = tmp_path / "wanted"
    wanted.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    for_another = dataclasses.replace(archive, built_for=("--python-version=3.9", "--platform=win32"))
    assert extract(for_another, download(for_another, wanted)) == CONTENT
    with pytest.raises(ArchiveError, match=r"pip could not download it .*absent"):
        download(dataclasses.replace(archive, package="absent==1.0"), wanted)


def _client(folder: Path, text: str) -> Path:
    path = folder / "npm"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


NPM = Archive("npm", "made@1.0", "made-1.0.tgz", "", "made/test.onnx", 1)


def test_npm_is_asked_for_the_archive_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = _client(
        tmp_path, "import json, sys\nopen('made-1.0.tgz', 'w').write(json.dumps(sys.argv[1:]))\n"
    )
    monkeypatch.setattr(npm.shutil, "which", lambda name: str(client))
    wanted = tmp_path / "wanted"
    wanted.mkdir()
    words = json.loads(download(NPM, wanted).read_text())
    assert words[0] == "pack"
    assert "--ignore-scripts" in words
    assert words[-1] == "made@1.0"


def test_npms_last_words_are_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = _client(tmp_path, "import sys\nsys.exit('first\\nno such package')\n")
    monkeypatch.setattr(npm.shutil, "which", lambda name: str(client))
    with pytest.raises(ArchiveError, match="no such package"):
        download(NPM, tmp_path)


@pytest.fixture
def without_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No npm, and a configuration of it that names no registry."""
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(tmp_path / "npmrc"))
    (tmp_path / "npmrc").write_text("registry = http://plain.example.org\n")
    return tmp_path


def test_without_npm_it_is_said_what_to_bring(without_npm: Path) -> None:
    with pytest.raises(ArchiveError, match=r"npm pack made@1\.0, and bring made-1\.0\.tgz"):
        download(NPM, without_npm)


def test_without_npm_its_registry_is_asked(without_npm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (without_npm / "npmrc").write_text('cache=/c\nregistry = "https://mirror.example.org/npm/"\n')
    asked: list[str] = []
    monkeypatch.setattr(web, "read", lambda url, size: asked.append(url) or b"archive")
    assert download(NPM, without_npm).read_bytes() == b"archive"
    monkeypatch.setenv("npm_config_registry", "https://other.example.org")
    download(NPM, without_npm)
    assert asked == [
        "https://mirror.example.org/npm/made/-/made-1.0.tgz",
        "https://other.example.org/made/-/made-1.0.tgz",
    ]


def test_a_registry_that_fails_is_told(without_npm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(url: str, size: int) -> bytes:
        raise OSError("no such file")

    monkeypatch.setenv("npm_config_registry", "https://mirror.example.org")
    monkeypatch.setattr(web, "read", refuse)
    with pytest.raises(ArchiveError, match="could not be downloaded"):
        download(NPM, without_npm)


def test_a_client_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **options: object) -> None:
        raise subprocess.TimeoutExpired("npm", float(str(options["timeout"])))

    monkeypatch.setattr(archives.subprocess, "run", hang)
    monkeypatch.setattr(npm.shutil, "which", lambda name: name)
    with pytest.raises(ArchiveError, match="within"):
        download(NPM, tmp_path)


class Endless:
    """An address that goes on and on."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int) -> bytes:
        self.taken += size
        return bytes(size)

    def __enter__(self) -> Endless:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def test_an_address_is_not_read_beyond_the_models_size(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Endless()
    monkeypatch.setattr(web.urllib.request, "urlopen", lambda url, timeout: endless)
    with pytest.raises(ModelMissing, match="SHA-256"):
        fetch(dataclasses.replace(model, sources=(HttpsFile("https://example.org/f"),)))
    assert endless.taken == model.size + 1


def test_an_address_that_drips_is_given_up(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web.urllib.request, "urlopen", lambda url, timeout: Endless())
    monkeypatch.setattr(web, "_SECONDS", -1)
    with pytest.raises(ModelMissing, match="longer than"):
        fetch(dataclasses.replace(model, sources=(HttpsFile("https://example.org/f"),)))
