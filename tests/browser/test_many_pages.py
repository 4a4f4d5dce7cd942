"""Several pages of a case at once, the way back after a reload, and a whole case by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.desk import Desk
from tests.browser.test_tray import add, clerk, order, pictures

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["clerk"]

pytestmark = pytest.mark.browser

STEPS_KEPT = """async (count) => {
    const database = await new Promise((resolve) => {
        const asked = indexedDB.open('gaopai');
        asked.onsuccess = () => resolve(asked.result);
    });
    try {
        const steps = database.transaction('steps').objectStore('steps').getAll();
        return await new Promise((resolve) => {
            steps.onsuccess = () => resolve(steps.result.length === count);
        });
    } finally {
        database.close();
    }
}"""
LANDSCAPE = "() => [...document.querySelectorAll('.sheet canvas')].map(({ width, height }) => width > height)"
MOST_TABS = 10


def chosen(desk: Desk) -> list[int]:
    """The places of the pages that are worked on together."""
    return [int(text) for text in desk.page.locator(".sheet.chosen .number").all_inner_texts()]


def walk_to(page: Page, selector: str, most: int) -> int:
    """Press the Tab key until an element is reached; return the number of presses."""
    for steps in range(1, most + 1):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return steps
    raise AssertionError(f"{selector} is more than {most} steps away")


def test_a_range_is_turned_in_one_step_and_back_after_a_reload(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 5))
    clerk.sheets.nth(1).locator(".thumb").click()
    clerk.sheets.nth(3).locator(".thumb").click(modifiers=["Shift"])
    assert chosen(clerk) == [2, 3, 4]
    clerk.sheets.nth(2).locator(".thumb").click(modifiers=["Control"])
    assert chosen(clerk) == [2, 4]
    page.click("#shown-right")
    page.wait_for_function(f"() => ({LANDSCAPE})().filter(Boolean).length === 2")
    assert page.evaluate(LANDSCAPE) == [False, True, False, True, False]
    page.wait_for_function(STEPS_KEPT, arg=1)
    page.reload()
    clerk.sheets.nth(4).wait_for()
    page.wait_for_function(f"() => ({LANDSCAPE})().filter(Boolean).length === 2")
    page.click("#tray-undo")
    page.wait_for_function(f"() => ({LANDSCAPE})().every((across) => !across)")
    page.wait_for_function(STEPS_KEPT, arg=0)
    assert page.is_disabled("#tray-undo")


def test_several_go_and_come_back_where_they_were(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 5))
    clerk.sheets.nth(3).locator(".thumb").click()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    assert chosen(clerk) == [2, 3, 4]
    page.keyboard.press("Delete")
    assert order(clerk) == [1, 5]
    page.wait_for_selector("#case-notice:has-text('3')")
    page.wait_for_function(STEPS_KEPT, arg=1)
    page.reload()
    clerk.sheets.nth(1).wait_for()
    page.keyboard.press("Control+z")
    assert order(clerk) == [1, 2, 3, 4, 5]
    clerk.sheets.nth(0).locator(".thumb").focus()
    page.keyboard.press("Control+a")
    assert chosen(clerk) == [1, 2, 3, 4, 5]


def test_what_was_removed_long_ago_is_not_on_the_disk(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 2))
    page.click("#tray-clear")
    page.wait_for_function(STEPS_KEPT, arg=1)
    page.add_init_script("{ const now = Date.now; Date.now = () => now() + 601_000; }")
    page.reload()
    page.wait_for_function(STEPS_KEPT, arg=0)
    assert page.is_disabled("#tray-undo")


def test_several_are_dragged_together(clerk: Desk, tmp_path: Path) -> None:
    add(clerk, pictures(tmp_path, 5))
    clerk.sheets.nth(0).locator(".thumb").click()
    clerk.sheets.nth(1).locator(".thumb").click(modifiers=["Shift"])
    target = clerk.sheets.nth(3)
    box = target.bounding_box()
    assert box is not None
    clerk.sheets.nth(1).drag_to(target, target_position={"x": box["width"] - 5, "y": box["height"] / 2})
    assert order(clerk) == [3, 4, 1, 2, 5]
    assert chosen(clerk) == [3, 4]


def test_small_pictures_are_as_large_as_somebody_likes(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 2))
    usual = clerk.sheets.nth(0).bounding_box()
    page.locator("#thumbnail-size").press("ArrowRight")
    large = clerk.sheets.nth(0).bounding_box()
    assert usual is not None and large is not None
    assert large["width"] > 1.4 * usual["width"]
    page.reload()
    clerk.sheets.nth(1).wait_for()
    assert clerk.sheets.nth(0).bounding_box() == large


def test_ten_tabs_lead_from_the_picture_to_the_document(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 12))
    page.wait_for_selector("#merge-button:not([disabled])")
    page.focus("#shown-open")
    assert walk_to(page, "#merge-button", MOST_TABS) <= MOST_TABS


def test_a_whole_case_needs_no_mouse(clerk: Desk) -> None:
    page = clerk.page
    page.wait_for_selector("#open:not([disabled])")
    if page.get_attribute("#open", "data-state") == "closed":
        page.focus("#open")
        page.keyboard.press("Enter")
    page.wait_for_selector("#shutter:not([disabled])")
    for count in (1, 2):
        page.keyboard.press("Space")
        clerk.sheets.nth(count - 1).wait_for()
        page.wait_for_selector("#shutter[aria-busy=false]")
    walk_to(page, "#shown-open", 25)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "shown-right"
    page.keyboard.press("Enter")
    page.wait_for_selector("#shown[aria-busy=false]")
    walk_to(page, ".sheet.selected .thumb", 5)
    page.keyboard.press("Alt+ArrowLeft")
    assert chosen(clerk) == [1]
    walk_to(page, "#merge-name", 5)
    page.keyboard.type("by-keyboard")
    page.keyboard.press("Enter")
    # A name needs no suffix: the format says it.
    page.wait_for_selector("#document-name:has-text('by-keyboard.pdf')")


def test_a_manual_crop_begins_around_what_was_found(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    page.locator("#options label:has(input[name=cropType][value='1'])").click()
    page.wait_for_selector("#in-sight[data-found=true]")
    page.click("#options .more-button")
    page.locator("#options label:has(input[name=cropType][value='4'])").click()
    # The sheet makes room for what is to be drawn.
    page.wait_for_selector("#options-drawer", state="hidden")
    page.wait_for_selector("#crop")
    # A hand that has drawn nothing yet would begin with eight tenths of the picture.
    height, width = clerk.shoot().shape[:2]
    assert 0.3 < width / height < 0.85
    assert height > 400
