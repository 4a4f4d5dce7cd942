"""The whole case by fingers alone: nothing is pressed unseen, and all is as large as a fingertip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import Complaints
from tests.browser.conftest import WHOLE
from tests.browser.desk import Desk
from tests.browser.test_tray import add, order, pictures
from tests.patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

FINGERTIP = 44
"""Least side in pixels of what a finger is to hit."""
SMALL = """(least) => [...document.querySelectorAll('button, select, .button, label:has(> input)')]
    .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, { width, height }]) => width > 0 && Math.min(width, height) < least - 0.5)
    .map(([one, { width, height }]) => `${one.id || one.className} ${width} x ${height}`)"""


@pytest.fixture
def finger(browser: Browser, served: Served) -> Iterator[Desk]:
    """The page on a screen of 1024 x 600 that is touched."""
    size = {"width": 1024, "height": 600}
    with browser.new_context(viewport=size, locale="en-US", has_touch=True) as context:
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(WHOLE)
        page = context.new_page()
        complaints = Complaints()
        complaints.listen(page)
        page.goto(served.address)
        yield Desk(page)
        assert complaints.heard == []


def tap(desk: Desk, across: float, down: float, page: int) -> None:
    """Tap a page of the tray, at shares of its width and height."""
    row = desk.sheets.nth(page)
    row.scroll_into_view_if_needed()
    box = row.bounding_box()
    assert box is not None
    desk.page.touchscreen.tap(box["x"] + across * box["width"], box["y"] + down * box["height"])


def test_a_tap_on_a_page_does_nothing_that_is_not_seen(finger: Desk, tmp_path: Path) -> None:
    add(finger, pictures(tmp_path, 4))
    for across in (0.1, 0.3, 0.6, 0.9):
        for page in (0, 2):
            tap(finger, across, 0.75, page)
            assert not finger.page.is_visible("#viewer"), "it was not the page that is looked at"
    assert order(finger) == [1, 2, 3, 4]


def test_pages_are_put_in_order_by_taps(finger: Desk, tmp_path: Path) -> None:
    add(finger, pictures(tmp_path, 3))
    tap(finger, 0.5, 0.4, 0)
    finger.page.wait_for_selector(".sheet.selected:first-child")
    finger.page.tap("#shown-later")
    finger.page.tap("#shown-later")
    assert order(finger) == [2, 3, 1]
    assert finger.page.is_disabled("#shown-later")
    finger.page.tap("#shown-earlier")
    assert order(finger) == [2, 1, 3]


def test_what_a_finger_is_to_hit_is_as_large_as_one(finger: Desk, tmp_path: Path) -> None:
    add(finger, pictures(tmp_path, 3))
    page = finger.page
    assert page.evaluate(SMALL, FINGERTIP) == []
    page.tap("#options .more-button")
    assert page.evaluate(SMALL, FINGERTIP) == []
    page.tap("#options .more-button")
    page.tap("#shown-open")
    page.wait_for_selector("#viewer-image")
    assert page.evaluate(SMALL, FINGERTIP) == []
    page.tap("#viewer-close")
    for tab in ("scanner", "card", "finger", "face"):
        page.tap(f"#tab-{tab}")
        assert page.evaluate(SMALL, FINGERTIP) == [], tab
        if tab == "scanner":
            page.tap("#scan-options .more-button")
            assert page.evaluate(SMALL, FINGERTIP) == [], "its sheet"
            page.tap("#scan-options .more-button")
