"""Private copies of pages: found parts are covered, and the copy is read again until it tells nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from imgcore.barcode import read_codes
from imgcore.fields import Document, DocumentReader
from imgcore.fields.reader import LineReader
from imgcore.fields.rows import GAP, Row, cells_of, rows_of
from imgcore.privacy.cover import cover, grown
from imgcore.privacy.patterns import ADDRESS_LABEL, NAME_LABEL, Hidden, private_parts
from imgcore.text import TextLine
from imgcore.types import Image, Points

_ROUNDS = 3
"""Readings of a copy after the first; what each still finds is covered, too."""
_READABLE = 0.8
"""Least mean confidence of the characters of a page, 0 to 1, for it to count as read."""
_LETTERS = 4
"""Least number of characters on a page for it to count as read."""
_HEAD = (0.9, 0.6)
"""Reach of a head beyond the face that was found, in sizes of that: to all sides, and further upwards."""
_FIELDS = {
    "id": Hidden.ID, "number": Hidden.ID, "personalNumber": Hidden.ID, "mrz": Hidden.ID, "code": Hidden.ID,
    "sellerTaxId": Hidden.ID, "buyerTaxId": Hidden.ID, "spouseId": Hidden.ID, "vin": Hidden.ID,
    "engineNumber": Hidden.ID, "unitNumber": Hidden.ID, "spouseName": Hidden.NAME,
    "name": Hidden.NAME, "surname": Hidden.NAME, "givenNames": Hidden.NAME, "legalPerson": Hidden.NAME,
    "seller": Hidden.NAME, "buyer": Hidden.NAME, "address": Hidden.ADDRESS,
}  # fmt: skip
"""Kind of private part that each field of a document is; fields that are not named tell nothing private."""
_PORTRAITS = {"id-card-front": (0.63, 0.1, 0.97, 0.76), "passport": (0.0, 0.12, 0.36, 0.82)}
"""Part of each kind of document that its portrait is in: left, top, right, bottom in shares of the
document."""

Box = tuple[float, float, float, float]
"""Left, top, width, height."""
Parts = list[tuple[Hidden, Points]]


class UnreadablePage(Exception):
    """A page that cannot be read surely enough to be sure of what it tells."""


@dataclass(frozen=True, slots=True, eq=False)
class CopiedPage:
    """Copy of a page.

    Attributes
    ----------
    image
        The page with its private parts covered.
    hidden
        Number of covered parts of each kind.
    """

    image: Image
    hidden: Mapping[Hidden, int]


class Copier:
    """Maker of private copies.

    Parameters
    ----------
    text, documents
        Read lines and documents.
    """

    def __init__(
        self,
        text: LineReader,
        documents: DocumentReader,
    ) -> None:
        self._text = text
        self._documents = documents

    def copy(self, image: Image, kinds: Collection[Hidden], faces: Iterable[Box] = ()) -> CopiedPage:
        """Return a copy of a BGR page in which nothing of some kinds is left.

        Parameters
        ----------
        faces
            Boxes of the faces on it, which are portraits.

        Raises
        ------
        UnreadablePage
            It has no text that can be read, or its copy still tells what it should not.
        """
        lines = self._text.read(image, careful=True)
        if not _is_readable(lines) and set(kinds) != {Hidden.PORTRAIT}:
            raise UnreadablePage("no text that can be read surely is on it")
        parts = self._first(image, lines, kinds)
        parts += [(Hidden.PORTRAIT, _head(box)) for box in faces if Hidden.PORTRAIT in kinds]
        covered = cover(image, [part for _, part in parts])
        for _ in range(_ROUNDS):
            left = [*_in_lines(self._text.read(covered), image.shape, kinds), *_in_codes(covered, kinds)]
            if not left:
                return CopiedPage(covered, _counted(parts))
            parts += left
            covered = cover(covered, [part for _, part in left])
        raise UnreadablePage("its copy still tells what it should not")

    def _first(self, image: Image, lines: Sequence[TextLine], kinds: Collection[Hidden]) -> Parts:
        found = [*_in_lines(lines, image.shape, kinds), *_in_codes(image, kinds)]
        for document in self._documents.read(image):
            found += _in_document(document, kinds)
        return found


def _counted(parts: Parts) -> Counter[Hidden]:
    """Return how many parts there are of each kind, one that was found in several ways counted once."""
    distinct: Parts = []
    for kind, part in parts:
        middle = part.mean(axis=0)
        if not any(kind is other and _holds(area, middle) for other, area in distinct):
            distinct.append((kind, part))
    return Counter(kind for kind, _ in distinct)


def _holds(area: Points, point: npt.NDArray[np.float32]) -> bool:
    hull = cv2.convexHull(area.astype(np.float32))
    return cv2.pointPolygonTest(hull, (float(point[0]), float(point[1])), False) >= 0


def _is_readable(lines: Sequence[TextLine]) -> bool:
    letters = sum(len(line.text) for line in lines)
    sure = sum(len(line.text) * line.score for line in lines)
    return letters >= _LETTERS and sure >= _READABLE * letters


def _in_lines(lines: Sequence[TextLine], shape: tuple[int, ...], kinds: Collection[Hidden]) -> Parts:
    """Return private parts of lines, of rows of lines, and of what follows a label in a line of its own."""
    found: Parts = []
    for line in lines:
        for kind, start, end in private_parts(line.text, kinds):
            found.append((kind, line.part(start, end)))
    rows = rows_of(cells_of(lines, shape), shape[1] / shape[0])
    for row in rows:
        for kind, start, end in private_parts(row.text.replace(GAP, " "), kinds):
            found += [(kind, place) for place in row.value(start, end).places]
    return found + _after_labels(rows, kinds)


def _after_labels(rows: Sequence[Row], kinds: Collection[Hidden]) -> Parts:
    """Return the line after a label that is alone in its line, and the lines below an address."""
    found: Parts = []
    for number, row in enumerate(rows):
        for at, cell in enumerate(row.cells[:-1]):
            following = row.cells[at + 1]
            if Hidden.NAME in kinds and NAME_LABEL.fullmatch(cell.text):
                found.append((Hidden.NAME, following.place(0, len(following.text))))
            if Hidden.ADDRESS in kinds and ADDRESS_LABEL.fullmatch(cell.text):
                found.append((Hidden.ADDRESS, following.place(0, len(following.text))))
                found += [
                    (Hidden.ADDRESS, below.place(0, len(below.text)))
                    for later in rows[number + 1 : number + 3]
                    for below in later.cells
                    if abs(below.left - following.left) < 0.02 and below.top - following.top < 4 * cell.height
                ]
    return found


def _in_codes(image: Image, kinds: Collection[Hidden]) -> Parts:
    """Return the codes whose text has private parts."""
    found: Parts = []
    for code in read_codes(image):
        told = {kind for kind, _, _ in private_parts(code.text.replace(",", " , "), kinds)}
        found += [(kind, np.asarray(code.corners, np.float32)) for kind in told]
    return found


def _in_document(document: Document, kinds: Collection[Hidden]) -> Parts:
    found: Parts = []
    for name, places in document.places.items():
        kind = Hidden.BANK if document.kind == "bank-card" and name == "number" else _FIELDS.get(name)
        if document.kind == "invoice" and name in ("number", "code"):
            kind = None
        if kind in kinds and kind is not None:
            found += [(kind, place) for place in places]
    if Hidden.PORTRAIT in kinds and document.kind in _PORTRAITS:
        found.append((Hidden.PORTRAIT, _within(document.corners, _PORTRAITS[document.kind])))
    return found


def _within(corners: Points, area: tuple[float, float, float, float]) -> Points:
    """Return the corners of a part of a document, given in shares of it."""
    left, top, right, bottom = area
    shares = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)
    along = shares[:, :1]
    down = shares[:, 1:]
    upper = corners[0] + along * (corners[1] - corners[0])
    lower = corners[3] + along * (corners[2] - corners[3])
    return np.asarray(upper + down * (lower - upper), np.float32)


def _head(box: Box) -> Points:
    left, top, width, height = box
    around = np.array(
        [(left, top), (left + width, top), (left + width, top + height), (left, top + height)], np.float32
    )
    head = grown(around, _HEAD[0])
    head[:2, 1] -= _HEAD[1] * height
    return head
