"""A finder of whatever the test puts in its list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from server.errors import GaopaiError

D = TypeVar("D")


class ListedFinder(Generic[D]):
    """Lists `devices`; the test plugs and unplugs by changing the list.

    Attributes
    ----------
    found
        How often it was asked.
    """

    def __init__(self, *devices: D) -> None:
        self.devices = list(devices)
        self.changed = False
        self.lacks: GaopaiError | None = None
        self.found = 0

    def missing(self) -> GaopaiError | None:
        return self.lacks

    async def find(self) -> Sequence[D]:
        self.found += 1
        return list(self.devices)

    def change_fd(self) -> int | None:
        return None

    def acknowledge_change(self) -> bool:
        changed = self.changed
        self.changed = False
        return changed

    async def close(self) -> None:
        pass
