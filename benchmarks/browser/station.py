"""The capture station as a clerk uses it, and what is measured of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.browser.screencast import HEIGHT, WIDTH, Box, Screencast
from benchmarks.browser.tab import Tab, open_tab

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROBE = Path(__file__).with_name("probe.js")
REST_SECONDS = 1.0
"""By then a picture that was taken is on the screen."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Seconds from the shutter, and from the arrival of the answer, until the picture is on the screen."""

    from_shutter: float
    from_answer: float


@contextlib.contextmanager
def open_station(browser: Browser, address: str) -> Iterator[Station]:
    """A tab with the capture station."""
    with open_tab(browser, WIDTH, HEIGHT) as tab:
        yield Station(tab, address)


class Station:
    """One page of the service, with the document camera."""

    def __init__(self, tab: Tab, address: str) -> None:
        self._tab = tab
        tab.send("Page.enable")
        tab.send("Page.addScriptToEvaluateOnNewDocument", source=PROBE.read_text(encoding="utf-8"))
        tab.send("Page.navigate", url=address)
        tab.until("document.querySelector('#connection[data-state=open]') && !!window.probe")
        self._screencast = Screencast(tab)

    def wait(self, seconds: float) -> None:
        """Let the page go on."""
        self._tab.wait(seconds)

    def open(self, resolution: str) -> None:
        """Open the camera and wait for its picture."""
        self._tab.until("!document.getElementById('open').disabled")
        self._tab.evaluate(f"document.getElementById('resolution').value = {resolution!r}")
        self._click("open")
        self._tab.until("!document.getElementById('shutter').disabled")

    def close(self) -> None:
        """Close the camera."""
        self._tab.until("!document.getElementById('open').disabled")
        self._click("open")
        self._tab.until("document.getElementById('picture').hidden")

    def choose(self, name: str, value: int) -> None:
        """Choose an image option, and let the service take it."""
        option = f"#options input[name={name}][value='{value}']"
        self._tab.evaluate(f'document.querySelector("{option}").click()')
        self.wait(0.5)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Count pictures meanwhile, which costs the page more than showing them."""
        self._tab.evaluate("probe.watch()")
        try:
            yield
        finally:
            self._tab.evaluate("probe.rest()")

    def shown(self) -> int:
        """Return how many different pictures of the camera could be seen while it was watched."""
        count: int = self._tab.evaluate("probe.shown")
        return count

    @contextlib.contextmanager
    def throttled(self, times: int) -> Iterator[None]:
        """Slow the page's main thread down."""
        self._tab.send("Emulation.setCPUThrottlingRate", rate=times)
        try:
            yield
        finally:
            self._tab.send("Emulation.setCPUThrottlingRate", rate=1)

    def nodes(self) -> int:
        """Return how many DOM nodes there are after the garbage was collected."""
        self._tab.send("HeapProfiler.collectGarbage")
        count: int = self._tab.send("Memory.getDOMCounters")["nodes"]
        return count

    def shoot(self) -> Shot:
        """Press the shutter, wait for the picture, and take it away again."""
        self._tab.evaluate("probe.arm()")
        self._screencast.start()
        self._click("shutter")
        self._tab.until("!document.getElementById('shown').hidden")
        self.wait(REST_SECONDS)
        since = self._screencast.stop(Box(*self._tab.evaluate("probe.box()")))
        pressed, answered = self._tab.evaluate("[probe.pressed, probe.answered]")
        self._click("shown-remove")
        self._tab.until("document.getElementById('shown').hidden")
        return Shot(since - pressed / 1000, since - answered / 1000)

    def _click(self, name: str) -> None:
        self._tab.evaluate(f"document.getElementById('{name}').click()")
