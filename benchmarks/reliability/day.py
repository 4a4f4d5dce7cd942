"""State shared by all visits of a soak test."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from benchmarks.reliability.page import PageConnection, connect
from benchmarks.reliability.service import ORIGINS, ServiceProcess


@dataclass
class Day:
    """One soak test: the service, and counts of visits and results.

    Attributes
    ----------
    visits
        Number of completed visits of each kind.
    codes
        Number of answers with each result code.
    """

    service: ServiceProcess
    visits: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)

    @asynccontextmanager
    async def page(self, chance: Random, protocols: tuple[str, ...] = ()) -> AsyncIterator[PageConnection]:
        """Connect from one of the origins; disconnect by a close or by a reset."""
        async with connect(self.service.url, chance.choice(ORIGINS), self.codes, protocols) as page:
            yield page
            if chance.random() < 0.5:
                page.reset()


Visit = Callable[[Day, Random], Awaitable[None]]


def file_name(chance: Random, suffixes: str = "jpg png pdf tif bmp webp") -> str:
    """Return one of few names, so that the folder does not grow for ever."""
    return f"{chance.randint(1, 20)}.{chance.choice(suffixes.split())}"
