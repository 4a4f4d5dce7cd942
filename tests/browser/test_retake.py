"""A page that is taken anew lies where it lay."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.scan_desk import ScanDesk
from tests.browser.test_tray import add, clerk, pictures

if TYPE_CHECKING:
    from tests.browser.desk import Desk

__all__ = ["clerk"]

pytestmark = pytest.mark.browser

NAMES = "(files) => files.map((file) => file.textContent)"


def test_the_next_picture_takes_the_place_of_a_page(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    add(clerk, pictures(tmp_path, 3))
    clerk.sheets.nth(1).locator("input").uncheck()
    clerk.sheets.nth(1).locator(".thumb").click()
    page.click("#shown-retake")
    assert "page 2" in page.inner_text("#shown-retaken")
    page.click("#shutter")
    page.wait_for_selector("#shown-retaken", state="hidden")
    assert clerk.sheets.count() == 3
    files = clerk.sheets.locator(".file")
    assert files.evaluate_all(NAMES) == ["page-01.png", "camera", "page-03.png"]
    assert not clerk.sheets.nth(1).locator("input").is_checked(), "it is as it was in all else"
    # The one after stands at the end again.
    page.click("#shutter")
    clerk.sheets.nth(3).wait_for()
    page.click("#tray-undo")
    page.wait_for_function("() => document.querySelectorAll('.file')[1].textContent === 'page-02.png'")
    assert files.evaluate_all(NAMES) == ["page-01.png", "page-02.png", "page-03.png", "camera"]


def test_taking_anew_is_given_up_by_a_button_and_with_the_page(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 2))
    page.click("#shown-retake")
    page.click("#shown-unretake")
    assert page.is_hidden("#shown-retaken")
    page.click("#shown-open")
    page.click("#viewer-retake")
    assert page.is_hidden("#viewer")
    assert page.is_visible("#shown-retaken")
    page.click("#shown-remove")
    assert page.is_hidden("#shown-retaken")


def test_a_scan_takes_the_place_of_a_page_and_what_takes_pages_is_shown(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 2))
    page.click("#tab-card")
    clerk.sheets.nth(0).locator(".thumb").click()
    page.click("#shown-retake")
    page.wait_for_selector("#panel-camera:visible")
    page.click("#tab-scanner")
    tab = ScanDesk(page)
    tab.choose()
    tab.scan()
    assert clerk.sheets.nth(1).locator(".file").inner_text() == "page-02.png"
    assert clerk.sheets.nth(0).locator(".file").inner_text() != "page-01.png"
