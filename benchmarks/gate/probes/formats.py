"""Formats of real sheets of unknown size: photographs of A4, and cards and receipts, which are none."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from benchmarks.gate.probe import Better, Case, Figure, Outcome, Probe
from benchmarks.gate.show import reduced
from imgcore.pipeline import process
from imgcore.settings import Crop, Settings
from imgcore.sheet_format import Sheet, measure_sheet
from imgcore.types import Image
from lab.marked import FOLDER, MarkedPicture, load_marked
from lab.photographs import Photograph, load_photographs
from server.services.pictures.model_cache import ModelCache

_MODELS = ModelCache()
_SIDE = 2600
"""Long side in pixels of the photographs, as a camera of five megapixels has."""
_OTHERS = ("business card", "game card", "receipt", "other card")
"""Groups of documents that are neither A4 nor Letter."""


@cache
def _photographs() -> dict[str, Photograph]:
    return {photograph.name: photograph for photograph in load_photographs(_SIDE)}


def _cases() -> Sequence[Case]:
    others = [
        Case(picture.path.name, picture)
        for picture in load_marked(FOLDER / "desks.json", FOLDER)
        if picture.category in ("single", "several") and picture.group in _OTHERS
    ]
    return [*(Case(name, name) for name in _photographs()), *others]


def _sheets(image: Image, crop: Crop) -> list[tuple[Image, Sheet]]:
    settings = Settings(crop=crop)
    result = process(image, settings, models=_MODELS.models(settings))
    each = zip(result.plain, result.crops, strict=True)
    return [(plain, measure_sheet(plain, outcome)) for plain, outcome in each]


def _judge(case: Case) -> Outcome:
    if isinstance(case.source, MarkedPicture):
        crop = Crop.MULTI if case.source.category == "several" else Crop.SINGLE
        found = _sheets(case.source.read(), crop)
        return Outcome({"taken for a page": float(any(sheet.format for _, sheet in found))})
    ((page, sheet),) = _sheets(_photographs()[case.source].picture, Crop.SINGLE)
    values = {
        "A4: told": float(sheet.format == "A4"),
        "A4: another format": float(sheet.format not in ("A4", "")),
    }
    if sheet.dots:
        sides = np.sort(page.shape[:2]) / sheet.dots * 25.4
        values["A4: sides within 1 %"] = float(np.abs(sides / (210, 297) - 1).max() < 0.01)
    return Outcome(values, reduced(page))


PROBES = (
    Probe(
        "formats",
        "shared",
        (
            Figure("A4: told", goal=0.9, unit="%"),
            Figure("A4: another format", Better.LOWER, 0, "of"),
            Figure("A4: sides within 1 %", goal=0.95, unit="%"),
            Figure("taken for a page", Better.LOWER, 0, "of"),
        ),
        _cases,
        _judge,
        ("document_*",),
        "the photographs of single sheets, and the marked pictures of desks",
        thin=6,
    ),
)
