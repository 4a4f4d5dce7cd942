"""Presses of the shutter, faster than pictures are worked on: none is dropped, and each is of its moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.test_tray import clerk

if TYPE_CHECKING:
    from tests.browser.conftest import Served
    from tests.browser.desk import Desk

__all__ = ["clerk"]

pytestmark = pytest.mark.browser

WATCH = """() => {
    window.most = 0;
    const rows = document.getElementById('sheets');
    new MutationObserver(() => { most = Math.max(most, rows.querySelectorAll('.coming').length); })
        .observe(rows, { childList: true });
}"""
SLOWLY = """() => {
    const take = gaopai.captureBase64.bind(gaopai);
    gaopai.captureBase64 = async (...asked) => {
        const taken = await take(...asked);
        await new Promise((resolve) => setTimeout(resolve, 1500));
        return taken;
    };
}"""
"""Makes the answer to a capture late, as a busy computer does: the presses meet one that is not done."""
APART_MS = 170
"""Three presses in half a second."""


def test_three_presses_in_half_a_second_are_three_pages(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("3264 × 2448")
    page.locator("#options label:has(input[name=cropType][value='1'])").click()
    page.evaluate(WATCH)
    page.evaluate(SLOWLY)
    for _ in range(3):
        page.click("#shutter")
        page.wait_for_timeout(APART_MS)
    clerk.sheets.nth(2).wait_for()
    assert page.evaluate("most") == 3, "each has its place at once"
    page.wait_for_selector("#shutter[aria-busy=false]")
    page.wait_for_selector(".coming", state="detached")
    assert clerk.sheets.count() == 3
    assert page.get_attribute("#notice", "data-kind") != "error", page.text_content("#notice")


def test_each_press_of_the_cameras_button_is_a_page(clerk: Desk, served: Served) -> None:
    page = clerk.page
    clerk.open("3264 × 2448")
    for _ in range(3):
        served.press_button()
        page.wait_for_timeout(APART_MS)
    clerk.sheets.nth(2).wait_for()


def test_a_press_that_fails_leaves_no_place(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    page.evaluate("() => { gaopai.captureBase64 = () => Promise.reject(new Error('It does not answer.')); }")
    page.click("#shutter")
    page.wait_for_selector("#notice[data-kind=error]")
    page.wait_for_selector(".coming", state="detached")
    assert page.get_attribute("#shutter", "aria-busy") == "false"


def test_a_card_waits_for_its_first_side_and_says_so(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("3264 × 2448")
    page.click("#card-tile")
    page.evaluate(SLOWLY)
    page.click("#shutter")
    page.click("#shutter")
    page.wait_for_selector("#notice:has-text('The side before')")
    page.wait_for_selector("#compose-front[src]")
    page.wait_for_selector("#shutter[aria-busy=false]")
    assert page.get_attribute("#compose-back", "src") is None
    assert clerk.sheets.count() == 0
