"""A sign that remembers what it showed."""

from __future__ import annotations

from collections.abc import Sequence

from server.services.cameras.indicator import CameraUse


class FakeSign:
    """Shows to the test.

    Attributes
    ----------
    shown
        What was shown, newest last.
    closed
        Whether nothing follows.
    """

    def __init__(self) -> None:
        self.shown: list[tuple[CameraUse, ...]] = []
        self.closed = False

    def show(self, uses: Sequence[CameraUse]) -> None:
        self.shown.append(tuple(uses))

    async def close(self) -> None:
        self.closed = True
