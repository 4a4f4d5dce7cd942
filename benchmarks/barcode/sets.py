"""Pictures whose codes are known, as the sets of the shared folder hold them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.gate.probe import Case
from imgcore import codec
from imgcore.barcode import STANDARD, USUAL, Kinds
from imgcore.types import Image, ImageError, Points
from lab.photographs import SHARED

FOLDER = SHARED / "data" / "barcode"
LIMIT = 250_000_000
BOOFCV = "BoofCV, QR codes"
MATRIX = "QR"
LINEAR = "linear"
OWN = {"MSI": "MSI", "Pharma": "Pharmacode"}
"""Kinds that no other reader knows, in a row of their own."""
_OTHERS = "zxing-cpp-other"
"""First part of the sets whose pictures hold codes of other kinds than the standard's; their texts are not
known here, so that only the standard's kinds are read in them."""


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
    kinds
        The kinds that are asked for.
    """

    group: str
    path: Path | None
    picture: Image
    texts: tuple[str, ...]
    areas: tuple[Points, ...] = ()
    kinds: Kinds = USUAL


def cases() -> Sequence[Case]:
    """Return the pictures on this machine whose texts or places are known."""
    manifest = FOLDER / "manifest.json"
    entries = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else ()
    return [Case(entry["path"], entry) for entry in entries if group(entry) is not None]


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
    outlines = tuple(np.array(area, np.float32) for area in areas)
    kinds = STANDARD if entry["set"].startswith(_OTHERS) else USUAL
    return BarcodeSample(name, path, picture, texts, outlines, kinds)


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
