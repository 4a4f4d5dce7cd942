"""Camera indicator that records what it shows."""

from __future__ import annotations

from collections.abc import Sequence

from server.services.cameras.indicator import CameraUse


class FakeIndicator:
    """Records the uses it is told to show.

    Attributes
    ----------
    shown
        Uses of each call, newest last.
    closed
        True after `close`.
    """

    def __init__(self) -> None:
        self.shown: list[tuple[CameraUse, ...]] = []
        self.closed = False

    def show(self, uses: Sequence[CameraUse]) -> None:
        self.shown.append(tuple(uses))

    async def close(self) -> None:
        self.closed = True
