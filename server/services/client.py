"""Client of a request: everything that services know of a connection."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """One connection.

    Attributes
    ----------
    id
        Unique while the service runs.
    origin
        The page's origin, None for a program that is no browser.
    """

    id: int
    origin: str | None
