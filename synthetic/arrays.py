"""Names for the arrays that pictures are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Random = np.random.Generator

Image = npt.NDArray[np.uint8]
"""uint8 BGR ``(rows, cols, 3)`` or grey ``(rows, cols)``."""

Mask = npt.NDArray[np.bool_]
"""bool ``(rows, cols)``."""

Points = npt.NDArray[np.float32]
"""float32 ``(n, 2)`` as (x, y)."""

Floats = npt.NDArray[np.floating[Any]]
"""Numbers of either precision: reflectance and light in display levels, places, shares."""

Corners = npt.NDArray[np.float64]
"""float64 ``(4, 2)``: corners of a document in pixels, clockwise."""

Size = tuple[int, int]
"""Columns and rows."""
