"""Trained models, written where they are shipped from."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from imgcore.outline.judge.weights import NAMES
from imgcore.outline.judge.weights import PATH as WEIGHTS
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


def write_weights(score: str, measures: Sequence[str], weights: Mapping[str, npt.ArrayLike]) -> None:
    """Write weights of one score of the outline's judge, with the names of its measures; others stay."""
    with np.load(WEIGHTS, allow_pickle=False) as file:
        arrays = dict(file)
    new = {NAMES: np.array(measures), **{name: np.asarray(each, float) for name, each in weights.items()}}
    arrays |= {f"{score}/{name}": array for name, array in new.items()}
    WEIGHTS.write_bytes(as_npz(dict(sorted(arrays.items()))))
    print(f"{WEIGHTS}: {score}", flush=True)
