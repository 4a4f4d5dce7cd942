"""How far a batch has come, for whoever watches it."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable
from typing import Protocol, TextIO

_REDRAW_SECONDS = 0.1
_RATE_FILES = 200
"""The rate is that of the last so many files: steady, and yet soon right after a change."""
_WIDTH = 24


class Progress(Protocol):
    """Somebody who watches a batch."""

    def expect(self, files: int) -> None:
        """How many files there are, once that is known."""

    def file_done(self, failed: bool) -> None:
        """One more file is finished; or was before, or failed."""

    def page_done(self) -> None:
        """One more page is finished."""

    def close(self) -> None:
        """The batch has ended."""


class Quiet:
    """Nobody watches: there is no bar in a log file."""

    def expect(self, files: int) -> None:
        """See `Progress`."""

    def file_done(self, failed: bool) -> None:
        """See `Progress`."""

    def page_done(self) -> None:
        """See `Progress`."""

    def close(self) -> None:
        """See `Progress`."""


class Bar:
    """A line at the bottom of a terminal: files, pages, rate, time left, failures.

    Parameters
    ----------
    stream
        A terminal.
    clock
        Gives seconds, from any start.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._begun = clock()
        self._drawn = float("-inf")
        self._files = self._pages = self._failed = 0
        self._total: int | None = None
        self._times = deque([self._begun], maxlen=_RATE_FILES)

    def expect(self, files: int) -> None:
        """See `Progress`."""
        self._total = files

    def file_done(self, failed: bool) -> None:
        """See `Progress`."""
        self._files += 1
        self._failed += failed
        self._times.append(self._clock())
        self._draw()

    def page_done(self) -> None:
        """See `Progress`."""
        self._pages += 1
        self._draw()

    def close(self) -> None:
        """See `Progress`."""
        self._draw(now=True)
        print(file=self._stream, flush=True)

    def line(self) -> str:
        """What the line says now."""
        parts = [self._share(), f"{self._pages} pages", f"{self._rate():.1f}/s"]
        if self._total is not None and self._rate() > 0:
            parts.append(f"{_duration((self._total - self._files) / self._rate())} left")
        else:
            parts.append(_duration(self._clock() - self._begun))
        if self._failed:
            parts.append(f"{self._failed} failed")
        return ", ".join(parts)

    def _draw(self, now: bool = False) -> None:
        if not now and self._clock() - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = self._clock()
        room = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r{self.line()[:room]}\x1b[K")
        self._stream.flush()

    def _share(self) -> str:
        if not self._total:
            return f"{self._files} files"
        filled = round(_WIDTH * min(1.0, self._files / self._total))
        return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {self._files}/{self._total} files"

    def _rate(self) -> float:
        """Files a second."""
        elapsed = self._clock() - self._times[0]
        return (len(self._times) - 1) / elapsed if elapsed > 0 else 0.0


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
