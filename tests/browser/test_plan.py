"""The screen is as docs/design-sheet.md plans it: take, look, finish, at each size and in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pytest

from server.devices.ports.camera import Size
from synthetic.scene.desk import Desk as DemoDesk
from synthetic.scene.desk import Scene, moment
from tests.browser.chromium import Complaints
from tests.browser.desk import Desk
from tests.patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

SIZES = {"125 %": (1093, 614), "laptop": (1366, 768), "desktop": (1920, 1080), "touch": (1024, 600)}
SCREENS = [(size, "zh-CN" if at % 2 else "en-US") for at, size in enumerate(SIZES)]
CUT = """() => {
    const measure = document.createElement('canvas').getContext('2d');
    const words = (one) => {
        measure.font = getComputedStyle(one).font;
        return measure.measureText(one.selectedOptions[0].text).width;
    };
    // The mark of a select takes some 20 pixels.
    const room = (one) => one.clientWidth - 2 * parseFloat(getComputedStyle(one).paddingLeft) - 14;
    const flows = (one) => one.scrollWidth > one.clientWidth + 1;
    const short = (one) => (one.matches('select') ? words(one) > room(one) : flows(one));
    return [...document.querySelectorAll('main button, main select, header button, main label > span, .tile')]
        .filter((one) => one.checkVisibility({ opacityProperty: true }))
        .filter((one) => !one.matches('.unseen, .tile select'))
        .filter((one) => one.clientWidth > 0 && !(one.matches('select') && one.selectedIndex < 0))
        .filter(short).map((one) => one.id || one.textContent.trim());
}"""
BASELINES = """() => [...document.querySelectorAll('#options .tile span:last-of-type')]
    .filter((one) => one.checkVisibility())
    .map((one) => Math.round(one.getBoundingClientRect().bottom))"""
MISNAMED = """() => [...document.querySelectorAll('button, a, [role=tab]')]
    .filter((one) => one.checkVisibility() && one.innerText.trim() && one.getAttribute('aria-label'))
    .map((one) => [one.innerText.trim().toLowerCase(), one.getAttribute('aria-label').toLowerCase()])
    .filter(([word, name]) => !name.includes(word))"""
LOUD = """() => {
    const colour = (one) => getComputedStyle(one).backgroundColor;
    const accent = colour(document.getElementById('shutter'));
    return ['#panel-camera', '.look', '.finish'].map((column) => (
        [...document.querySelectorAll(`${column} button`)]
            .filter((one) => one.checkVisibility() && colour(one) === accent).map(({ id }) => id)));
}"""
INSIDE = """(ids) => ids.filter((id) => {
    const { left, top, right, bottom } = document.getElementById(id).getBoundingClientRect();
    return left < 0 || top < 0 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5;
})"""
ROWS = """() => new Set([...document.querySelectorAll('#shown-tools > :not(.break)')]
    .map((one) => Math.round(one.getBoundingClientRect().top))).size"""
UNEXPLAINED = """() => [...document.querySelectorAll('#options-drawer .choice')]
    .filter((one) => !one.querySelector('.drawing > *') || one.querySelector('small').textContent.length < 4)
    .map((one) => one.textContent.trim())"""


@pytest.fixture(params=SCREENS, ids=[f"{size} {locale}" for size, locale in SCREENS])
def screen(browser: Browser, served: Served, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """The page at a size, with a camera that is open and a page of it."""
    size, locale = request.param
    width, height = SIZES[size]
    viewport = {"width": width, "height": height}
    with browser.new_context(viewport=viewport, locale=locale, has_touch=size == "touch") as context:  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        complaints = Complaints()
        complaints.listen(page)
        page.goto(served.address)
        desk = Desk(page)
        desk.open("640 × 480")
        page.click("#shutter")
        desk.sheets.nth(0).wait_for()
        page.wait_for_selector("#shutter[aria-busy=false]")
        yield desk
        assert complaints.heard == []


def test_each_size_shows_the_plan(screen: Desk) -> None:
    page = screen.page
    assert len(set(page.evaluate(BASELINES))) == 1, "the words of the tiles stand on one line"
    assert page.evaluate(LOUD) == [["shutter"], [], ["merge-button"]]
    assert page.evaluate(INSIDE, ["shutter", "shown-open", "sheets", "merge-button", "stage"]) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(ROWS) <= 3, "the tools leave room for the page"
    bar = page.locator(".taking").bounding_box()
    shutter = page.locator("#shutter").bounding_box()
    assert bar is not None
    assert shutter is not None
    middles = [one["x"] + one["width"] / 2 for one in (bar, shutter)]
    assert middles[0] == pytest.approx(middles[1], abs=2)
    page.click("#options .more-button")
    assert page.evaluate(UNEXPLAINED) == []
    page.click("#options .more-button")
    cut = {}
    for tab in page.locator("[role=tab]").all():
        tab.click()
        page.wait_for_timeout(300)
        cut[tab.inner_text()] = page.evaluate(CUT)
        assert page.evaluate(MISNAMED) == []
    assert {tab: found for tab, found in cut.items() if found} == {}


def test_one_name_is_asked_for(screen: Desk) -> None:
    page = screen.page
    page.click("#tab-scanner")
    assert page.locator("#scan-name").is_hidden()
    assert page.locator("#merge-name").is_visible()


LEFTS = """() => new Set([...document.querySelectorAll('#sheets .sheet')]
    .map((one) => Math.round(one.getBoundingClientRect().left))).size"""


def test_small_pictures_stand_two_abreast_and_more(screen: Desk) -> None:
    for count in range(2, 6):
        screen.page.click("#shutter")
        screen.sheets.nth(count - 1).wait_for()
    assert screen.page.evaluate(LEFTS) >= 2


ENDS = """(id) => {
    const sheet = document.getElementById(id);
    sheet.scrollTop = sheet.scrollHeight;
    const { scrollHeight } = document.documentElement;
    return [sheet.getBoundingClientRect().bottom <= innerHeight, scrollHeight - innerHeight];
}"""


def test_the_end_of_each_sheet_is_reached(screen: Desk) -> None:
    page = screen.page
    for tab, sheet in (("document-camera", "options"), ("scanner", "scan-options")):
        page.goto(f"{page.url.partition('#')[0]}#{tab}")
        page.click(f"#{sheet} .more-button")
        assert page.evaluate(ENDS, f"{sheet}-drawer") == [True, 0], tab
        page.click(f"#{sheet} .more-button")


FLIGHTS = """() => {
    window.flights = 0;
    new MutationObserver((changes) => {
        const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
        window.flights += added.filter(({ className }) => className === 'flight').length;
    }).observe(document.body, { childList: true });
}"""


@pytest.fixture
def usual(browser: Browser, served: Served) -> Iterator[Page]:
    """The page of a clerk who has chosen nothing."""
    with browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US") as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(served.address)
        page.wait_for_selector("#connection[data-state=open]")
        yield page


def test_a_new_page_flies_to_the_tray_unless_motion_is_unwanted(usual: Page) -> None:
    desk = Desk(usual)
    desk.open("640 × 480")
    usual.evaluate(FLIGHTS)
    usual.click("#shutter")
    desk.sheets.nth(0).wait_for()
    assert usual.evaluate("window.flights") == 1
    usual.wait_for_selector(".flight", state="detached")
    usual.emulate_media(reduced_motion="reduce")
    usual.click("#shutter")
    desk.sheets.nth(1).wait_for()
    assert usual.evaluate("window.flights") == 1


def test_a_photograph_that_is_added_comes_cut_out_and_its_whole_is_kept(usual: Page, tmp_path: Path) -> None:
    made = tmp_path / "photo.png"
    renderer = DemoDesk().renderer(Scene.PAGE, Size(1600, 1200))
    cv2.imwrite(str(made), renderer.picture(moment(0, Scene.PAGE)))
    usual.set_input_files("#tray-add", made)
    Desk(usual).sheets.nth(0).wait_for()
    usual.wait_for_selector("#shown-told:not(:has-text('1600 × 1200'))")
    usual.click("#shown-open")
    usual.click("#viewer-compare")
    usual.wait_for_function("() => document.getElementById('viewer-original').naturalWidth === 1600")
