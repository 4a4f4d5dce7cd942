"""Paragraphs: text set in lines of a given width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from synthetic.documents.ink import BLACK, Colour, Ink
from synthetic.text.typeface import Face

NEVER_FIRST = "，。；：、！？）》”,.;:!?)"


class Column(NamedTuple):
    """Where lines go, in millimetres, and what they are set in."""

    left: float
    width: float
    face: Face
    em: float
    leading: float
    colour: Colour = BLACK


def paragraph(ink: Ink, column: Column, top: float, words: str) -> float:
    """Set `words` with the first baseline at `top`; the baseline where a next paragraph would begin."""
    for line in lines(column, words):
        ink.text((column.left, top), line, column.face, column.em, column.colour)
        top += column.leading
    return top


def lines(column: Column, words: str) -> Iterator[str]:
    """`words` broken where spaces are and between Chinese characters."""
    font, room = column.face.at(100.0), column.width * 100.0 / column.em
    line = ""
    for piece in _pieces(words):
        if line and font.getlength(line + piece.rstrip()) > room:
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip(" ")
    if line:
        yield line.rstrip()


def _pieces(words: str) -> list[str]:
    """What no line break may divide."""
    pieces: list[str] = []
    for letter in words:
        if pieces and not _breaks(pieces[-1], letter):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _breaks(before: str, letter: str) -> bool:
    if letter in NEVER_FIRST or letter == " ":
        return False
    return before.endswith(" ") or _wide(letter) or _wide(before[-1])


def _wide(letter: str) -> bool:
    return ord(letter) > 0x2E80
