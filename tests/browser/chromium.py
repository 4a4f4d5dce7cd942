"""Headless Chromium, and what it complains about."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

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


class NoBrowser(RuntimeError):
    """Chromium or Playwright is missing; the text says which."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, closed afterwards.

    Raises
    ------
    NoBrowser
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as exc:
        raise NoBrowser("playwright is not installed") from exc
    executable = shutil.which("chromium")
    if executable is None:
        raise NoBrowser("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


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
