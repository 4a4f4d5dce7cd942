"""Documents and private copies of a page, as they travel from a decoding process."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import msgspec
import numpy as np

from imgcore.fields import Document
from imgcore.fields.document import FIELDS, KINDS
from imgcore.types import Points
from server.children import memory
from server.decoding import faults
from server.decoding.packing import unpacked_list

LONGEST = 4 << 20
"""Bytes of all documents of a page: each has some ten fields of a line or two."""

_UNSHOWN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
"""Control characters but for the end of a line, which zones have."""
_PROBLEM = re.compile(r"[A-Za-z]{1,20}\.[a-z]{1,20}")

Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


class PackedDocument(msgspec.Struct, frozen=True, array_like=True):
    """A document of numbers and text only."""

    kind: str
    fields: dict[str, str]
    valid: bool | None
    problems: tuple[str, ...]
    corners: Quad


def packed(documents: Iterable[Document]) -> bytes:
    """Pack documents for `unpacked`; the places of their fields stay behind."""
    return msgspec.msgpack.encode(
        [
            PackedDocument(one.kind, dict(one.fields), one.valid, one.problems, _quad(one.corners))
            for one in documents
        ]
    )


def unpacked(content: memory.Piece) -> tuple[Document, ...]:
    """Unpack documents.

    Raises
    ------
    server.documents.faults.DocumentFault
        They are none, or lie nowhere.
    """
    found = unpacked_list(content, PackedDocument, LONGEST)
    if not all(map(_plausible, found)):
        raise faults.malformed_answer()
    return tuple(
        Document(one.kind, one.fields, one.valid, one.problems, np.array(one.corners, np.float32), {})
        for one in found
    )


def _plausible(one: PackedDocument) -> bool:
    """Return whether a document is of a known kind, has known fields, and lies somewhere."""
    known = one.kind in KINDS and one.fields.keys() <= FIELDS and all(map(_PROBLEM.fullmatch, one.problems))
    shown = not any(_UNSHOWN.search(text) for text in one.fields.values())
    return known and shown and all(math.isfinite(value) for corner in one.corners for value in corner)


def _quad(corners: Points) -> Quad:
    first, second, third, fourth = ((float(x), float(y)) for x, y in corners)
    return first, second, third, fourth
