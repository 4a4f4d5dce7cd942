"""Scores of a reader: right, wrong and invented codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from benchmarks.barcode.readers import DecodedCode
from benchmarks.barcode.sets import BarcodeSample
from imgcore.barcode.code import Symbology

_CODABAR_ENDS = "ABCDTNE*abcdtne"


@dataclass
class ReaderScore:
    """Counts of one reader on one set.

    Attributes
    ----------
    pictures
        All of them.
    cases, right
        Pictures, and those of which every text was read; where only places are known, codes.
    wrong
        Pictures with a text that is not there.
    pharmacodes
        Pharmacodes read where there is none.
    """

    pictures: int = 0
    cases: int = 0
    right: int = 0
    wrong: int = 0
    pharmacodes: int = 0

    def add(self, sample: BarcodeSample, found: Sequence[DecodedCode]) -> None:
        """Count one picture."""
        self.pictures += 1
        if sample.areas:
            self.cases += len(sample.areas)
            self.right += sum(any(_within(one, area) for one in found) for area in sample.areas)
        else:
            given = {_normalised(one.text) for one in found}
            wanted = {_normalised(text) for text in sample.texts}
            self.cases += 1
            self.right += wanted <= given
            self.wrong += bool(given - wanted)
        if not sample.group.endswith("Pharmacode"):
            self.pharmacodes += any(one.kind == Symbology.PHARMACODE.value for one in found)

    @property
    def share(self) -> float:
        """Share of right cases, 0..1."""
        return self.right / max(self.cases, 1)


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
