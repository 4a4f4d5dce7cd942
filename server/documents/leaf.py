"""What the pages have in common of which files of many pages are made."""

from __future__ import annotations

from typing import Protocol


class Leaf(Protocol):
    """A page, ready to be bound."""

    @property
    def blank(self) -> bool:
        """Whether nothing is on it."""

    @property
    def size(self) -> int:
        """How many bytes it adds to the file, roughly."""
