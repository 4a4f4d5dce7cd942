"""How many bytes of messages wait or are worked on: of one connection, and of all."""

from __future__ import annotations


class Load:
    """Bytes that are held.

    Parameters
    ----------
    whole
        What holds the bytes of all connections; None for that itself.
    """

    def __init__(self, whole: Load | None = None) -> None:
        self._whole = whole
        self.held = 0

    def fits(self, size: int, limit: int, whole_limit: int) -> bool:
        """Whether `size` more bytes are within both limits.

        The first message of a connection always fits into its own limit: it has a limit of its own.
        """
        own = self.held == 0 or self.held + size <= limit
        return own and (self._whole is None or self._whole.held + size <= whole_limit)

    def take(self, size: int) -> None:
        """Hold `size` more."""
        self.held += size
        if self._whole is not None:
            self._whole.take(size)

    def give_back(self, size: int) -> None:
        """Hold `size` less."""
        self.held -= size
        if self._whole is not None:
            self._whole.give_back(size)

    def drop(self) -> None:
        """Hold nothing any more: the connection is gone."""
        self.give_back(self.held)
