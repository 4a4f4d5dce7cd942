"""Models that are plain arrays, as ``.npz``: what is computed with them is their users' affair."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt

from models.locate import read
from models.manifest import Model


def read_arrays(model: Model) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a model's file by name, after its hash was checked.

    Raises
    ------
    ModelMissing
        The file is not there, or is another one; the text says what to do.
    """
    with np.load(io.BytesIO(read(model)), allow_pickle=False) as file:
        return dict(file)
