"""Data of codes: the fields that trade, authorities and airlines write into them, with their check rules."""

from __future__ import annotations

from imgcore.barcode import Code
from imgcore.code_data import aamva, bcbp, gs1
from imgcore.code_data.parsed import ParsedData, Scheme

__all__ = ["ParsedData", "Scheme", "parsed"]


def parsed(code: Code) -> ParsedData | None:
    """Return the fields of a code; None where its text is written by none of the schemes."""
    if code.gs1:
        return gs1.parsed(code.text)
    return aamva.parsed(code.text) or bcbp.parsed(code.text)
