"""Headless Chromium, with the processor time of all its processes."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.reliability.service import descendants

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")


class NoBrowser(Exception):
    """Raised where Chromium or Playwright is missing; the text says which."""


@contextlib.contextmanager
def chromium(arguments: Sequence[str] = ARGUMENTS) -> Iterator[Browser]:
    """The system's Chromium, closed afterwards.

    Raises
    ------
    NoBrowser
    """
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 (it may be missing)
    except ImportError as exc:
        raise NoBrowser("playwright is not installed") from exc
    executable = shutil.which("chromium")
    if executable is None:
        raise NoBrowser("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*arguments])
        try:
            yield browser
        finally:
            browser.close()


@dataclass(frozen=True, slots=True)
class ProcessorTimes:
    """Seconds of a processor that were spent between two moments, and those that passed.

    Attributes
    ----------
    browser, service
        All processes of each.
    machine
        All processes there are.
    """

    wall: float
    browser: float
    service: float
    machine: float

    @property
    def others(self) -> float:
        """Share of the machine's processors that other programs took; this one's own is among them."""
        return max(0.0, self.machine - self.browser - self.service) / (self.wall * (os.cpu_count() or 1))


class ProcessorClock:
    """Reads processor times of the browser that this process started, and of a service."""

    def __init__(self, service: int) -> None:
        self._service = service
        self._start = self._read()

    def restart(self) -> None:
        """Count from now on."""
        self._start = self._read()

    def read(self) -> ProcessorTimes:
        """Return what was spent since the start."""
        now = self._read()
        return ProcessorTimes(*(end - begin for begin, end in zip(self._start, now, strict=True)))

    def _read(self) -> tuple[float, float, float, float]:
        browser = [pid for pid in descendants(os.getpid()) if _is_chromium(pid)]
        service = [self._service, *descendants(self._service)]
        return time.monotonic(), sum(map(_spent, browser)), sum(map(_spent, service)), _busy()


def _is_chromium(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/exe").resolve().name == "chromium"
    return False


def _spent(pid: int) -> float:
    """Return seconds of a process, in nanoseconds' steps; 0 if it has ended."""
    with contextlib.suppress(OSError):
        return time.clock_gettime((~pid << 3) | 2)
    return 0.0


def _busy() -> float:
    fields = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:]]
    user, nice, system, _idle, _iowait, irq, softirq, *_ = fields
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
