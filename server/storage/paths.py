"""File names in requests: formats by suffix, components below the storage root, series and their numbers."""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from server.archive import RECORD_SUFFIXES
from server.errors import BadName, BadSuffix, LocalizedText, PathOutside


class PictureFormat(Enum):
    """File format of pictures; the value is its media type."""

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
"""Allowed suffixes, in lower case and without the dot, in the standard's order."""

DEFAULT_SUFFIX = "jpg"


def file_of_record(name: str) -> str:
    """Return the name of the file that a record lies beside; the name itself if it is no record's."""
    stem, dot, suffix = name.rpartition(".")
    return stem if f"{dot}{suffix}" in RECORD_SUFFIXES and "." in stem else name


def format_of(name: str) -> PictureFormat:
    """Return the format of a file name by its suffix, in upper or lower case.

    It is JPEG for an empty name, for requests with an empty ``imagePath``.

    Raises
    ------
    server.errors.BadSuffix
        The name has another suffix or none.
    """
    if not name:
        return SUFFIXES[DEFAULT_SUFFIX]
    return SUFFIXES[suffix_of(name, SUFFIXES)]


def suffix_of(name: str, allowed: Collection[str]) -> str:
    """Return the suffix of `name`, in lower case and without the dot, if it is one of `allowed`.

    Raises
    ------
    server.errors.BadSuffix
        The name has another suffix or none.
    """
    _, dot, suffix = name.rpartition("/")[2].rpartition(".")
    if not dot or suffix.lower() not in allowed:
        raise BadSuffix(suffix=_printable(suffix if dot else ""), allowed=", ".join(allowed))
    return suffix.lower()


def _printable(suffix: str) -> str:
    # For an answer in UTF-8 that people read: no surrogates, no control characters, no long text.
    return suffix[:12] if suffix and suffix.isprintable() else "?"


PART_BYTES = 255
"""Longest file name of Linux file systems, in bytes of UTF-8."""

DEPTH = 16
"""Limit of folders below the root and the file, which keeps walks short."""

# Cc control, Cf invisible and direction-changing, Cs lone surrogates, Zl and Zp line ends.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# A share, somebody's home, a URL, a folder of a Windows drive that nobody knows.
_NOWHERE = re.compile(r"[\\/]{2}|~|file:|[a-z][a-z0-9+.-]+://|[a-z]:(?![\\/])", re.IGNORECASE)
_ABSOLUTE = re.compile(r"(?:([A-Za-z]):[\\/]|/)")
_SEPARATORS = re.compile(r"[\\/]+")
_SYSTEM = ("/dev/", "/proc/", "/sys/")
"""Folders of devices and processes, which no page means to write pictures to."""


def parts_below(name: str, places: Sequence[Sequence[Path]]) -> tuple[int, tuple[str, ...]]:
    """Return the number of the place that a name is in, and its components: folders, then the file.

    Parameters
    ----------
    name
        Path relative to the first place, or absolute: below a place, else below the first one as if that were
        the root of all files. ``C:/a.jpg`` and ``C:\\a.jpg`` stand for ``/C/a.jpg``.
    places
        For each the absolute paths by which it is known, as configured and with links resolved; errors name
        the very first.

    Raises
    ------
    server.errors.PathOutside
        The name of a share, a home, a device or a URL, or ``..`` anywhere.
    server.errors.BadName
        A component is empty, hidden, too long, or has characters that could mislead.
    """
    _check_characters(name)
    if _NOWHERE.match(name):
        raise PathOutside(root=places[0][0])
    number, rest = _within(_posix(name), places)
    parts = tuple(rest.split("/"))
    if ".." in parts:
        raise PathOutside(root=places[0][0])
    if len(parts) > DEPTH:
        raise _bad_name(f"路径超过 {DEPTH} 级", f"it has more than {DEPTH} levels")
    for part in parts:
        _check_part(part)
    return number, parts


def _posix(name: str) -> str:
    """Return an absolute name with single slashes and without a drive, a relative one as it is."""
    absolute = _ABSOLUTE.match(name)
    if absolute is None:
        return name
    drive = f"/{absolute[1].upper()}" if absolute[1] else ""
    return drive + _SEPARATORS.sub("/", name[2 if drive else 0 :])


def _within(name: str, places: Sequence[Sequence[Path]]) -> tuple[int, str]:
    if not name.startswith("/"):
        return 0, name
    known = [(path, number) for number, place in enumerate(places) for path in place]
    spellings = [(f"{path}".rstrip("/") + "/", number) for path, number in known]
    for prefix, number in sorted(spellings, key=lambda spelling: -len(spelling[0])):
        if f"{name}/".startswith(prefix):
            return number, name.removeprefix(prefix) if name.startswith(prefix) else ""
    if f"{name}/".startswith(_SYSTEM):
        raise PathOutside(root=places[0][0])
    return 0, name.removeprefix("/")


def series(name: str, count: int) -> Iterator[str]:
    """Yield `count` names in the standard's numbering: ``a.jpg``, ``a1.jpg``, ``a2.jpg``."""
    stem, dot, suffix = name.rpartition(".")
    for index in range(count):
        yield f"{stem}{index or ''}{dot}{suffix}"


def _check_characters(name: str) -> None:
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in name):
        raise _bad_name("含有控制字符或不可见字符", "it holds a control or invisible character")


def _check_part(part: str) -> None:
    if not part:
        raise _bad_name("路径中有空的部分", "a part of it is empty")
    if part.startswith("."):
        raise _bad_name("路径中有以点开头的部分", "a part of it begins with a dot")
    if part != part.strip() or part.endswith("."):
        raise _bad_name(
            "首尾有空格或以点结尾", "a part of it begins or ends with a space, or ends with a dot"
        )
    if "\\" in part:
        raise _bad_name("含有反斜杠", "it holds a backslash")
    if len(part.encode()) > PART_BYTES:
        raise _bad_name(f"名称超过 {PART_BYTES} 字节", f"a part of it is longer than {PART_BYTES} bytes")


def _bad_name(zh: str, en: str) -> BadName:
    return BadName(reason=LocalizedText(zh, en))


def time_name(now: datetime) -> str:
    """Return a name such as ``20261124-153012-123-5f0c9a81d2``, whose end cannot be guessed."""
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03d}-{secrets.token_hex(5)}"


_REMEMBERED = 4096
"""Number of series of which the last number is remembered."""


@dataclass(frozen=True, slots=True)
class NumberedName:
    """File name with room for a number.

    Attributes
    ----------
    before, after
        Text around the number.
    digits
        Least digits of the number; 0 for one that is left out when it is 1, and has a hyphen before it else.
    """

    before: str
    after: str
    digits: int

    def file(self, number: int) -> str:
        """Return the name with a number."""
        if self.digits:
            return f"{self.before}{number:0{self.digits}d}{self.after}"
        return self.before + (f"-{number}" if number > 1 else "") + self.after

    def highest(self, files: Iterable[str]) -> int:
        """Return the highest number of these files that has this form, 0 if none has."""
        number = r"(\d{1,15})" if self.digits else r"(?:-(\d{1,15}))?"
        form = re.compile(re.escape(self.before) + number + re.escape(self.after))
        found = (form.fullmatch(file) for file in files)
        return max((int(match[1] or 1) for match in found if match), default=0)


class Numbers:
    """Numbers given to files since the service started: none is given twice, even if its file is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: OrderedDict[tuple[str, NumberedName], int] = OrderedDict()

    def next(self, folder: str, name: NumberedName, files: Collection[str]) -> int:
        """Take the number after the highest that was given, or is among the `files` of the folder."""
        key = (folder, name)
        with self._lock:
            number = max(self._given.pop(key, 0), name.highest(files)) + 1
            self._given[key] = number
            if len(self._given) > _REMEMBERED:
                self._given.popitem(last=False)
        return number
