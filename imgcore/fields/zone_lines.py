"""Lines that may be of a machine-readable zone, read again in the characters that a zone has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from imgcore.text import TextLine
from imgcore.types import Image

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<"
"""Characters of a machine-readable zone."""
_FILLER = re.compile("[<>«»‹›《》〈〉＜＞≤≥]")
"""Filler of a machine-readable zone, or what it is read as."""
_FILLERS = 3
"""Number of fillers from which a line is taken for one of a zone."""
_LONG = 20
"""Number of characters from which a line is taken for one of a zone."""
_SAME = 0.12
"""Distance, as a share of a line's length, within which lines of a zone begin and end alike."""
_NEAR = 4.0
"""Greatest distance between lines of a zone, in their heights."""


class Rereader(Protocol):
    """Protocol for what reads lines again."""

    def read_again(self, image: Image, lines: Sequence[TextLine], alphabet: str) -> list[TextLine]:
        """Read lines once more, in the characters of an alphabet alone."""


def with_zone(reader: Rereader, image: Image, lines: Sequence[TextLine]) -> list[TextLine]:
    """Return lines of which those that may be of a zone were read again.

    On a guilloche the recogniser takes letters for Greek ones and for kana: it knows all scripts.
    """
    at = zone_places(lines)
    again = reader.read_again(image, [lines[place] for place in at], ALPHABET) if at else []
    read = dict(zip(at, again, strict=True))
    return [read.get(place, line) for place, line in enumerate(lines)]


def has_sideways_zone(lines: Sequence[TextLine]) -> bool:
    """Return whether a zone stands upright on the picture, which lies on its side then."""
    return any(line.vertical and len(_FILLER.findall(line.text)) >= _FILLERS for line in lines)


def zone_places(lines: Sequence[TextLine]) -> list[int]:
    """Return the numbers of lines with fillers, and of those that begin and end where one of them does."""
    level = [at for at, line in enumerate(lines) if not line.vertical and line.text]
    sure = [at for at in level if _is_zone(lines[at].text)]
    return [at for at in level if at in sure or any(_alike(lines[at], lines[other]) for other in sure)]


def _is_zone(text: str) -> bool:
    return len(text) >= _LONG and len(_FILLER.findall(text)) >= _FILLERS


def _alike(one: TextLine, other: TextLine) -> bool:
    (left, top) = other.corners.min(axis=0)
    (right, bottom) = other.corners.max(axis=0)
    ends = np.array([one.corners[:, 0].min() - left, one.corners[:, 0].max() - right])
    middles = one.corners[:, 1].mean() - other.corners[:, 1].mean()
    return bool((abs(ends) < _SAME * (right - left)).all() and abs(middles) < _NEAR * (bottom - top))
