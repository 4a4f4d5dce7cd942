"""How often a reader was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from benchmarks.barcode.readers import Found
from benchmarks.barcode.sets import Sample
from imgcore.barcode.code import Symbology

_CODABAR_ENDS = "ABCDTNE*abcdtne"


@dataclass
class Score:
    """One reader on one set.

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

    def add(self, sample: Sample, found: Sequence[Found]) -> None:
        """Count one picture."""
        self.pictures += 1
        if sample.areas:
            self.cases += len(sample.areas)
            self.right += sum(any(_within(one, area) for one in found) for area in sample.areas)
        else:
            given, wanted = {_plain(one.text) for one in found}, {_plain(text) for text in sample.texts}
            self.cases += 1
            self.right += wanted <= given
            self.wrong += bool(given - wanted)
        if not sample.group.endswith("Pharmacode"):
            self.pharmacodes += any(one.kind == Symbology.PHARMACODE.value for one in found)

    @property
    def share(self) -> float:
        """Of the cases, the right ones."""
        return self.right / max(self.cases, 1)


def _plain(text: str) -> str:
    """Without what readers print differently: FNC1, leading zeros, the letters around Codabar."""
    digits = text.strip(_CODABAR_ENDS)
    bare = digits if digits and not any(char.isalpha() for char in digits) else text
    return bare.replace("\x1d", "").rstrip("\r\n").lstrip("0")


def _within(one: Found, area: cv2.typing.MatLike) -> bool:
    if one.corners is None:
        return False
    x, y = one.corners.mean(axis=0)
    return cv2.pointPolygonTest(area, (float(x), float(y)), False) >= 0
