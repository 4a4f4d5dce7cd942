"""What the makers of files of many pages have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from server.documents.source import Source


class Leaf(Protocol):
    """A page, ready to be bound."""

    @property
    def blank(self) -> bool:
        """Whether nothing is on it."""

    @property
    def size(self) -> int:
        """How many bytes it adds to the file, roughly."""


L = TypeVar("L", bound=Leaf)


class Binder(Protocol[L]):
    """Makes one kind of file. Every method blocks and may be called from several threads."""

    @property
    def suffixes(self) -> Sequence[str]:
        """What a name of such a file may end in, the usual one first."""

    def leaf(self, source: Source, number: int) -> L:
        """Take one page, from 0, of a file.

        Raises
        ------
        server.documents.faults.DocumentFault, imgcore.types.ImageError
            The page is damaged, or has too many pixels.
        """

    def bind(self, leaves: Sequence[L]) -> Sequence[bytes | memoryview]:
        """The file of these pages, in this order; its pieces, to be put together.

        Raises
        ------
        server.documents.faults.DocumentFault
            A page is damaged in a way that only shows now.
        """

    def stop(self) -> None:
        """Nobody wants the file any more: end what takes long."""
