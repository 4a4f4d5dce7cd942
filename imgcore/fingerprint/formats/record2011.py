"""ISO/IEC 19794-2:2011 and ANSI INCITS 378-2009: versions "030" and "035", a size of picture for each view.

Both standards may say "030"; a record is ISO's if the lengths of its representations add up.
"""

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

MAGIC = b"FMR\x00030\x00"
"""Bytes with which a record of version "030" starts."""
AMENDED = b"FMR\x00035\x00"
"""Bytes with which a record of version "035" starts."""
ISO_HEADER = 15
"""Bytes of a record's header in ISO/IEC 19794-2:2011."""
ANSI_HEADER = 21
"""Bytes of a record's header in ANSI INCITS 378-2009."""
LEAST = 34
"""Bytes of the shortest representation of ISO."""

UNKNOWN_TIME = b"\xff" * 9
"""Time of capture of a representation of ISO that is not known: all bits set."""
NOT_REPORTED = 254
"""Quality of a view of ANSI that is not reported."""
LENGTHS = {5: 5, 6: 6}
"""Bytes of a minutia by the code of its record; with any other code the record is refused."""
VIEWS = 255
"""Largest number of views of a record that is written, as ANSI counts them in one byte."""


def read(data: bytes) -> list[FingerView]:
    """Read all views of a record that starts with `MAGIC` or `AMENDED`."""
    return _read_iso(data) if data.startswith(MAGIC) and _adds_up(data) else _read_ansi(data)


def _adds_up(data: bytes) -> bool:
    reader = FieldReader(data)
    try:
        reader.skip(len(MAGIC))
        total = reader.long()
        count = reader.short()
        reader.skip(1)
        for _ in range(count):
            if (length := reader.long()) < LEAST:
                return False
            reader.skip(length - 4)
    except FormatError:
        return False
    return total == len(data) - reader.left


def _read_iso(data: bytes) -> list[FingerView]:
    reader = FieldReader(data)
    reader.skip(len(MAGIC) + 4)
    count = reader.short()
    certified = reader.byte() != 0
    return [_representation(FieldReader(reader.take(reader.long() - 4)), certified) for _ in range(count)]


def _representation(reader: FieldReader, certified: bool) -> FingerView:
    reader.skip(9 + 1 + 2 + 2)
    reader.skip(5 * reader.byte())
    if certified:
        reader.skip(3 * reader.byte())
    reader.skip(2)
    density = (reader.short(), reader.short())
    reader.skip(1)
    size = (reader.short(), reader.short())
    length = LENGTHS.get(reader.byte() >> 4)
    if length is None:
        raise FormatError("its minutiae have neither 5 nor 6 bytes")
    points = read_points(reader, reader.byte(), ISO_STEP, length)
    return FingerView(size, density, points, reader.take(reader.short()))


def _read_ansi(data: bytes) -> list[FingerView]:
    reader = FieldReader(data)
    reader.skip(len(MAGIC) + 4 + 4 + 3)
    count = reader.byte()
    reader.skip(1)
    return [_ansi_view(reader) for _ in range(count)]


def _ansi_view(reader: FieldReader) -> FingerView:
    reader.skip(3 + 1 + 4)
    size = (reader.short(), reader.short())
    density = (reader.short(), reader.short())
    points = read_points(reader, reader.byte(), ANSI_STEP)
    return FingerView(size, density, points, reader.take(reader.short()))


def write_iso(templates: Sequence[Template]) -> bytes:
    """Write a record of ISO/IEC 19794-2:2011, from which the templates are read back unchanged."""
    body = b"".join(_written(number, template) for number, template in enumerate(_checked(templates)))
    return MAGIC + packed("IHB", ISO_HEADER + len(body), len(templates), 0) + body


def _written(number: int, template: Template) -> bytes:
    body = (
        UNKNOWN_TIME
        + packed("BHHB", 0, 0, 0, 0)
        + packed("BBHHB", 0, number % 16, DENSITY, DENSITY, 0)
        + packed("HHBB", *template.size, 6 << 4, len(template))
        + write_points(template, ISO_STEP)
        + write_extension(template)
    )
    return packed("I", len(body) + 4) + body


def write_ansi(templates: Sequence[Template]) -> bytes:
    """Write a record of ANSI INCITS 378-2009; angles are rounded to 2 degrees."""
    body = b"".join(
        packed("BBBBHH", 0, number % 16, 0, NOT_REPORTED, 0, 0)
        + packed("HHHHB", *template.size, DENSITY, DENSITY, len(template))
        + write_points(template, ANSI_STEP)
        + write_extension(template)
        for number, template in enumerate(_checked(templates))
    )
    head = packed("IHHBHBB", ANSI_HEADER + len(body), 0, 0, 0, 0, len(templates), 0)
    return MAGIC + head + body


def _checked(templates: Sequence[Template]) -> Sequence[Template]:
    if not 1 <= len(templates) <= VIEWS:
        raise FormatError("a record has 1 to 255 views")
    return templates
