"""The capture station as a clerk uses it, and what is measured of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.browser import older
from benchmarks.browser.screencast import VIEWPORT, Box, Screencast

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PROBE = Path(__file__).with_name("probe.js")
PATIENCE_MS = 60_000
REST_SECONDS = 1.0
"""By then a picture that was taken is on the screen."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Seconds from the shutter, and from the arrival of the answer, until the picture is on the screen."""

    from_shutter: float
    from_answer: float


@contextlib.contextmanager
def open_station(browser: Browser, address: str, files: dict[str, bytes] | None) -> Iterator[Station]:
    """A window with the capture station; `files` take the place of the service's."""
    with browser.new_context(viewport=VIEWPORT, locale="en-US") as context:
        if files is not None:
            older.serve(context, address, files)
        yield Station(context.new_page(), address)


class Station:
    """One page of the service, with the document camera."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(path=PROBE)
        page.goto(address)
        page.wait_for_selector("#connection[data-state=open]")
        self._session = page.context.new_cdp_session(page)
        self._screencast = Screencast(page, self._session)

    def wait(self, seconds: float) -> None:
        """Let the page go on."""
        self._page.wait_for_timeout(seconds * 1000)

    def open(self, resolution: str) -> None:
        """Open the camera and wait for its picture."""
        self._page.wait_for_selector("#open:not([disabled])")
        self._page.select_option("#resolution", label=resolution)
        self._page.click("#open")
        self._page.wait_for_selector("#shutter:not([disabled])")

    def close(self) -> None:
        """Close the camera."""
        self._page.click("#open:not([disabled])")
        self._page.wait_for_selector("#picture", state="hidden")

    def choose(self, name: str, value: int) -> None:
        """Choose an image option, and let the service take it."""
        self._page.eval_on_selector(f"#options input[name={name}][value='{value}']", "(it) => it.click()")
        self.wait(0.5)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Count pictures meanwhile, which costs the page more than showing them."""
        self._page.evaluate("probe.watch()")
        try:
            yield
        finally:
            self._page.evaluate("probe.rest()")

    def shown(self) -> int:
        """Return how many different pictures of the camera could be seen while it was watched."""
        count: int = self._page.evaluate("probe.shown")
        return count

    @contextlib.contextmanager
    def throttled(self, times: int) -> Iterator[None]:
        """Slow the page's main thread down."""
        self._session.send("Emulation.setCPUThrottlingRate", {"rate": times})
        try:
            yield
        finally:
            self._session.send("Emulation.setCPUThrottlingRate", {"rate": 1})

    def nodes(self) -> int:
        """Return how many DOM nodes there are after the garbage was collected."""
        self._session.send("HeapProfiler.collectGarbage")
        count: int = self._session.send("Memory.getDOMCounters")["nodes"]
        return count

    def shoot(self) -> Shot:
        """Press the shutter, wait for the picture, and take it away again."""
        self._page.evaluate("probe.arm()")
        self._screencast.start()
        self._page.click("#shutter")
        self._page.wait_for_selector("#shown:not([hidden])")
        self.wait(REST_SECONDS)
        since = self._screencast.stop(Box(*self._page.evaluate("probe.box()")))
        pressed, answered = self._page.evaluate("[probe.pressed, probe.answered]")
        self._page.click("#shown-remove")
        self._page.wait_for_selector("#shown", state="hidden")
        return Shot(since - pressed / 1000, since - answered / 1000)
