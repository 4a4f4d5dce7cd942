"""Tables of the parameters' positions in one known file each."""

from __future__ import annotations

import hashlib
import json
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


class UnknownFile(ValueError):
    """Raised for a file other than the one that a table is for."""


def load_table(name: str, data: bytes) -> Any:
    """Load the table beside this module for the file with the content `data`.

    Raises
    ------
    UnknownFile
        The table is for another file.
    """
    table = json.loads(resources.files("models.convert").joinpath(name).read_text(encoding="utf-8"))
    if hashlib.sha256(data).hexdigest() != table["sha256"]:
        raise UnknownFile(f"these are not the weights that {name} knows: their SHA-256 differs")
    return table["parameters"]


def floats(data: bytes, count: int, offset: int) -> Floats:
    """Read `count` float32 from byte `offset` on."""
    return np.frombuffer(data, "<f4", count, offset).astype(np.float32)
