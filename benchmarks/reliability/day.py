"""What all visits of a day share."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

from benchmarks.reliability.page import Page, connect
from benchmarks.reliability.service import ORIGINS, Service


@dataclass
class Day:
    """A day at a counter.

    Attributes
    ----------
    visits
        How often each kind of visit came to its end.
    codes
        How often each result was answered.
    """

    service: Service
    visits: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)

    @asynccontextmanager
    async def page(self, chance: Random, protocols: tuple[str, ...] = ()) -> AsyncIterator[Page]:
        """A page at one of the origins; it leaves politely or by a reset."""
        async with connect(self.service.url, chance.choice(ORIGINS), self.codes, protocols) as page:
            yield page
            if chance.random() < 0.5:
                page.reset()


Visit = Callable[[Day, Random], Awaitable[None]]


def file_name(chance: Random, suffixes: str = "jpg png pdf tif bmp webp") -> str:
    """One of few names, so that the folder does not grow for ever."""
    return f"{chance.randint(1, 20)}.{chance.choice(suffixes.split())}"
