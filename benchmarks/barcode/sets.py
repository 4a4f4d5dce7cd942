"""Pictures whose codes are known, as the sets of the shared folder hold them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.quality.photographs import SHARED
from imgcore import codec
from imgcore.types import Image, ImageError, Points

FOLDER = SHARED / "data" / "barcode"
LIMIT = 250_000_000
BOOFCV = "BoofCV, QR codes"
MATRIX = "QR"
LINEAR = "linear"
OWN = {"MSI": "MSI", "Pharma": "Pharmacode"}
"""Kinds that no other reader knows, in a row of their own."""


@dataclass(frozen=True, slots=True)
class BarcodeSample:
    """One picture with known codes.

    Attributes
    ----------
    group
        The row of the table it counts in.
    path
        None where the picture was drawn and lies in no file.
    texts
        The texts of its codes.
    areas
        The outlines of its codes, where these are known and their texts are not.
    """

    group: str
    path: Path | None
    picture: Image
    texts: tuple[str, ...]
    areas: tuple[Points, ...] = ()


def available() -> bool:
    """Return whether the sets are on this machine."""
    return (FOLDER / "manifest.json").is_file()


def samples(every: int) -> Iterator[BarcodeSample]:
    """Each `every`-th picture of all sets."""
    entries = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    placed = [entry for entry in entries if group(entry) is not None]
    yield from filter(None, map(sample, placed[::every]))


def sample(entry: Mapping[str, Any]) -> BarcodeSample | None:
    """Read the picture of an entry of the manifest that has a group; None where it cannot be decoded."""
    path = FOLDER / entry["path"]
    name = group(entry)
    assert name is not None
    try:
        picture = _decoded(path, name)
    except ImageError as exc:
        print(f"barcode: {entry['path']}: {exc}", file=sys.stderr)
        return None
    found = entry["expected"] or []
    texts = tuple(str(one["text"]) for one in found)
    areas = entry.get("polygons", []) if entry["expected"] is None else []
    return BarcodeSample(name, path, picture, texts, tuple(np.array(area, np.float32) for area in areas))


def _decoded(path: Path, name: str) -> Image:
    if name != BOOFCV:
        return codec.decode(path.read_bytes(), LIMIT)
    # Its places are those in the picture as stored.
    flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
    picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), flags)
    if picture is None:
        raise ImageError("not a picture that can be decoded")
    return np.asarray(picture, np.uint8)


def group(entry: Mapping[str, Any]) -> str | None:
    """The row of an entry; None where neither texts nor places of its codes are known."""
    top, _, kind = entry["set"].partition("/")
    found = entry["expected"]
    if top == "boofcv":
        return BOOFCV
    if found is None or not all(one.get("text") for one in found):
        return None
    if top == "stress":
        of = found[0]["type"]
        return f"stress, {OWN.get(of, MATRIX if of == MATRIX else LINEAR)}"
    if top == "zxing-cpp" and found:
        return f"zxing-cpp, {MATRIX if kind.startswith('qrcode') else LINEAR}"
    if not found:
        return None if top in ("jsqr", "zbar") else "no code that is read"
    return str(top)
