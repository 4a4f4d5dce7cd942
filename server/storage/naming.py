"""Templates of file names, such as ``{date}/{date}-{seq}.jpg``, and the numbers in them."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from server.errors import BadName, LocalizedText

PARTS = ("date", "time", "seq", "barcode", "idNum")
"""Placeholders in templates; ``{seq:4}`` has at least 4 digits."""

DIGITS = 4
"""Digits of ``{seq}``."""
LONGEST_PART = 64
"""Characters of a placeholder's content, the rest is cut off."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SEQUENCE = re.compile(r"seq(?::([1-9]))?")
_REMEMBERED = 4096
"""Series of which the last number is remembered."""
_FILE_PARTS = re.compile(r"\{(?:seq(?::[1-9])?|barcode)\}")

# Braces are doubled, as these are templates themselves.
_UNKNOWN = LocalizedText(
    "占位符只能是 {{date}}、{{time}}、{{seq}}、{{barcode}}、{{idNum}}",
    "placeholders are {{date}}, {{time}}, {{seq}}, {{barcode}} and {{idNum}}",
)
_IN_FOLDER = LocalizedText(
    "{{seq}} 和 {{barcode}} 只能在文件名中，不能在文件夹名中",
    "{{seq}} and {{barcode}} may be in the name of the file alone, not in that of a folder",
)
_TWICE = LocalizedText("{{seq}} 只能出现一次", "{{seq}} may be there once")


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


class NameTemplate:
    """Template of file names.

    Raises
    ------
    server.errors.BadName
        An unknown placeholder, or one where it cannot be.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._folder, _, self._file = text.rpartition("/")
        found = [match[1] for match in _PLACEHOLDER.finditer(text)]
        self._parts = {name.split(":")[0] for name in found}
        if any(name not in PARTS and not _SEQUENCE.fullmatch(name) for name in found):
            raise BadName(reason=_UNKNOWN)
        if _FILE_PARTS.search(self._folder):
            raise BadName(reason=_IN_FOLDER)
        if len(re.findall(r"\{seq", text)) > 1:
            raise BadName(reason=_TWICE)

    def needs(self, part: str) -> bool:
        """Return whether a placeholder is in it."""
        return part in self._parts

    def folder(self, values: Mapping[str, str]) -> str:
        """Return the folder, empty for the root."""
        return _filled(self._folder, values)

    def name(self, values: Mapping[str, str]) -> NumberedName:
        """Return the name of the file, whose number is open."""
        before, number, after = _split(self._file)
        return NumberedName(_filled(before, values), _filled(after, values), number)


def is_template(name: str) -> bool:
    """Return whether a name has placeholders."""
    return _PLACEHOLDER.search(name) is not None


def time_values(now: datetime) -> dict[str, str]:
    """Return the content of the placeholders of date and time."""
    return {"date": f"{now:%Y%m%d}", "time": f"{now:%H%M%S}"}


def safe_content(text: str) -> str:
    """Return a text from outside as a part of a file name: letters, digits, and hyphens for all else."""
    kept = (sign if sign in "-_." or unicodedata.category(sign)[0] in "LN" else "-" for sign in text)
    return "".join(kept)[:LONGEST_PART].strip("-.")


def _split(file: str) -> tuple[str, int, str]:
    """Split a template at its number; without one it goes before the suffix."""
    found = re.search(r"\{seq(?::([1-9]))?\}", file)
    if found is not None:
        return file[: found.start()], int(found[1] or DIGITS), file[found.end() :]
    stem, dot, suffix = file.rpartition(".")
    return (stem, 0, dot + suffix) if dot else (suffix, 0, "")


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


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
