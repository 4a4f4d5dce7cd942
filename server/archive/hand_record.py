"""Records of handwritten signatures, and orders to put them into a PDF."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from server.archive.ink import Stroke
from server.protocol.messages.base import redacted_repr


class ShownDocument(msgspec.Struct, frozen=True, rename="camel"):
    """Document that a signer was shown: the first bytes of the file, as what is signed is only added to."""

    size: int
    sha256: str

    @classmethod
    def of(cls, data: bytes) -> ShownDocument:
        """Return the record of a document; blocks while it is hashed."""
        return cls(len(data), hashlib.sha256(data).hexdigest())


class HandRecord(msgspec.Struct, frozen=True, rename="camel"):
    """Record of a handwritten signature.

    Attributes
    ----------
    signer, reason
        As the page that asked named them; nobody has checked them.
    time
        Time at which the signer was done, by the machine's clock.
    page
        Page that was signed, from 1.
    place
        Left, top, width and height of the field, as shares of the page as it is shown.
    device, pointer
        Device that was written on, and with what.
    strokes
        SHA-256 of the encrypted strokes in the file; empty where they were not kept.
    """

    __repr__ = redacted_repr

    signer: str
    reason: str
    time: str
    document: ShownDocument
    page: int
    place: tuple[float, float, float, float]
    device: Literal["screen", "tablet"] = "screen"
    pointer: Literal["", "pen", "touch", "mouse"] = ""
    strokes: str = ""
    version: Literal[1] = 1


class WrittenStrokes(msgspec.Struct, frozen=True, rename="camel"):
    """Strokes as they are encrypted: with the document and the field that they were written on.

    Attributes
    ----------
    width, height
        Size of the field in points.
    strokes
        Points of each stroke: x and y as shares of the field, milliseconds, pressure from 0 to 1.
    """

    __repr__ = redacted_repr

    document: ShownDocument
    width: float
    height: float
    strokes: tuple[Stroke, ...]
    version: Literal[1] = 1


class HandOrder(msgspec.Struct, frozen=True):
    """Handwriting that is to be put into a PDF.

    Attributes
    ----------
    recipient
        Certificate in PEM whose owner alone can read the strokes; empty where they are not kept.
    """

    __repr__ = redacted_repr

    record: HandRecord
    strokes: tuple[Stroke, ...]
    recipient: str = ""
