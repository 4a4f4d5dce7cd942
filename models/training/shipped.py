"""Trained models, written where they are shipped from."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.locate import OWN
from models.manifest import find_models


def path_of(role: str) -> Path:
    """The file of the project's own model of a role."""
    return OWN / next(model.file for model in find_models(role) if model.is_own)


def as_npz(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Arrays as the bytes of an ``.npz``; the same arrays give the same bytes."""
    file = io.BytesIO()
    # Its annotation takes any array for `allow_pickle`.
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def write(path: Path, data: bytes) -> None:
    """Write a model, and print what the manifest has to say of it from now on."""
    path.write_bytes(data)
    print(f'{path}\nbytes = {len(data)}\nsha256 = "{hashlib.sha256(data).hexdigest()}"', flush=True)
