"""Reading of all documents on a picture: each is straightened, read twice at two scales, and judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode import read_codes
from imgcore.crop import page_transform, warp
from imgcore.fields.bank_card import MOST_CHARACTERS, read_bank_card
from imgcore.fields.business_licence import read_business_licence
from imgcore.fields.document import Document, Draft, judged
from imgcore.fields.foreigner_card import read_foreigner
from imgcore.fields.invoice import is_invoice, read_invoice
from imgcore.fields.papers import read_paper
from imgcore.fields.resident_card import read_back, read_front
from imgcore.fields.rows import cells_of, rows_of
from imgcore.fields.travel_document import read_travel_document
from imgcore.fields.zone_lines import has_sideways_zone, with_zone
from imgcore.outline import DocumentNets, find_documents
from imgcore.text import TextLine
from imgcore.types import Image, Points

_LEAST = 480
"""Pixels of a straightened document's shorter side in the first look, at least."""
_MOST = 2600
"""Pixels of a straightened document's longer side in the first look, at most."""
_UPRIGHT = 0.97
"""Confidence above which a line is not upside down."""
_LETTERS = 12
"""Least number of characters that lines which are not upside down have together."""
_LEVEL = 1.0
"""Degrees of slope above which text is turned level: there was no outline, or a wrong one."""
_SECOND = 1.35
"""Scale of the second look, as a multiple of that of the first."""

_CARD = (0.6, 1.9)
"""Range of the proportions, width over height, of a picture that may be of a card: of a whole photograph of
one, too."""
_CLIP = 6.0
"""Limit up to which contrast is stretched in each part of a picture."""
_TILES = (8, 8)
"""Number of parts, across and down, whose contrast is stretched by itself."""

Matrix = npt.NDArray[np.float64]


class LineReader(Protocol):
    """Something that reads the lines of text on a picture."""

    def read(self, image: Image, careful: bool = False, as_it_lies: bool = False) -> list[TextLine]:
        """Read the lines on a BGR picture, `careful` where no digit may be wrong."""

    def read_again(self, image: Image, lines: Sequence[TextLine], alphabet: str) -> list[TextLine]:
        """Read lines once more, in the characters of an alphabet alone."""


class _View(NamedTuple):
    """A straightened document, and the way from the picture's pixels to its own."""

    image: Image
    matrix: Matrix


class DocumentReader:
    """Reader of documents.

    Parameters
    ----------
    text
        Reads the lines of text.
    nets
        Find several documents on one picture; without them one is found.
    """

    def __init__(self, text: LineReader, nets: DocumentNets | None = None) -> None:
        self._text = text
        self._nets = nets

    def read(self, image: Image, crop: bool = True) -> tuple[Document, ...]:
        """Return the documents on a picture in reading order; none where none of a known kind is.

        Parameters
        ----------
        image
            BGR.
        crop
            False if the picture shows one document from edge to edge.
        """
        outlines = [outline.corners for outline in find_documents(image, self._nets).outlines] if crop else []
        found = [document for quad in outlines if (document := self._document(image, quad)) is not None]
        if len(found) > 1 or (found and found[0].valid is not False):
            return tuple(found)
        rows, cols = image.shape[:2]
        corners = np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float32) - np.float32(0.5)
        # An outline of a part of the document leaves fields away.
        whole = self._document(image, corners)
        found += [whole] if whole is not None else []
        return tuple(sorted(found, key=lambda document: len(document.problems))[:1])

    def _document(self, image: Image, quad: Points) -> Document | None:
        """Return the document within an outline, whichever way up it lies; as it is given comes first."""
        lines: Sequence[TextLine] = ()
        for turn, as_it_lies in _turns(quad):
            corners = np.roll(quad, -turn, axis=0)
            view = _straightened(image, corners)
            lines = self._text.read(view.image, careful=True, as_it_lies=as_it_lies)
            if as_it_lies and has_sideways_zone(lines):
                continue
            if quarters := round(_slope(lines) / 90) % 4:
                corners = np.roll(corners, -quarters, axis=0)
                view = _straightened(image, corners)
                lines = self._text.read(view.image, careful=True)
            if abs(slope := _slope(lines)) > _LEVEL:
                view = _turned(image, view, slope)
                lines = self._text.read(view.image, careful=True)
            first = self._draft(lines, view.image)
            if first is not None:
                return self._judged(image, corners, view, first)
            if not lines or _upright(lines):
                break
        # A page of print is no card.
        few = sum(len(line.text) for line in lines) <= MOST_CHARACTERS
        return self._embossed(image, quad) if few else None

    def _embossed(self, image: Image, quad: Points) -> Document | None:
        """Return the card whose number is raised and has lost its colour."""
        view = _straightened(image, quad)
        if not _CARD[0] < view.image.shape[1] / view.image.shape[0] < _CARD[1]:
            return None
        lines = self._text.read(_contrasted(view.image), careful=True, as_it_lies=True)
        first = self._draft(lines, view.image)
        return self._judged(image, quad, view, first) if first is not None else None

    def _judged(self, image: Image, corners: Points, view: _View, first: Draft) -> Document:
        scale = np.diag([_SECOND, _SECOND, 1.0])
        size = (round(view.image.shape[1] * _SECOND), round(view.image.shape[0] * _SECOND))
        closer = _View(warp(image, scale @ view.matrix, size), scale @ view.matrix)
        again = self._text.read(closer.image, careful=True, as_it_lies=True)
        second = self._draft(again, closer.image)
        looks = [_placed(first, view)]
        if second is not None and second.kind == first.kind:
            looks.append(_placed(second, closer))
        best, valid, problems = judged(looks)
        places = {name: value.places for name, value in best.values.items()}
        fields = {name: value.text for name, value in best.values.items() if value.text}
        return Document(best.kind, fields, valid, problems, np.asarray(corners, np.float32), places)

    def _draft(self, lines: Sequence[TextLine], image: Image) -> Draft | None:
        """Return the fields of the zone on a straightened document, or else of the first kind that it is."""
        aspect = image.shape[1] / image.shape[0]
        zone = with_zone(self._text, image, lines)
        rows = rows_of(cells_of(zone, image.shape), aspect)
        return read_travel_document(rows) or _printed(lines, image)


def _placed(draft: Draft, view: _View) -> Draft:
    """Return what was read in a view with its places in the picture."""
    back = np.linalg.inv(view.matrix)
    values = {
        name: replace(value, places=tuple(_moved(back, place) for place in value.places))
        for name, value in draft.values.items()
    }
    return replace(draft, values=values)


def _printed(lines: Sequence[TextLine], image: Image) -> Draft | None:
    """Return the fields of the first kind without a zone that lines are of."""
    height, width = image.shape[:2]
    rows = rows_of(cells_of(lines, image.shape), width / height)
    for read in (read_paper, read_foreigner, read_front, read_back):
        if (draft := read(rows)) is not None:
            return draft
    if is_invoice(rows):
        return read_invoice(rows, [code.text for code in read_codes(image)])
    return read_business_licence(rows) or read_bank_card(rows)


def _upright(lines: Sequence[TextLine]) -> bool:
    """Return whether lines were read so surely that the document is not upside down."""
    return sum(len(line.text) for line in lines if line.score > _UPRIGHT and not line.vertical) >= _LETTERS


def _turns(quad: Points) -> Iterator[tuple[int, bool]]:
    """Yield quarter turns to try, and whether the document is upright then or may lie any way up.

    Most kinds of documents are wider than high.
    """
    edges = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    wide = edges[0] + edges[2] >= edges[1] + edges[3]
    yield 0, True
    yield 0, False
    yield from ((turn, True) for turn in ((2, 1, 3) if wide else (1, 3, 2)))


def _straightened(image: Image, corners: Points) -> _View:
    matrix, (width, height) = page_transform(corners, image.shape)
    scale = min(max(1.0, _LEAST / min(width, height)), _MOST / max(width, height))
    zoom = np.diag([scale, scale, 1.0])
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    return _View(warp(image, zoom @ matrix, size), zoom @ matrix)


def _contrasted(image: Image) -> Image:
    """Return a picture with its lightness stretched part by part."""
    lightness, *colours = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2LAB))
    stretched = cv2.createCLAHE(_CLIP, _TILES).apply(lightness)
    return np.asarray(cv2.cvtColor(cv2.merge([stretched, *colours]), cv2.COLOR_LAB2BGR), np.uint8)


def _slope(lines: Sequence[TextLine]) -> float:
    """Return the angle of level text in degrees, clockwise as displayed, by the letters of each line."""
    level = [line for line in lines if not line.vertical and len(line.text) > 2]
    if not level:
        return 0.0
    # Long lines weigh more; near 180 degrees their sum has an angle where their mean has none.
    across, down = np.sum([line.corners[1] - line.corners[0] for line in level], axis=0)
    return float(np.degrees(np.arctan2(down, across)))


def _turned(image: Image, view: _View, degrees: float) -> _View:
    """Return a view turned about its middle, as large as it was."""
    rows, cols = view.image.shape[:2]
    turn = np.vstack([cv2.getRotationMatrix2D((cols / 2, rows / 2), degrees, 1.0), (0, 0, 1)])
    return _View(warp(image, turn @ view.matrix, (cols, rows)), turn @ view.matrix)


def _moved(matrix: npt.NDArray[np.floating], points: Points) -> Points:
    moved = cv2.perspectiveTransform(points[None].astype(np.float64), matrix)[0]
    return np.asarray(moved, np.float32)
