"""A file that a page gave, as the service knows it without having decoded anything."""

from __future__ import annotations

from dataclasses import dataclass

from server.children.memory import MemoryFile


@dataclass(frozen=True, slots=True, eq=False)
class ForeignFile:
    """A file that was inspected.

    Attributes
    ----------
    name
        As the page that asked may read it.
    data
        All of it.
    shared
        The same in memory that decoding processes can read.
    pages
        The number of its pages, one at the least.
    """

    name: str
    data: bytes
    shared: MemoryFile
    pages: int

    def close(self) -> None:
        """No page of it will be asked for any more."""
        self.shared.close()
