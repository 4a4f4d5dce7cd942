"""Keeps a camera connected and the newest picture at hand, in a thread of its own.

Connecting and RTSP block longer than a reader wants to wait, so `take` only waits for the
slot this thread fills.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Event
from typing import NamedTuple

from server.devices.adapters.network.entry import Link, LinkError, Shot
from server.runtime.background import supervise_thread

POLL = 0.25
"""Seconds after which the thread looks whether it shall stop."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Intervals at which a lost camera is called again.

    Attributes
    ----------
    total
        Seconds without a picture and without a lasting connection until it is given up.
    first, longest
        Seconds between tries, doubling from one to the other.
    """

    total: float = 5.0
    first: float = 0.1
    longest: float = 1.6


class Numbered(NamedTuple):
    """A picture, its number among all received, and when it came."""

    seq: int
    time: float
    shot: Shot


class Pump:
    """Runs from construction until `stop`, or until the camera is given up."""

    def __init__(
        self, connect: Callable[[], Link], link: Link | None, patience: Patience, seq: int = 0
    ) -> None:
        self._connect = connect
        self._link = link
        self._patience = patience
        self._changed = Condition()
        self._newest: Numbered | None = None
        self.seq = seq
        """The number of the next picture."""
        self._ended = False
        self._stopping = Event()
        supervise_thread("network camera", self._run, restart=False)

    @property
    def ended(self) -> bool:
        """True if the camera was given up and its last picture taken."""
        return self._ended and self._newest is None

    def take(self, timeout: float) -> Numbered | None:
        """The newest picture not taken yet; None after `timeout` seconds or when the camera was given up."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._ended, timeout)
            newest, self._newest = self._newest, None
            return newest

    def stop(self) -> None:
        """Return at once; the thread hangs up within `POLL`, or what its present wait takes."""
        self._stopping.set()

    def _run(self) -> None:
        try:
            self._stay_connected()
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _stay_connected(self) -> None:
        lost: float | None = None
        pause = self._patience.first
        while not self._stopping.is_set():
            before = self.seq
            self._session()
            if self.seq > before or lost is None:
                lost, pause = time.monotonic(), self._patience.first
            elif time.monotonic() - lost > self._patience.total:
                return
            self._stopping.wait(pause)
            pause = min(2 * pause, self._patience.longest)

    def _session(self) -> None:
        """Deliver until the connection is lost or `stop`."""
        link, self._link = self._link, None
        try:
            link = link or self._connect()
            while not self._stopping.is_set():
                shot = link.picture(POLL)
                if shot is not None:
                    self._put(shot)
        except LinkError:  # expected of a network; `_stay_connected` decides how often
            return
        finally:
            if link is not None:
                link.close()

    def _put(self, shot: Shot) -> None:
        with self._changed:
            self._newest = Numbered(self.seq, time.monotonic(), shot)
            self.seq += 1
            self._changed.notify_all()
