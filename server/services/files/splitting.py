"""Where a pile of pages is split into files: at the pages that carry a barcode."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

from imgcore.barcode import read_codes
from imgcore.types import Image
from server.errors import BadParameter, LocalizedText

T = TypeVar("T")


class SplitMode(IntEnum):
    """Where a file begins, by the number in the protocol."""

    NOWHERE = 0
    BEFORE = 1
    """With a page that carries a code."""
    BETWEEN = 2
    """After such a page, which only separates and is in no file."""


@dataclass(frozen=True, slots=True)
class SplitRule:
    """How to split.

    Attributes
    ----------
    prefix
        Only codes that begin so count.
    """

    cut: SplitMode = SplitMode.NOWHERE
    prefix: str = ""

    def code_in(self, image: Image) -> str | None:
        """What the first code that counts on a page says; None without one. Blocks."""
        texts = (code.text for code in read_codes(image))
        return next((text for text in texts if text.startswith(self.prefix)), None)

    def keeps(self, code: str | None) -> bool:
        """Whether a page with that code, if it has one, is in a file."""
        return code is None or self.cut is not SplitMode.BETWEEN


WHOLE = SplitRule()
"""Not at all."""


@dataclass(frozen=True, slots=True)
class SplitPage(Generic[T]):
    """A page made ready, and what its code says.

    Attributes
    ----------
    leaf
        None for one that only separates.
    """

    leaf: T | None
    code: str | None


@dataclass(frozen=True, slots=True)
class SplitPart(Generic[T]):
    """What becomes one file.

    Attributes
    ----------
    code
        What the code before or on its first page says; empty before the first.
    leaves
        At least one.
    """

    code: str
    leaves: list[T]


def parts(pages: Iterable[SplitPage[T]]) -> list[SplitPart[T]]:
    """The pages, file by file.

    Raises
    ------
    server.errors.BadParameter
        All of them only separate.
    """
    found: list[SplitPart[T]] = [SplitPart("", [])]
    for page in pages:
        if page.code is not None:
            found.append(SplitPart(page.code, []))
        if page.leaf is not None:
            found[-1].leaves.append(page.leaf)
    kept = [part for part in found if part.leaves]
    if not kept:
        reason = LocalizedText("每一页都是分隔页", "every page is one that separates")
        raise BadParameter(field="splitByBarCode", reason=reason)
    return kept
