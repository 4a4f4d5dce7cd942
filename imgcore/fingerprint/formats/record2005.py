"""ISO/IEC 19794-2:2005 and ANSI INCITS 378-2004: version " 20", one size of picture for all views."""

from __future__ import annotations

from collections.abc import Sequence

from imgcore.fingerprint.formats.errors import FormatError
from imgcore.fingerprint.formats.fields import FieldReader, packed
from imgcore.fingerprint.formats.view import (
    ANSI_STEP,
    DENSITY,
    ISO_STEP,
    FingerView,
    read_points,
    write_extension,
    write_points,
)
from imgcore.fingerprint.template import Template

MAGIC = b"FMR\x00 20\x00"
"""Bytes with which a record of ISO/IEC 19794-2:2005 or ANSI INCITS 378-2004 starts, the version included."""
ISO_HEADER = 24
"""Bytes of a record's header in ISO/IEC 19794-2:2005."""
ANSI_HEADER = 26
"""Bytes of a record's header in ANSI INCITS 378-2004, with a length of 16 bits."""
VIEWS = 255
"""Largest number of views of a record, whose count is one byte."""
UNKNOWN_PRODUCT = (0, 0)
"""Both halves of the product identifier of ANSI's header, which say that the product is unknown."""


def read(data: bytes) -> list[FingerView]:
    """Read all views of a record that starts with `MAGIC`."""
    reader = FieldReader(data)
    reader.skip(len(MAGIC))
    ansi = _is_ansi(data)
    if ansi:
        _skip_ansi_length(reader)
        reader.skip(4)
    else:
        reader.skip(4)
    reader.skip(2)
    size = (reader.short(), reader.short())
    density = (reader.short(), reader.short())
    count = reader.byte()
    reader.skip(1)
    return [_view(reader, size, density, ANSI_STEP if ansi else ISO_STEP) for _ in range(count)]


def _is_ansi(data: bytes) -> bool:
    """Return whether the length is written as in ANSI: 16 bits, or 48 of which the first 16 are 0.

    A length of ISO, 32 bits, has a first half of 0 and a second half of its header's length or more, unless
    the record is longer than any of fingers.
    """
    first, second = (int.from_bytes(data[at : at + 2], "big") for at in (8, 10))
    return first >= ANSI_HEADER or (first == 0 and second < ISO_HEADER)


def _skip_ansi_length(reader: FieldReader) -> None:
    if reader.short() == 0:
        reader.skip(4)


def _view(reader: FieldReader, size: tuple[int, int], density: tuple[int, int], step: float) -> FingerView:
    reader.skip(3)
    points = read_points(reader, reader.byte(), step)
    return FingerView(size, density, points, reader.take(reader.short()))


def write_iso(templates: Sequence[Template]) -> bytes:
    """Write a record of ISO/IEC 19794-2:2005, from which the templates are read back unchanged."""
    body = _body(templates, ISO_STEP)
    return MAGIC + packed("I", ISO_HEADER + len(body)) + _head(templates) + body


def write_ansi(templates: Sequence[Template]) -> bytes:
    """Write a record of ANSI INCITS 378-2004; angles are rounded to 2 degrees."""
    body = _body(templates, ANSI_STEP)
    short = ANSI_HEADER + len(body)
    length = packed("H", short) if short <= 0xFFFF else packed("HI", 0, short + 4)
    return MAGIC + length + packed("HH", *UNKNOWN_PRODUCT) + _head(templates) + body


def _head(templates: Sequence[Template]) -> bytes:
    """Pack device, size, density, number of views, and a reserved byte."""
    if not 1 <= len(templates) <= VIEWS:
        raise FormatError("a record has 1 to 255 views")
    size = [max(template.size[axis] for template in templates) for axis in (0, 1)]
    return packed("HHHHHBB", 0, *size, DENSITY, DENSITY, len(templates), 0)


def _body(templates: Sequence[Template], step: float) -> bytes:
    return b"".join(
        packed("BBBB", 0, number % 16 << 4, 0, len(template))
        + write_points(template, step)
        + write_extension(template)
        for number, template in enumerate(templates)
    )
