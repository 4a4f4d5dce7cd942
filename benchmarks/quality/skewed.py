"""Born-digital pages turned by known angles, and how an estimate of a page's skew is judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome
from imgcore.types import Image
from lab.photographs import SHARED

Finder = Callable[[Image], float | None]
"""Returns a page's skew in degrees counter-clockwise; None where it is not sure."""

FOLDER = SHARED / "data" / "deskew"
"""Folder of the pages."""
NEAR = 0.1
"""Degrees up to which a skew is right."""
FIGURES = (
    Figure("clean: within 0.1 degree", goal=0.99, unit="%"),
    Figure("hard: within 0.1 degree", goal=0.95, unit="%"),
    Figure("clean: error in degrees", Better.LOWER),
    Figure("hard: error in degrees", Better.LOWER),
)
"""Figures of a finder."""


def cases() -> Sequence[Case]:
    """Return the pages that are on this machine."""
    manifest = FOLDER / "angles.json"
    entries: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else {}
    return [Case(name, entry) for name, entry in entries.items()]


def outcome(case: Case, finder: Finder) -> Outcome:
    """Judge what a finder says of one page."""
    found = finder(np.asarray(cv2.imread(str(FOLDER / case.name)), np.uint8))
    quality = case.source["set"]
    error = float("nan") if found is None else abs(found - case.source["angle"])
    return Outcome(
        {f"{quality}: within 0.1 degree": float(error < NEAR), f"{quality}: error in degrees": error}
    )
