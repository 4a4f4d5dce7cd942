"""A case in two windows of one browser: one works on it, and hands over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.desk import Desk
from tests.browser.test_tray import add, again, clerk, kept, order, pictures

if TYPE_CHECKING:
    from tests.browser.conftest import Served

__all__ = ["clerk"]

pytestmark = pytest.mark.browser


def second(clerk: Desk, served: Served) -> Desk:
    """Another window, which has seen that the first one works on the case."""
    other = again(clerk.page.context, served.address)
    other.page.wait_for_selector("#elsewhere:has-text('Another window')")
    return other


def test_the_second_window_takes_over_when_the_first_leaves(
    clerk: Desk, served: Served, tmp_path: Path
) -> None:
    first, late = pictures(tmp_path, 2)
    add(clerk, [first])
    kept(clerk.page, 1)
    other = second(clerk, served)
    add(other, [late])
    clerk.page.close()
    other.page.wait_for_selector("#elsewhere", state="hidden")
    other.page.wait_for_selector("#case-notice:has-text('keeps the case now')")
    assert order(other) == [1, 2]
    kept(other.page, 2)
    other.page.reload()
    other.sheets.nth(1).wait_for()
    assert order(other) == [1, 2]


def test_the_case_goes_where_somebody_wants_it_and_back(clerk: Desk, served: Served, tmp_path: Path) -> None:
    add(clerk, pictures(tmp_path, 3))
    other = second(clerk, served)
    other.page.click("#case-here")
    other.sheets.nth(2).wait_for()
    clerk.page.wait_for_selector("#elsewhere")
    assert clerk.sheets.count() == 0, "two windows would write over each other"
    other.do(0, "later")
    other.do(2, "remove")
    kept(other.page, 2)
    clerk.page.click("#case-here")
    clerk.sheets.nth(1).wait_for()
    assert order(clerk) == [2, 1]
    other.page.wait_for_selector("#elsewhere")
    clerk.page.click("#tray-undo")
    assert clerk.sheets.count() == 3


def test_a_window_that_does_not_answer_is_not_waited_for(clerk: Desk, served: Served, tmp_path: Path) -> None:
    add(clerk, pictures(tmp_path, 2))
    kept(clerk.page, 2)
    other = second(clerk, served)
    # As one that its browser has frozen.
    other.page.evaluate("() => { BroadcastChannel.prototype.postMessage = () => {}; }")
    other.page.click("#case-here")
    other.sheets.nth(1).wait_for()
    clerk.page.wait_for_selector("#elsewhere")
