"""The service with demo devices, a browser, and a page that must have nothing to complain about."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import Complaints, NoBrowser, chromium
from tests.browser.desk import Desk
from tests.browser.inbox import Inbox, inbox
from tests.browser.site import site
from tests.patience import PATIENCE, PATIENCE_MS
from tests.service import SLOW_CAMERAS, Service, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


SETTINGS = """
[access]
origins = ["{allowed}"]
[upload]
allow = ["{inbox}"]
retry = true
[faces]
wait_seconds = {patience}
"""


WHOLE = "localStorage['gaopai.options'] ??= '{\"cropType\":0}'"
"""Whole pictures unless a test says otherwise, whose sizes are known."""


@dataclass(frozen=True)
class Served:
    """The running service, two sites of other origins of which it knows one, and where it may upload to."""

    address: str
    root: Path
    allowed: str
    foreign: str
    inbox: Inbox
    service: Service

    @property
    def socket(self) -> str:
        return self.address.replace("http", "ws", 1)

    def press_button(self) -> None:
        """Press the button of the demo camera."""
        self.service.process.send_signal(signal.SIGUSR1)


# A module's end, not the session's: while Playwright's own loop runs, no other test could start one.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        with chromium() as browser:
            yield browser
    except NoBrowser as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with site() as allowed, site() as foreign, inbox() as kept:
        settings = SETTINGS.format(allowed=allowed, inbox=kept.origin, patience=round(PATIENCE))
        with running(tmp_path_factory.mktemp("served"), settings, through=SLOW_CAMERAS) as service:
            yield Served(f"{service.http}/", service.folder / "pictures", allowed, foreign, kept, service)


@pytest.fixture(scope="module")
def first_page(browser: Browser, served: Served) -> Iterator[Page]:
    """A page of the service that stays open, 1360 x 1080, English, with the log; later ones share it."""
    with browser.new_context(viewport={"width": 1360, "height": 1080}, locale="en-US") as context:
        context.set_default_timeout(PATIENCE_MS)
        # Of messages and their order the log tells, which a clerk does not see.
        context.add_init_script("localStorage.setItem('gaopai.developer', 'on')")
        context.add_init_script(WHOLE)
        page = context.new_page()
        page.goto(f"{served.address}gaopai.js")
        yield page


@pytest.fixture
def page(first_page: Page) -> Iterator[Page]:
    """An empty page of a browser that remembers nothing and allows nothing."""
    forget(first_page)
    with first_page.context.new_page() as page:
        yield page


def forget(page: Page) -> None:
    """Take away all that pages stored or were allowed."""
    page.context.clear_cookies()
    page.context.clear_permissions()
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    session.detach()


@pytest.fixture
def desk(page: Page, served: Served) -> Iterator[Desk]:
    """The demo page; a console error or a violation of its policy at any time fails the test."""
    complaints = Complaints()
    complaints.listen(page)
    page.goto(served.address)
    page.wait_for_selector("#connection[data-state=open]")
    yield Desk(page)
    assert complaints.heard == []
