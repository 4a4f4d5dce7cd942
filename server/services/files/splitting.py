"""Splitting of a pile of pages into files: at barcodes, at blank pages, by number, at given pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

from imgcore.barcode import Code
from server.errors import BadParameter, LocalizedText

Page = TypeVar("Page")


class SplitMode(IntEnum):
    """Position of a split, by its number in the protocol."""

    NOWHERE = 0
    BEFORE = 1
    """Before each page that carries a barcode."""
    BETWEEN = 2
    """At each page that carries a barcode, which is a separator and in no file."""
    PATCH = 3
    """At each page that carries patch code T, which is a separator and in no file."""


@dataclass(frozen=True, slots=True)
class SplitRule:
    """Rule for splitting.

    Attributes
    ----------
    prefix
        Prefix of the barcodes that split; others are ignored.
    every
        Most pages of a file; 0 for any number.
    at_blank
        True for blank pages as separators, which are in no file.
    starts
        Pages, from 1 through all inputs, that begin a file.
    """

    mode: SplitMode = SplitMode.NOWHERE
    prefix: str = ""
    every: int = 0
    at_blank: bool = False
    starts: frozenset[int] = frozenset()

    def splitting_text(self, barcodes: Iterable[Code]) -> str | None:
        """Return the text of the first barcode of a page that splits, None without one."""
        texts = (barcode.text for barcode in barcodes)
        return next((text for text in texts if text.startswith(self.prefix)), None)

    def keeps(self, barcode: str | None) -> bool:
        """Return whether a page with that barcode, or none, is in a file."""
        return barcode is None or self.mode not in (SplitMode.BETWEEN, SplitMode.PATCH)


WHOLE = SplitRule()
"""Rule without any split."""


@dataclass(frozen=True, slots=True)
class SplitPage(Generic[Page]):
    """Prepared page, and the text of its barcode.

    `prepared`: none for a separator.
    """

    prepared: Page | None
    barcode: str | None


@dataclass(frozen=True, slots=True)
class SplitPart(Generic[Page]):
    """Pages of one file.

    Attributes
    ----------
    barcode
        Text of the barcode before or on its first page; empty before the first barcode.
    pages
        At least one.
    """

    barcode: str
    pages: list[Page]


def parts(pages: Iterable[SplitPage[Page]], rule: SplitRule = WHOLE) -> list[SplitPart[Page]]:
    """Group pages by file. Raises server.errors.BadParameter: all of them are separators."""
    found: list[SplitPart[Page]] = [SplitPart("", [])]
    for number, page in enumerate(pages, 1):
        blank = rule.at_blank and getattr(page.prepared, "blank", False)
        full = rule.every and len(found[-1].pages) >= rule.every
        if page.barcode is not None or blank or full or number in rule.starts:
            found.append(SplitPart(page.barcode or "", []))
        if page.prepared is not None and not blank:
            found[-1].pages.append(page.prepared)
    kept = [part for part in found if part.pages]
    if not kept:
        reason = LocalizedText("每一页都是分隔页", "every page is one that separates")
        raise BadParameter(field="splitAtBlank" if rule.at_blank else "splitByBarCode", reason=reason)
    return kept
