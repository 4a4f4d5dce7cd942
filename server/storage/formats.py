"""Which picture format a file name asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from types import MappingProxyType

from server.errors import BadSuffix


class PictureFormat(Enum):
    """A file format pictures are saved in; the value is its media type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    BMP = "image/bmp"
    TIFF = "image/tiff"
    PDF = "application/pdf"
    WEBP = "image/webp"


SUFFIXES: Mapping[str, PictureFormat] = MappingProxyType(
    {
        "jpg": PictureFormat.JPEG,
        "jpeg": PictureFormat.JPEG,
        "png": PictureFormat.PNG,
        "bmp": PictureFormat.BMP,
        "tif": PictureFormat.TIFF,
        "tiff": PictureFormat.TIFF,
        "pdf": PictureFormat.PDF,
        "webp": PictureFormat.WEBP,
    }
)
"""The suffixes pages may use, in lower case and without the dot, in the standard's order."""

DEFAULT_SUFFIX = "jpg"


def format_of(name: str) -> PictureFormat:
    """The format that the suffix of `name` asks for, upper and lower case alike.

    An empty name asks for JPEG, as do pages that leave ``imagePath`` empty.

    Raises
    ------
    server.errors.BadSuffix
        The name has another suffix or none.
    """
    if not name:
        return SUFFIXES[DEFAULT_SUFFIX]
    return SUFFIXES[suffix_of(name, SUFFIXES)]


def suffix_of(name: str, allowed: Collection[str]) -> str:
    """The suffix of `name`, in lower case and without the dot, which has to be one of `allowed`.

    Raises
    ------
    server.errors.BadSuffix
        The name has another suffix or none.
    """
    _, dot, suffix = name.rpartition("/")[2].rpartition(".")
    if not dot or suffix.lower() not in allowed:
        raise BadSuffix(suffix=_shown(suffix if dot else ""), allowed=", ".join(allowed))
    return suffix.lower()


def _shown(suffix: str) -> str:
    # The answer is encoded as UTF-8 and read by a person: no surrogates, no control characters, no novel.
    return suffix[:12] if suffix and suffix.isprintable() else "?"
