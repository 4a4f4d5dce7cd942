"""The common part of the pages of which files of many pages are made."""

from __future__ import annotations

from typing import Protocol


class PreparedPage(Protocol):
    """A page, ready to be bound."""

    @property
    def blank(self) -> bool:
        """True if nothing is on it."""

    @property
    def size(self) -> int:
        """Bytes that it adds to the file, roughly."""
