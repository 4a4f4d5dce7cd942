"""What the client of one preview knows of the codes in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from server.streaming.codes import NOTHING, Seen
from server.streaming.lookout import Lookout

Tell = Callable[[Seen], None]
"""Sends the codes in sight, in pixels of the picture as the client sees it; never blocks."""


class Line(Protocol):
    """How a preview's client keeps up."""

    @property
    def started(self) -> bool:
        """Whether a frame has left: the first one is the answer, nothing comes before it."""

    def ready(self) -> bool:
        """Whether the last frame has been taken up."""


class LiveCodes:
    """Tells a client of codes whenever they change; of the newest only, where it is slow."""

    def __init__(self, lookout: Lookout, line: Line, tell: Tell) -> None:
        self._lookout = lookout
        self._line = line
        self._tell = tell
        self._clockwise = 0
        self._seen = NOTHING
        self._told = True
        self._knows = False
        """Whether the client was told of codes last, and not of none."""

    def begin(self, clockwise: int) -> None:
        """Look out from now on, for a picture that is turned so."""
        self._clockwise = clockwise
        self._lookout.add(self)

    def turn(self, clockwise: int) -> None:
        """The picture is turned otherwise now."""
        if clockwise != self._clockwise:
            self._clockwise = clockwise
            self._told = False
            self.catch_up()

    def see(self, seen: Seen) -> None:
        self._seen, self._told = seen, False
        self.catch_up()

    def catch_up(self) -> None:
        """Tell what has not been told, if the client can take it."""
        if self._told or not (self._line.started and self._line.ready()):
            return
        self._told = True
        if self._seen.codes or self._knows:
            self._knows = bool(self._seen.codes)
            self._tell(self._seen.turned(self._clockwise))

    def end(self) -> None:
        """Tell nothing more."""
        self._lookout.remove(self)
