"""The sign that a camera is in use, for the person in front of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Use:
    """A camera that somebody has open.

    Attributes
    ----------
    origin
        The page's, None for a program that is no browser.
    """

    camera: str
    origin: str | None


class Sign(Protocol):
    """Shows what is in use."""

    def show(self, uses: Sequence[Use]) -> None:
        """Show these, in place of what was shown; returns at once. None of them: show nothing."""

    async def close(self) -> None:
        """Show nothing any more; no further call follows."""


class NoSign:
    """Shows nothing: there is no desktop, or the administrator wants it so."""

    def show(self, uses: Sequence[Use]) -> None:
        pass

    async def close(self) -> None:
        pass
