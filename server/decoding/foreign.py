"""A file that a page gave, as the service knows it without having decoded anything."""

from __future__ import annotations

from dataclasses import dataclass

from server.children.memory import File


@dataclass(frozen=True, slots=True, eq=False)
class ForeignFile:
    """A file that was looked into.

    Attributes
    ----------
    name
        As the page that asked may read it.
    data
        All of it.
    shared
        The same where decoding processes can read it.
    pages
        How many it has, one at the least.
    """

    name: str
    data: bytes
    shared: File
    pages: int

    def close(self) -> None:
        """No page of it will be asked for any more."""
        self.shared.close()
