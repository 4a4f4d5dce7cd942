"""Headless Chromium, and what it complains about."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.browser import chromium as launcher
from benchmarks.browser.chromium import NoBrowser

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

__all__ = ["Complaints", "NoBrowser", "chromium"]

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A new page's process would work half a second before it shows anything.
    "--process-per-site",
)


chromium = partial(launcher.chromium, ARGUMENTS)
"""Chromium as tests need it."""


@dataclass
class Complaints:
    """Console errors, uncaught exceptions and content security policy violations of a page.

    Chromium reports a violation of the policy as a console error.
    """

    heard: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Collect from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.heard.append(message.text)
