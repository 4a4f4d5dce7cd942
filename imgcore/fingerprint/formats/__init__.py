"""Template formats: ISO/IEC 19794-2 of 2005 and 2011, ANSI INCITS 378 of 2004 and 2009."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from imgcore.fingerprint.formats import ga1012, record2005, record2011
from imgcore.fingerprint.formats.errors import FormatError, FormatNotComparable
from imgcore.fingerprint.template import Template

__all__ = ["FormatError", "FormatNotComparable", "TemplateFormat", "looks_like_template", "read", "write"]

MAGIC = b"FMR\0"
"""Bytes with which the records of all standard formats start."""
LARGEST = 4 * 1024 * 1024
"""Bytes of the longest record that is read."""


class TemplateFormat(StrEnum):
    """Formats that can be written."""

    ISO_2005 = "ISO/IEC 19794-2:2005"
    ISO_2011 = "ISO/IEC 19794-2:2011"
    ANSI_2004 = "ANSI INCITS 378-2004"
    ANSI_2009 = "ANSI INCITS 378-2009"


_WRITERS: dict[TemplateFormat, Callable[[Sequence[Template]], bytes]] = {
    TemplateFormat.ISO_2005: record2005.write_iso,
    TemplateFormat.ISO_2011: record2011.write_iso,
    TemplateFormat.ANSI_2004: record2005.write_ansi,
    TemplateFormat.ANSI_2009: record2011.write_ansi,
}
"""Function that writes each format."""


def looks_like_template(data: bytes) -> bool:
    """Return whether bytes start as a template does; the rest is not checked."""
    return data.startswith(MAGIC) or ga1012.is_feature(data)


def read(data: bytes) -> list[Template]:
    """Read all views of a record.

    The ridge pattern comes back if this module wrote it. Views of several fingers are not told apart:
    they are all of one person.

    Raises
    ------
    FormatNotComparable
        A feature of a Chinese resident ID card, GA 1012.
    FormatError
        No readable record.
    """
    if ga1012.is_feature(data):
        raise FormatNotComparable(ga1012.NAME)
    if len(data) > LARGEST:
        raise FormatError("it is longer than any template")
    if data.startswith(record2005.MAGIC):
        views = record2005.read(data)
    elif data.startswith((record2011.MAGIC, record2011.AMENDED)):
        views = record2011.read(data)
    elif data.startswith(MAGIC):
        raise FormatError("it is a minutiae record of a version that is not known")
    else:
        raise FormatError("it is no minutiae record")
    if not views:
        raise FormatError("it has no view of a finger")
    return [view.template() for view in views]


def write(templates: Sequence[Template], as_format: TemplateFormat = TemplateFormat.ISO_2005) -> bytes:
    """Write one record of one or more views.

    Raises
    ------
    FormatError
        No view, or more than 255.
    """
    return _WRITERS[as_format](templates)
