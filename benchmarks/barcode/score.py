"""Judgement of a reader of codes: right, wrong and invented texts."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks.barcode.readers import DecodedCode, Read
from benchmarks.barcode.sets import BOOFCV, BarcodeSample
from benchmarks.gate.probe import Better, Figure, Outcome

_CODABAR_ENDS = "ABCDTNE*abcdtne"


NO_CODE = "no code that is read"
"""The group of pictures in which any text is wrong."""
GROUPS = (
    "zxing-cpp, QR",
    "zxing-cpp, linear",
    BOOFCV,
    "jsqr",
    "zbar",
    "stress, QR",
    "stress, linear",
    "stress, MSI",
    "stress, Pharmacode",
)
"""Groups whose codes are known."""
MADE_GROUPS = ("QR", "linear", "MSI", "Pharmacode", "any direction, linear")
"""Groups of drawn codes."""


def _figures(groups: Sequence[str]) -> tuple[Figure, ...]:
    return (
        *(Figure(f"{group}: right", unit="%") for group in groups),
        Figure("wrong texts", Better.LOWER, 0, "of"),
    )


FIGURES = (*_figures(GROUPS), Figure("false texts", Better.LOWER, 0, "of"))
"""Figures of a reader of photographs and samples."""
MADE_FIGURES = _figures(MADE_GROUPS)
"""Figures of a reader of drawn codes."""


def outcome(sample: BarcodeSample | None, read: Read) -> Outcome:
    """Judge what a reader says of one picture; where only places are known, of each code in it."""
    if sample is None:
        return Outcome({})
    found = read(sample)
    if sample.areas:
        right = np.mean([any(_within(one, area) for one in found) for area in sample.areas])
        return Outcome({f"{sample.group}: right": float(right), "wrong texts": 0.0})
    given = {_normalised(one.text) for one in found}
    wanted = {_normalised(text) for text in sample.texts}
    wrong = float(bool(given - wanted))
    if sample.group == NO_CODE:
        return Outcome({"false texts": wrong})
    return Outcome({f"{sample.group}: right": float(wanted <= given), "wrong texts": wrong})


def _normalised(text: str) -> str:
    """Strip the parts that readers print differently: FNC1, leading zeros, Codabar's letters."""
    digits = text.strip(_CODABAR_ENDS)
    bare = digits if digits and not any(char.isalpha() for char in digits) else text
    return bare.replace("\x1d", "").rstrip("\r\n").lstrip("0")


def _within(one: DecodedCode, area: cv2.typing.MatLike) -> bool:
    if one.corners is None:
        return False
    x, y = one.corners.mean(axis=0)
    return cv2.pointPolygonTest(area, (float(x), float(y)), False) >= 0
