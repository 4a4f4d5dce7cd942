"""Names of the files of captures and scans, by a template or as the request says."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from server.access.client import Client
from server.errors import BadName, LocalizedText, NamePartMissing
from server.services.pictures.output import EncodedPicture
from server.storage.atomic import Content
from server.storage.paths import DEFAULT_SUFFIX, SUFFIXES, NumberedName, PictureFormat, format_of, suffix_of
from server.storage.root import Storage

# Templates, such as ``{date}/{date}-{seq}.jpg``.

PARTS = ("date", "time", "seq", "barcode", "idNum", "case")
"""Placeholders in templates; ``{seq:4}`` has at least 4 digits."""

DIGITS = 4
"""Digits of ``{seq}``."""
LONGEST_PART = 64
"""Characters of a placeholder's content, the rest is cut off."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SEQUENCE = re.compile(r"seq(?::([1-9]))?")
_FILE_PARTS = re.compile(r"\{(?:seq(?::[1-9])?|barcode)\}")

# Braces are doubled, as these are templates themselves.
_UNKNOWN = LocalizedText(
    "占位符只能是 {{date}}、{{time}}、{{seq}}、{{barcode}}、{{idNum}}、{{case}}",
    "placeholders are {{date}}, {{time}}, {{seq}}, {{barcode}}, {{idNum}} and {{case}}",
)
_IN_FOLDER = LocalizedText(
    "{{seq}} 和 {{barcode}} 只能在文件名中，不能在文件夹名中",
    "{{seq}} and {{barcode}} may be in the name of the file alone, not in that of a folder",
)
_TWICE = LocalizedText("{{seq}} 只能出现一次", "{{seq}} may be there once")
NO_BARCODE = "nobarcode"
"""Content of ``{barcode}`` where a picture has none."""
NO_CASE = "nocase"
"""Content of ``{case}`` where the page has named none."""
CARD_SECONDS = 600.0
"""Age from which a card's number names no files: the next customer may be there."""
_NO_CARD = LocalizedText(
    "此连接在最近 10 分钟内没有读过卡", "no card was read on this connection within ten minutes"
)


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


class CardNumbers:
    """Number of the card that each connection read last; in memory alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._numbers: dict[Client, tuple[float, str]] = {}

    def keep(self, client: Client, number: str) -> None:
        """Remember a number."""
        self._numbers[client] = (self._clock(), number)

    def number(self, client: Client) -> str:
        """Return the number.

        Raises
        ------
        server.errors.NamePartMissing
            There is none, or it is older than `CARD_SECONDS`.
        """
        since, number = self._numbers.get(client, (0.0, ""))
        if not number or self._clock() - since > CARD_SECONDS:
            raise NamePartMissing(part="{idNum}", reason=_NO_CARD)
        return number

    def release(self, client: Client) -> None:
        """Forget a client whose connection is gone."""
        self._numbers.pop(client, None)


class NamePlan(Protocol):
    """Protocol for the names of one request's files."""

    @property
    def picture_format(self) -> PictureFormat:
        """Format of the files, by their suffix."""

    @property
    def needs_barcode(self) -> bool:
        """True if the barcodes of pictures are part of their names."""

    def check(self) -> None:
        """Refuse names that `save` would refuse; blocks."""

    def save(self, pictures: Sequence[EncodedPicture]) -> list[Path]:
        """Write pictures, all or none; blocks.

        Raises
        ------
        server.errors.GaopaiError
            As `Storage.save`.
        """

    def save_next(self, picture: EncodedPicture) -> Path:
        """Write one picture more; blocks."""


@dataclass(slots=True)
class SeriesPlan:
    """`NamePlan` of a name and the numbers after it: ``a.jpg``, ``a1.jpg``."""

    storage: Storage
    name: str
    needs_barcode: bool = False
    _number: int = 0

    @property
    def picture_format(self) -> PictureFormat:
        return format_of(self.name)

    def check(self) -> None:
        self.storage.check(self.name)

    def save(self, pictures: Sequence[EncodedPicture]) -> list[Path]:
        return self.storage.save_series(self.name, [one.data for one in pictures])

    def save_next(self, picture: EncodedPicture) -> Path:
        path, self._number = self.storage.save_next(self.name, self._number, picture.data)
        return path


@dataclass(frozen=True, slots=True)
class TemplatePlan:
    """`NamePlan` of a template: no file is ever replaced."""

    storage: Storage
    template: NameTemplate
    values: dict[str, str] = field(repr=False)

    @property
    def picture_format(self) -> PictureFormat:
        return format_of(self.template.text)

    @property
    def needs_barcode(self) -> bool:
        return self.template.needs("barcode")

    def check(self) -> None:
        folder = self.template.folder(self.values)
        name = self._name(NO_BARCODE).file(1)
        format_of(name)
        self.storage.relative(f"{folder}/{name}" if folder else name)

    def check_document(self, suffixes: Collection[str]) -> str:
        """Refuse what `save_documents` would refuse; return a name as the first file may have."""
        folder = self.template.folder(self.values)
        name = self._name(NO_BARCODE).file(1)
        suffix_of(name, suffixes)
        self.storage.relative(f"{folder}/{name}" if folder else name)
        return name

    def save_documents(
        self, contents: Sequence[Content], barcodes: Sequence[str], suffixes: Collection[str]
    ) -> list[Path]:
        """Write documents, each with the barcode that it begins with, all or none; blocks."""
        names = list(map(self._name, barcodes))
        return self.storage.save_new_documents(self.template.folder(self.values), names, contents, suffixes)

    def save(self, pictures: Sequence[EncodedPicture]) -> list[Path]:
        names = [self._name(one.barcode) for one in pictures]
        data = [one.data for one in pictures]
        return self.storage.save_new(self.template.folder(self.values), names, data)

    def save_next(self, picture: EncodedPicture) -> Path:
        (path,) = self.save([picture])
        return path

    def _name(self, barcode: str) -> NumberedName:
        return self.template.name({**self.values, "barcode": safe_content(barcode) or NO_BARCODE})


class FileNamer:
    """Plans the names of files.

    Parameters
    ----------
    default
        Template of files that requests do not name; empty for names by date, time and chance.
    """

    def __init__(self, cards: CardNumbers, default: str = "") -> None:
        self.cards = cards
        self._default = default

    def plan(self, client: Client, name: str, storage: Storage, ending: str = "") -> NamePlan:
        """Return the plan of a request's files.

        Parameters
        ----------
        name
            As in the request; a template if it has placeholders.
        ending
            End of a name that the service gives, before its suffix.
        """
        now = datetime.now()
        if not name and self._default:
            return self.template_plan(client, _with_suffix(self._default), storage, now)
        if is_template(name):
            return self.template_plan(client, name, storage, now)
        if not name:
            given = storage.default_name(f".{DEFAULT_SUFFIX}", now)
            name = f"{given.removesuffix(f'.{DEFAULT_SUFFIX}')}{ending}.{DEFAULT_SUFFIX}"
        format_of(name)
        return SeriesPlan(storage, name)

    def plan_document(
        self, client: Client, name: str, storage: Storage, picture_format: PictureFormat
    ) -> NamePlan:
        """Like `plan`, for a file of a format of its own where the request does not name it."""
        suffix = next(suffix for suffix, kind in SUFFIXES.items() if kind is picture_format)
        return self.plan(client, name or storage.default_name(suffix, datetime.now()), storage)

    def template_plan(self, client: Client, text: str, storage: Storage, now: datetime) -> TemplatePlan:
        """Return the plan of files that a template names."""
        template = NameTemplate(text)
        values = time_values(now)
        if template.needs("idNum"):
            values["idNum"] = safe_content(self.cards.number(client))
        values["case"] = safe_content(client.page.case) or NO_CASE
        return TemplatePlan(storage, template, values)


def _with_suffix(template: str) -> str:
    return template if template.rpartition(".")[2].lower() in SUFFIXES else f"{template}.{DEFAULT_SUFFIX}"
