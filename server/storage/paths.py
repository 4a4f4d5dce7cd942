"""File names of pages: formats by suffix, components below the storage root, series and default names."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from server.errors import BadName, BadSuffix, LocalizedText, PathOutside


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


PART_BYTES = 255
"""The longest file name Linux file systems take, in bytes of UTF-8."""

DEPTH = 16
"""Folders below the root plus the file: no page needs more, and a walk stays short."""

# Cc control, Cf invisible and direction-changing, Cs lone surrogates, Zl and Zp line ends.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_WINDOWS = re.compile(r"[A-Za-z]:|\\\\")


def parts_below(name: str, roots: Sequence[Path]) -> tuple[str, ...]:
    """The components of `name` below the root: folders first, the file last.

    Parameters
    ----------
    name
        Relative to the root, or absolute below one of `roots`.
    roots
        The root's absolute spellings (as configured, and with links resolved); the first
        is the one a page is told.

    Raises
    ------
    server.errors.PathOutside
        An absolute path elsewhere, a Windows path, or ``..`` anywhere.
    server.errors.BadName
        A component that no careful person would give a file.
    """
    _refuse_characters(name)
    if _WINDOWS.match(name):
        raise PathOutside(root=roots[0])
    parts = tuple(_relative(name, roots).split("/"))
    if ".." in parts:
        raise PathOutside(root=roots[0])
    if len(parts) > DEPTH:
        raise BadName(reason=LocalizedText(f"路径超过 {DEPTH} 级", f"it has more than {DEPTH} levels"))
    for part in parts:
        _refuse_part(part)
    return parts


def series(name: str, count: int) -> Iterator[str]:
    """`count` names in the standard's numbering: ``a.jpg``, ``a1.jpg``, ``a2.jpg``."""
    stem, dot, suffix = name.rpartition(".")
    for index in range(count):
        yield f"{stem}{index or ''}{dot}{suffix}"


def _relative(name: str, roots: Sequence[Path]) -> str:
    if not name.startswith("/"):
        return name
    for root in roots:
        prefix = f"{root}".rstrip("/") + "/"
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    raise PathOutside(root=roots[0])


def _refuse_characters(name: str) -> None:
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in name):
        raise BadName(
            reason=LocalizedText("含有控制字符或不可见字符", "it holds a control or invisible character")
        )


def _refuse_part(part: str) -> None:
    if not part:
        raise BadName(reason=LocalizedText("路径中有空的部分", "a part of it is empty"))
    if part.startswith("."):
        raise BadName(reason=LocalizedText("路径中有以点开头的部分", "a part of it begins with a dot"))
    if part != part.strip() or part.endswith("."):
        raise BadName(
            reason=LocalizedText(
                "首尾有空格或以点结尾", "a part of it begins or ends with a space, or ends with a dot"
            )
        )
    if "\\" in part:
        raise BadName(reason=LocalizedText("含有反斜杠", "it holds a backslash"))
    if len(part.encode()) > PART_BYTES:
        raise BadName(
            reason=LocalizedText(
                f"名称超过 {PART_BYTES} 字节", f"a part of it is longer than {PART_BYTES} bytes"
            )
        )


class TimeNames:
    """File names made of the time, none given out twice in a row of 256."""

    def __init__(self) -> None:
        self._given: deque[str] = deque(maxlen=256)
        self._lock = threading.Lock()

    def next(self, now: datetime) -> str:
        """``20261124-153012-123``; a millisecond already given out counts as the next one."""
        with self._lock:
            while (name := f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03d}") in self._given:
                now += timedelta(milliseconds=1)
            self._given.append(name)
        return name
