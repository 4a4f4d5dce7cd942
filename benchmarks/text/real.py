"""Real pictures of known text in a folder outside of the project: zones, invoices, cards and print."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from imgcore import codec
from imgcore.types import Image

FOLDER = Path(os.environ.get("GAOPAI_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "reading"
PIXEL_LIMIT = 250_000_000


@dataclass(frozen=True, slots=False)
class RealPicture:
    """Picture with the truth of what it says, of the form that its set has."""

    name: str
    path: Path
    truth: Mapping[str, Any]

    @property
    def set(self) -> str:
        """Folder that it is in."""
        return self.name.partition("/")[0]

    @cached_property
    def image(self) -> Image:
        """Its pixels, as it is meant to be seen."""
        return codec.decode(self.path.read_bytes(), PIXEL_LIMIT)

    @property
    def held_out(self) -> bool:
        """True for the half of pictures, by the hash of their bytes, that no threshold is chosen on."""
        return bool(hashlib.sha256(self.path.read_bytes()).digest()[0] & 1)

    @property
    def lines(self) -> Sequence[str]:
        """Lines of its text, in the order in which they are read."""
        return [line for line in str(self.truth.get("text", "")).splitlines() if line.strip()]


def pictures(folder: Path = FOLDER) -> Iterator[RealPicture]:
    """Yield the pictures that ``truth.json`` of a folder names."""
    truths = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    for name, truth in sorted(truths.items()):
        yield RealPicture(name, folder / name, truth)
