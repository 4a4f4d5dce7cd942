"""Results of the barcode core: codes in a picture, and readings of one strip across bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from imgcore.types import Points


class Symbology(Enum):
    """Symbologies that are read; the values are the protocol's names."""

    CODE_128 = "code128"
    CODE_39 = "code39"
    EAN_13 = "EAN13"
    EAN_8 = "EAN8"
    MSI = "MSI"
    PHARMACODE = "Pharma"
    UPC_A = "UPC-A"
    UPC_E = "UPC-E"
    CODABAR = "Codabar"
    ITF = "Interleaved 2 of 5"
    CODE_93 = "code93"
    GS1_128 = "UCC_128"
    QR = "QR"
    DATA_MATRIX = "DataMatrix"
    PDF417 = "PDF417"
    AZTEC = "Aztec"
    MICRO_PDF417 = "MicroPDF417"
    MICRO_QR = "MicroQR"
    RMQR = "rMQR"
    MAXICODE = "MaxiCode"
    DATABAR = "DataBar"
    DATABAR_LIMITED = "DataBar Limited"
    DATABAR_EXPANDED = "DataBar Expanded"
    DX_FILM_EDGE = "DX"
    TELEPEN = "Telepen"


STANDARD = frozenset(
    (
        *(Symbology.CODE_128, Symbology.CODE_39, Symbology.EAN_13, Symbology.EAN_8, Symbology.MSI),
        *(Symbology.PHARMACODE, Symbology.UPC_A, Symbology.UPC_E, Symbology.CODABAR, Symbology.ITF),
        *(Symbology.CODE_93, Symbology.GS1_128, Symbology.QR),
    )
)
"""Kinds that the interface standard lists."""
USUAL = STANDARD | {Symbology.DATA_MATRIX, Symbology.PDF417, Symbology.AZTEC}
"""Kinds that are read unless others are asked for: the standard's, and those whose error correction lets
hardly a wrong text through."""
MATRIX = frozenset(
    (
        *(Symbology.QR, Symbology.DATA_MATRIX, Symbology.PDF417, Symbology.AZTEC, Symbology.MICRO_PDF417),
        *(Symbology.MICRO_QR, Symbology.RMQR, Symbology.MAXICODE, Symbology.DX_FILM_EDGE),
    )
)
"""Kinds of two dimensions: matrices, and rows that only together are a text."""
IN_ROWS = frozenset((Symbology.PDF417, Symbology.MICRO_PDF417, Symbology.DX_FILM_EDGE))
"""Kinds of two dimensions that are read along their rows: where these are oblique, an engine misses them."""
IN_CELLS = frozenset((Symbology.DATA_MATRIX, Symbology.AZTEC, Symbology.MICRO_QR, Symbology.RMQR))
"""Kinds of cells beside QR, which has a search of its own."""
GS1 = frozenset((Symbology.GS1_128, Symbology.DATABAR, Symbology.DATABAR_LIMITED, Symbology.DATABAR_EXPANDED))
"""Kinds whose texts are GS1 element strings, whoever reads them."""


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """A code found in a picture.

    Attributes
    ----------
    text
        Decoded text, check digits included; FNC1 within it is ``\\x1d``.
    symbology
        Its kind.
    corners
        float32 ``(4, 2)``, clockwise from the code's own top left, in pixels of the picture.
    alternatives
        Other possible texts: a Pharmacode read from its other end.
    checks
        The check-digit rules its text obeys, where the kind does not prescribe one.
    gs1
        True if the code says that its text is GS1 element strings.
    """

    text: str
    symbology: Symbology
    corners: Points
    alternatives: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    gs1: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """Text read from one strip across the bars.

    Attributes
    ----------
    text
        Check digits included.
    symbology
        MSI or Pharmacode.
    start, end
        Begin of the first bar and end of the last one along the profile, in samples, integers at
        their centres; `start` < `end` in either direction of reading.
    reversed
        True if it was read from `end` to `start`.
    checked
        True if it obeys a rule of check digits that a wrong text obeys once in ten or less.
    confidence
        0..1, from the margin of the worst bar and the fit of the bars to the symbology.
    alternatives
        The text from the other direction, if both directions are valid.
    checks
        The check-digit rules the text obeys, the strictest first.
    bars
        Number of bars.
    variation
        Coefficient of variation of the lengths that the symbology holds constant: MSI's pairs of bar
        and space, Pharmacode's gaps.
    ratio
        Width of wide bars over narrow ones; 0 if there is only one width.
    """

    text: str
    symbology: Symbology
    start: float
    end: float
    reversed: bool
    checked: bool
    confidence: float
    alternatives: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    bars: int = 0
    variation: float = 0.0
    ratio: float = 0.0


def ranked(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Sort readings by confidence; of equal texts at the same place only the best is kept."""
    kept: list[Reading] = []
    for reading in sorted(readings, key=lambda reading: -reading.confidence):
        if not any(reading.text == other.text and _overlap(reading, other) for other in kept):
            kept.append(reading)
    return tuple(kept)


def _overlap(one: Reading, other: Reading) -> bool:
    return one.start < other.end and other.start < one.end
