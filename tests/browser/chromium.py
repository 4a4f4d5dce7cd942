"""Headless Chromium, and what it complains about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from benchmarks.browser import chromium as launcher
from benchmarks.browser.chromium import NoBrowser
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

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


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium as tests need it."""
    with launcher.chromium(ARGUMENTS) as browser, _limited():
        yield browser


@contextmanager
def _limited() -> Iterator[None]:
    """Every call of Playwright ends: it sets no limit to `evaluate`, whose promise may never be kept."""
    from playwright._impl._sync_base import SyncBase

    wait = SyncBase._sync

    def limited(self: SyncBase, call: Awaitable[object]) -> object:
        return wait(self, _within(call))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SyncBase, "_sync", limited)
        yield


async def _within(call: Awaitable[object]) -> object:
    # Those that have a limit of their own, three times that at most, say better what did not come.
    async with asyncio.timeout(3 * PATIENCE + 10):
        return await call


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
