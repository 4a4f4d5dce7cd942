"""The number of a case names its files, lives as long as its pages, and is told to the service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.scan_desk import ScanDesk
from tests.browser.test_tray import add, clerk, kept, pictures

if TYPE_CHECKING:
    from tests.browser.conftest import Served
    from tests.browser.desk import Desk

__all__ = ["clerk"]

pytestmark = pytest.mark.browser


def merged(desk: Desk) -> str:
    """Merge and return the name of what was made."""
    desk.page.click("#merge-button")
    desk.page.wait_for_selector("#case-notice[data-kind=info]:has-text('merged')")
    return desk.page.inner_text("#document-name")


def test_files_begin_with_the_number_of_their_case(clerk: Desk, served: Served, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 2))
    page.fill("#case-number", "2026/118")
    assert merged(clerk) == "2026-118-0001.pdf"
    page.click("#case-notice [data-i18n-label=dismiss]")
    page.fill("#merge-name", "form")
    assert merged(clerk) == "2026-118-form.pdf"
    assert {"2026-118-0001.pdf", "2026-118-form.pdf"} <= {path.name for path in served.root.iterdir()}
    page.click("#tab-scanner")
    tab = ScanDesk(page)
    tab.choose()
    tab.scan()
    assert all(path.name.startswith("2026-118-") for path in tab.files()[2:])
    assert len(tab.files()) > 2


def test_a_number_outlives_a_reload_and_goes_with_its_pages(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 1))
    page.fill("#case-number", "A 7")
    page.locator("#case-number").blur()
    kept(page, 1)
    page.reload()
    page.wait_for_function("() => document.getElementById('case-number').value === 'A 7'")
    clerk.sheets.nth(0).wait_for()
    page.click("#tray-clear")
    assert page.input_value("#case-number") == "", "the next customer has another one"
    page.click("#tray-undo")
    assert page.input_value("#case-number") == "A 7"
