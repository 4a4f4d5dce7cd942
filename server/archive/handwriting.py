"""Handwritten signatures in a PDF: their fields, their looks, and whether what was shown is there still."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509 import load_pem_x509_certificate
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field, enumerate_sig_fields
from pyhanko.stamp.base import BaseStamp, BaseStampStyle

from server.archive.hand_record import HandOrder, HandRecord, ShownDocument, WrittenStrokes
from server.archive.ink import InkLine, ink_lines, ink_pdf
from server.archive.signing import HandReport, JobRefused

PRIVATE = "/GAOP"
"""Name under which an appearance has what is ours, in the page-piece dictionary that PDF has for that."""
RECORD = "/Signature"
"""Key of the stream that is the record of the handwriting."""
STROKES = "/Strokes"
"""Key of the stream that is the strokes, encrypted."""
GROWING = frozenset({"/AcroForm", "/Annots", "/Fields", "/SigFlags", "/Version", "/Extensions"})
"""Keys of dictionaries that a new field of a signature changes; none has a say in what else is shown."""
MOST_PAGES = 100_000
"""Limit of the pages that are looked at, as a hostile tree of pages has no end."""
_QUARTERS = {0: (0, 1), 90: (1, 0), 180: (0, 1), 270: (1, 0)}


class Field(NamedTuple):
    """Field of a signature on a page.

    Attributes
    ----------
    box
        Left, bottom, right and top in the space of the page.
    size
        Width and height as it is shown, in points.
    matrix
        ``a b c d e f``, which takes places in the field, as it is shown, to those in `box`.
    """

    box: tuple[float, float, float, float]
    size: tuple[float, float]
    matrix: tuple[float, float, float, float, float, float]


def field_on(page: Any, place: Sequence[float]) -> Field:
    """Return the field at a place of a page, which may be turned and cut.

    Parameters
    ----------
    place
        Left, top, width and height as shares of the page as it is shown.
    """
    crop = _box(page)
    turned = int(_inherited(page, "/Rotate", 0)) % 360
    if turned not in _QUARTERS:
        raise JobRefused("该页的旋转角度无效", "the page is turned by no quarter")
    ends = (
        _point(crop, turned, place[0], place[1]),
        _point(crop, turned, place[0] + place[2], place[1] + place[3]),
    )
    left, right = sorted(x for x, _ in ends)
    bottom, top = sorted(y for _, y in ends)
    sides = (right - left, top - bottom)
    across, down = _QUARTERS[turned]
    size = (sides[across], sides[down])
    origin = _point((0, 0, *sides), turned, 0, 0)
    right_of = _point((0, 0, *sides), turned, 1, 0)
    below = _point((0, 0, *sides), turned, 0, 1)
    a, b = ((one - zero) / size[0] for one, zero in zip(right_of, origin, strict=True))
    c, d = ((one - zero) / size[1] for one, zero in zip(below, origin, strict=True))
    matrix = (a, b, c, d, *origin)
    return Field((left, bottom, right, top), size, matrix)


def _point(box: Sequence[float], turned: int, u: float, v: float) -> tuple[float, float]:
    """Return the place of a share of the page as it is shown, where v goes down."""
    x, y = {0: (u, 1 - v), 90: (v, u), 180: (1 - u, v), 270: (1 - v, 1 - u)}[turned]
    return box[0] + x * box[2], box[1] + y * box[3]


def _box(page: Any) -> tuple[float, float, float, float]:
    """Return left, bottom, width and height of what is shown of a page."""
    media = _sorted_box(_inherited(page, "/MediaBox", None) or (0, 0, 612, 792))
    crop = _sorted_box(_inherited(page, "/CropBox", None) or media)
    left, bottom = (max(one, other) for one, other in zip(crop[:2], media[:2], strict=True))
    right, top = (min(one, other) for one, other in zip(crop[2:], media[2:], strict=True))
    if left >= right or bottom >= top:
        left, bottom, right, top = media
    return left, bottom, right - left, top - bottom


def _sorted_box(box: Any) -> tuple[float, ...]:
    x, y, end_x, end_y = (float(one) for one in box)
    return min(x, end_x), min(y, end_y), max(x, end_x), max(y, end_y)


def _inherited(page: Any, key: str, otherwise: Any) -> Any:
    for _ in range(64):
        if key in page:
            return page[key]
        if "/Parent" not in page:
            return otherwise
        page = page["/Parent"]
    return otherwise


_Dictionary: Any = generic.DictionaryObject
_Stream: Any = generic.StreamObject


class _InkStamp(BaseStamp):  # type: ignore[misc,unused-ignore]
    def _render_inner_content(self) -> list[bytes]:
        return [self.style.drawing]

    def as_form_xobject(self) -> Any:
        made = super().as_form_xobject()
        writer: Any = self.writer
        streams = {name: _Stream(stream_data=one) for name, one in self.style.pieces.items()}
        told = {pdf_name(name): writer.add_object(one) for name, one in streams.items()}
        private = _Dictionary(
            {
                pdf_name("/LastModified"): generic.pdf_date(datetime.now(UTC)),
                pdf_name("/Private"): _Dictionary(told),
            }
        )
        made[pdf_name("/PieceInfo")] = _Dictionary({pdf_name(PRIVATE): private})
        return made


class InkStyle(BaseStampStyle):  # type: ignore[misc,unused-ignore]
    """Appearance of a signature: its handwriting and nothing else.

    Parameters
    ----------
    pieces
        Streams that go along, by their keys.
    """

    def __init__(self, drawing: bytes, pieces: Mapping[str, bytes]) -> None:
        super().__init__(border_width=0)
        object.__setattr__(self, "drawing", drawing)
        object.__setattr__(self, "pieces", pieces)

    def create_stamp(self, writer: Any, box: Any, text_params: Any) -> BaseStamp:
        """Return the appearance in a box."""
        return _InkStamp(writer=writer, style=self, box=box)


def add_handwriting(writer: Any, name: str, order: HandOrder) -> InkStyle:
    """Add a field with the record of a handwriting; return the appearance that its signature is to have."""
    record = order.record
    page = writer.find_page_for_modification(record.page - 1)[0].get_object()
    field = field_on(page, record.place)
    append_signature_field(writer, SigFieldSpec(name, record.page - 1, field.box))  # type: ignore[arg-type]
    pieces: dict[str, bytes] = {}
    if order.recipient:
        written = WrittenStrokes(record.document, *field.size, order.strokes)
        pieces[STROKES] = encrypted(msgspec.json.encode(written), order.recipient)
        record = msgspec.structs.replace(record, strokes=hashlib.sha256(pieces[STROKES]).hexdigest())
    pieces[RECORD] = msgspec.json.encode(record, order="sorted")
    lines: list[InkLine] = ink_lines(order.strokes, *field.size)
    return InkStyle(ink_pdf(lines, field.matrix), pieces)


def is_free(data: bytes, number: int, place: Sequence[float]) -> bool:
    """Return whether no signature of a PDF stands at a place, even in part; blocks.

    Parameters
    ----------
    number
        Page, from 1.
    place
        As in `field_on`.
    """
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    page = _pages(reader)[number - 1]
    left, bottom, right, top = field_on(page, place).box
    notes = _notes(page)
    for one in (notes[index] for index in range(len(notes))):
        if one.get("/FT") != "/Sig" and one.get("/Parent", {}).get("/FT") != "/Sig":
            continue
        x, y, end_x, end_y = _sorted_box(one["/Rect"])
        if x < right and left < end_x and y < top and bottom < end_y:
            return False
    return True


def encrypted(data: bytes, recipient: str) -> bytes:
    """Return data that the owner of a certificate of RSA alone can read, as CMS."""
    certificate = load_pem_x509_certificate(recipient.encode())
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(data).add_recipient(certificate)
    builder = builder.set_content_encryption_algorithm(algorithms.AES256)
    return builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])


def hand_of(signature: Any, data: bytes) -> tuple[HandReport | None, list[str]]:
    """Return what a signature says of its handwriting, and what of that does not hold; None for one without.

    Parameters
    ----------
    signature
        As pyHanko reads it.
    data
        The whole file.
    """
    reader = signature.reader
    revision = signature.signed_revision
    signed = reader.get_historical_resolver(revision)
    # As it was when it was signed: a later revision may have another.
    found = [one for name, value, one in enumerate_sig_fields(signed) if name == signature.field_name]
    try:
        pieces = found[0].get_object()["/AP"]["/N"]["/PieceInfo"][PRIVATE]["/Private"]
    except (LookupError, TypeError):
        return None, []
    try:
        record = msgspec.json.decode(pieces[RECORD].data, type=HandRecord)
        strokes = hashlib.sha256(pieces[STROKES].data).hexdigest() if STROKES in pieces else ""
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, PdfError, AttributeError, LookupError):
        return None, ["hand.unreadable"]
    problems = []
    shown = record.document
    is_there = 0 < shown.size < len(data) and ShownDocument.of(data[: shown.size]) == shown
    if not (is_there and _is_signature_alone(reader, revision, shown.size)):
        problems.append("hand.document")
    if strokes != record.strokes:
        problems.append("hand.strokes")
    return HandReport(
        record.signer, record.reason, record.time, record.page, record.device, bool(strokes)
    ), problems


def _is_signature_alone(reader: Any, revision: int, size: int) -> bool:
    """Return whether the document that was shown got a field of a signature, and nothing else."""
    starts = reader.xrefs.get_startxref_for_revision
    if revision < 1 or not starts(revision - 1) < size <= starts(revision):
        return False
    before, after = (reader.get_historical_resolver(one) for one in (revision - 1, revision))
    for reference in reader.xrefs.explicit_refs_in_revision(revision):
        if reader.xrefs.get_historical_ref(reference, revision - 1) is None:
            continue
        if not _is_grown(before(reference), after(reference)):
            return False
    grown = [
        len(_notes(new)) - len(_notes(old)) for old, new in zip(_pages(before), _pages(after), strict=True)
    ]
    return sorted(grown, reverse=True)[:2] in ([1], [1, 0]) and min(grown) >= 0


def _is_grown(old: Any, new: Any) -> bool:
    """Return whether an object that was there before differs in nothing but what a new field adds."""
    if isinstance(old, generic.ArrayObject) and isinstance(new, generic.ArrayObject):
        return bool(list(new)[: len(old)] == list(old))
    if isinstance(old, generic.StreamObject) or not isinstance(old, generic.DictionaryObject):
        return bool(
            type(old) is type(new) and old == new and getattr(old, "data", 0) == getattr(new, "data", 0)
        )
    if not isinstance(new, generic.DictionaryObject) or isinstance(new, generic.StreamObject):
        return False
    names = old.keys() | new.keys()
    return all(dict.get(old, name) == dict.get(new, name) for name in names - GROWING)


def _pages(revision: Any) -> list[Any]:
    found: list[Any] = []
    waiting = [revision.root["/Pages"]]
    while waiting and len(found) < MOST_PAGES:
        one = waiting.pop()
        kids = one.get("/Kids")
        if kids is None:
            found.append(one)
        else:
            waiting += (kids[number] for number in reversed(range(len(kids))))
    return found


def _notes(page: Any) -> Any:
    return page.get("/Annots", ())
