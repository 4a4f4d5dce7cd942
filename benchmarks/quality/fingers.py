"""Quality of finger removal: held pages, beside a skin colour threshold, and photographs without a finger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lab.photographs import SHARED

UNHELD = ("desks", "quad", "dewarp", "binarize", "reading")
HELD_REAL = ("xi_1.png",)
"""Folders of photographs without a finger, and those in them with one."""


def load_unheld() -> Iterator[Path]:
    """Paths of the photographs without a finger; none without the data."""
    for folder in UNHELD:
        for path in sorted((SHARED / "data" / folder).rglob("*")):
            flat = path.name.startswith("flat_") or path.stem.endswith("_gt") or path.name in HELD_REAL
            if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".tif") and not flat:
                yield path
