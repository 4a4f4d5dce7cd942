"""Names of the files of captures and scans, by a template or as the request says."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from server.access.client import Client
from server.errors import LocalizedText, NamePartMissing
from server.services.pictures.output import EncodedPicture
from server.storage.paths import (
    DEFAULT_SUFFIX,
    SUFFIXES,
    NameTemplate,
    NumberedName,
    PictureFormat,
    format_of,
    is_template,
    safe_content,
    time_values,
)
from server.storage.root import Storage

NO_BARCODE = "nobarcode"
"""Content of ``{barcode}`` where a picture has none."""
CARD_SECONDS = 600.0
"""Age from which a card's number names no files: the next customer may be there."""
_NO_CARD = LocalizedText(
    "此连接在最近 10 分钟内没有读过卡", "no card was read on this connection within ten minutes"
)


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
        """Refuse names that `save` would refuse; blocks.

        Raises
        ------
        server.errors.BadSuffix, BadName, PathOutside, FileExists
        """

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
        folder, name = self.template.folder(self.values), self._name(NO_BARCODE).file(1)
        format_of(name)
        self.storage.relative(f"{folder}/{name}" if folder else name)

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

        Raises
        ------
        server.errors.BadName, BadSuffix, NamePartMissing
        """
        now = datetime.now()
        if not name and self._default:
            return self._template(client, _with_suffix(self._default), storage, now)
        if is_template(name):
            return self._template(client, name, storage, now)
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

    def _template(self, client: Client, text: str, storage: Storage, now: datetime) -> TemplatePlan:
        template = NameTemplate(text)
        values = time_values(now)
        if template.needs("idNum"):
            values["idNum"] = safe_content(self.cards.number(client))
        return TemplatePlan(storage, template, values)


def _with_suffix(template: str) -> str:
    return template if template.rpartition(".")[2].lower() in SUFFIXES else f"{template}.{DEFAULT_SUFFIX}"
