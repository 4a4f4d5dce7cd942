"""Location and verification of model files."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from models.manifest import Model, find_models, load_manifest
from models.wording import Wording

OWN = Path(__file__).with_name("own")
"""Folder of the models that come with this package."""
NOTHING = Wording("", "")


class ModelMissing(Exception):
    """Raised for a model that cannot be used; the text says why and what to do next, and `zh` in Chinese."""

    def __init__(self, text: str, zh: str = "") -> None:
        super().__init__(text)
        self.zh = zh or text


class RuntimeMissing(ModelMissing):
    """Raised where onnxruntime, which runs models, is not installed."""


@dataclass(frozen=True, slots=True)
class State:
    """State of a model's file.

    Attributes
    ----------
    ok
        True if the file is there, with the hash of the manifest.
    path
        The file found, or None.
    reason, remedy
        Finding, and the command to type; the remedy is empty when all is well.
    """

    ok: bool
    path: Path | None
    reason: Wording
    remedy: Wording = NOTHING


def folders() -> tuple[Path, ...]:
    """List the folders of models in search order: those of ``GAOPAI_MODELS``, then the user's own."""
    named = os.environ.get("GAOPAI_MODELS", "").split(os.pathsep)
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return (*(Path(folder).expanduser() for folder in named if folder), Path(data) / "gaopai" / "models")


def find(model: Model) -> Path | None:
    """Find the model's file, its content not checked; or None."""
    paths = (folder / model.file for folder in ((OWN,) if model.is_own else folders()))
    # pathlib raises for a folder that this account may not read, which has no models for it.
    return next((path for path in paths if os.path.isfile(path)), None)  # noqa: PTH113


def choose(role: str) -> Model:
    """Choose the model of a role: the first whose file is here; if there is none, one that can be fetched.

    A file that is here and is another one is chosen too, and refused when it is read: to fall back in
    silence would hide it.

    Raises
    ------
    ManifestError
        There is no such role.
    """
    known = find_models(role)
    here = (model for model in known if find(model) is not None)
    return next(here, None) or next((model for model in known if model.sources), known[0])


def examine(model: Model) -> State:
    """Verify a model's file; reads the whole file."""
    path = find(model)
    if path is None:
        return State(False, None, _absence(model), remedy(model))
    try:
        _checked(model, path)
    except ModelMissing as exc:
        return State(False, path, Wording(exc.zh, str(exc)), remedy(model))
    return State(True, path, Wording(f"{model.size} 字节，与清单一致", f"{model.size} bytes, as expected"))


def read(model: Model) -> bytes:
    """Read the model's bytes and check their hash.

    Raises
    ------
    ModelMissing
        There is no such file, or it is another one.
    """
    path = find(model)
    if path is None:
        raise _missing(_absence(model), remedy(model))
    try:
        return _checked(model, path)
    except ModelMissing as exc:
        raise _missing(Wording(exc.zh, str(exc)), remedy(model)) from exc


def is_genuine(model: Model, data: bytes) -> bool:
    """Return whether the bytes have the hash of the manifest."""
    return hashlib.sha256(data).hexdigest() == model.sha256


def _checked(model: Model, path: Path) -> bytes:
    try:
        # One byte more than expected tells a larger file, without reading all of it.
        with path.open("rb") as file:
            data = file.read(model.size + 1)
    except OSError as exc:
        raise ModelMissing(
            f"{path} cannot be read ({exc.strerror})", f"不能读取 {path}（{exc.strerror}）"
        ) from exc
    if not is_genuine(model, data):
        raise ModelMissing(
            f"{path} is not the file of the manifest: its SHA-256 differs",
            f"{path} 不是清单中的文件：SHA-256 不同",
        )
    return data


def _missing(reason: Wording, remedy: Wording) -> ModelMissing:
    return ModelMissing(f"{reason.en}; {remedy.en}", f"{reason.zh}；{remedy.zh}")


def _absence(model: Model) -> Wording:
    if model.is_own:
        return Wording(f"缺少 {OWN / model.file}", f"{OWN / model.file} is missing")
    return Wording(f"模型文件夹中没有 {model.file}", f"{model.file} is in none of the models' folders")


def remedy(model: Model) -> Wording:
    """Say what to type where a model cannot be used."""
    if model.is_own:
        return Wording("它随 gaopai 提供：请重新安装", "it comes with gaopai: install gaopai again")
    others = (other for other in load_manifest().values() if other.role == model.role and other != model)
    others_serve = any(find(other) is not None for other in others)
    only = f" --only {model.name}" if model.terms or others_serve else ""
    offline = "gaopai models import FOLDER"
    if not model.sources:
        return Wording(f"请执行 {offline}", f"type: {offline}")
    fetch = f"gaopai models fetch{only}"
    return Wording(f"请执行 {fetch}，离线时 {offline}", f"type: {fetch}, or offline {offline}")
