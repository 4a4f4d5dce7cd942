"""The computer's clock, and whether it can be believed after the service was not there for a while."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import time
from collections.abc import Callable
from pathlib import Path

from server.storage.atomic import write_private

log = logging.getLogger(__name__)

NAME = "clock"
"""File in the service's own folder, with the time that was seen last, in seconds since 1970."""
LEAP_SECONDS = 10 * 86_400.0
"""Time in seconds that a computer may have been off without a question: the longest holidays have nine
days."""
NEAR_SECONDS = 60.0
"""Difference in seconds up to which the kernel's time and the one read here are one clock's."""
TIME_ERROR = 5
"""Answer of adjtimex(2): the clock is not synchronised."""


class _Timex(ctypes.Structure):
    """Beginning of ``struct timex``; with `modes` 0 nothing is set."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("rest", ctypes.c_byte * 512),
    )


def is_synchronised() -> bool:
    """Return whether the kernel says that the clock was set by a server of time, and is the one read here."""
    kernel = _Timex()
    try:
        answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(kernel))
    except AttributeError:
        return False
    return answer not in (-1, TIME_ERROR) and abs(kernel.seconds - time.time()) < NEAR_SECONDS


class SeenClock:
    """Time that was seen last, kept on disk, so that a clock which is wrong at the start is noticed.

    A dead battery, a wrong year or a restored machine sets a clock years ahead: files would seem to be over
    their days. Such a leap is believed when the clock is synchronised, or when somebody removes the file.

    Parameters
    ----------
    folder
        Makes and returns the service's own folder; blocks.
    synchronised
        Returns whether the clock is known to be right.
    """

    def __init__(
        self, folder: Callable[[], Path], synchronised: Callable[[], bool] = is_synchronised
    ) -> None:
        self._folder = folder
        self._synchronised = synchronised

    def is_plausible(self, now: float) -> bool:
        """Return whether a time may be the present one, and note it if so; blocks.

        Raises
        ------
        OSError, server.errors.GaopaiError
            The disk has or takes nothing.
        """
        path = self._folder() / NAME
        seen = _read(path)
        synchronised = seen is not None and now - seen > LEAP_SECONDS and self._synchronised()
        if seen is not None and now - seen > LEAP_SECONDS and not synchronised:
            days = (now - seen) / 86_400
            log.warning(
                "retention: the clock is %.0f days after the last time that was seen; nothing is removed "
                "until it is synchronised, or set right, or until somebody removes %s because it is right",
                days,
                path,
            )
            return False
        # A clock that was set back is not noted: when it is right again, that would be a leap.
        if seen is None or now > seen:
            write_private(path, f"{now:.0f}\n".encode())
        return True


def _read(path: Path) -> float | None:
    with contextlib.suppress(FileNotFoundError, ValueError):
        return float(path.read_text("ascii"))
    return None
