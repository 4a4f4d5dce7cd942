"""Pictures that a page sends in its request."""

from __future__ import annotations

import re

import pybase64

from server.errors import LocalizedText, MessageTooLarge, PictureUnreadable
from server.storage.paths import PictureFormat

PICTURE = "imageBase64"
LONGEST = 64 * 1024 * 1024
"""Characters of base64, whatever the longest message may be."""
NOT_BASE64 = LocalizedText("它不是有效的 base64", "it is not valid base64")
NO_PICTURE = LocalizedText("内容不是图片或 PDF", "it holds neither a picture nor a PDF")

_PREFIX = re.compile(r"\s*data:[^,]{0,200};base64,", re.IGNORECASE)
_BREAKS = str.maketrans("", "", " \t\r\n")
_BEGINNINGS = {
    b"\xff\xd8\xff": PictureFormat.JPEG,
    b"\x89PNG\r\n\x1a\n": PictureFormat.PNG,
    b"BM": PictureFormat.BMP,
    b"II*\0": PictureFormat.TIFF,
    b"MM\0*": PictureFormat.TIFF,
    b"%PDF-": PictureFormat.PDF,
}
_SUFFIXES = {PictureFormat.JPEG: "jpg", PictureFormat.TIFF: "tif"}


def decoded(text: str, label: str = PICTURE) -> bytes:
    """Decode the picture or PDF in a page's base64; errors as of `file_of`, also where it is neither."""
    data = file_of(text, label)
    format_of(data, label)
    return data


def file_of(text: str, label: str) -> bytes:
    """Decode the file in a page's base64, with or without the prefix of a data URL.

    Parameters
    ----------
    label
        Name of the file in errors.

    Raises
    ------
    server.errors.PictureUnreadable
        It is not base64.
    server.errors.MessageTooLarge
        The text is too long; checked before anything is decoded.
    """
    if len(text) > LONGEST:
        raise MessageTooLarge(limit=f"{LONGEST >> 20} MiB")
    prefix = _PREFIX.match(text)
    coded = text[prefix.end() :] if prefix else text
    try:
        return pybase64.b64decode(_joined(coded), validate=True)
    except ValueError as exc:
        raise PictureUnreadable(picture=label, reason=NOT_BASE64) from exc


def _joined(coded: str) -> str:
    """Return a text without its line breaks; most have none, and are not copied."""
    return coded.translate(_BREAKS) if any(chr(each) in coded for each in _BREAKS) else coded


def format_of(data: bytes, label: str = PICTURE) -> PictureFormat:
    """Return the format of a file by its first bytes."""
    for beginning, kind in _BEGINNINGS.items():
        if data.startswith(beginning):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return PictureFormat.WEBP
    raise PictureUnreadable(picture=label, reason=NO_PICTURE)


def file_name(kind: PictureFormat) -> str:
    """Return a name for a file of this kind that has none."""
    return f"image.{_SUFFIXES.get(kind, kind.name.lower())}"
