"""The tray of a case: kept, put in order, worked on again, and made one document."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pikepdf
import pytest
from playwright.sync_api import Error

from tests.browser.chromium import Complaints
from tests.browser.conftest import WHOLE
from tests.browser.desk import Desk
from tests.browser.scan_desk import FAULTY, ScanDesk
from tests.patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

FORGETFUL = """() => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...order) {
        return this.name === 'pages' ? this.get('') : put.apply(this, order);
    };
}"""
SIZE = "(image) => [image.naturalWidth, image.naturalHeight]"


@pytest.fixture
def clerk(browser: Browser, served: Served) -> Iterator[Desk]:
    """The page as a clerk sees it, at 1366 x 768."""
    with browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US") as context:
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(WHOLE)
        page = context.new_page()
        complaints = Complaints()
        complaints.listen(page)
        page.goto(served.address)
        yield Desk(page)
        assert complaints.heard == []


def pictures(folder: Path, count: int) -> list[Path]:
    """Files of pictures that differ in their light."""
    made = [folder / f"page-{number:02d}.png" for number in range(1, count + 1)]
    for number, path in enumerate(made):
        cv2.imwrite(str(path), np.full((120, 90, 3), 250 - 5 * number, np.uint8))
    return made


def add(desk: Desk, files: list[Path]) -> None:
    """Add pictures from files and wait until all are shown."""
    before = desk.sheets.count()
    desk.page.set_input_files("#tray-add", files)
    desk.sheets.nth(before + len(files) - 1).wait_for()


def order(desk: Desk) -> list[int]:
    """The numbers of the files that `pictures` made, in the order of the tray."""
    return [int(Path(name).stem[-2:]) for name in desk.sheets.locator(".file").all_inner_texts()]


def kept(page: Page, count: int) -> None:
    """Wait until the disk of the browser has so many pages."""
    page.wait_for_function(
        """async (count) => {
            const database = await new Promise((resolve) => {
                const asked = indexedDB.open('gaopai');
                asked.onsuccess = () => resolve(asked.result);
            });
            try {
                const order = database.transaction('notes').objectStore('notes').get('order');
                return await new Promise((resolve) => {
                    order.onsuccess = () => resolve(order.result?.length === count);
                });
            } finally {
                database.close();
            }
        }""",
        arg=count,
    )


def again(context: BrowserContext, address: str) -> Desk:
    page = context.new_page()
    page.goto(address)
    return Desk(page)


def test_no_page_is_lost_by_a_reload_or_a_crash(clerk: Desk, served: Served, tmp_path: Path) -> None:
    add(clerk, pictures(tmp_path, 30))
    clerk.sheets.nth(1).locator("input").uncheck()
    clerk.do(0, "later")
    kept(clerk.page, 30)
    clerk.page.reload()
    clerk.sheets.nth(29).wait_for()
    assert order(clerk)[:3] == [2, 1, 3]
    assert clerk.page.inner_text("#tray-count") == "29 of 30 ticked"
    context = clerk.page.context
    with clerk.page.expect_event("crash"), contextlib.suppress(Error):
        clerk.page.goto("chrome://crash")
    clerk.page.close()
    other = again(context, served.address)
    other.sheets.nth(29).wait_for()
    assert other.page.inner_text(".sheet:nth-child(30) .file").endswith("page-30.png")
    assert other.shown().shape == (120, 90, 3)


def test_a_second_window_says_that_it_keeps_nothing(clerk: Desk, served: Served) -> None:
    other = again(clerk.page.context, served.address)
    other.page.wait_for_selector("#elsewhere:has-text('Another window')")


def test_deleting_and_clearing_are_undone(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 3))
    clerk.do(1, "remove")
    assert order(clerk) == [1, 3]
    page.keyboard.press("Control+z")
    assert order(clerk) == [1, 2, 3]
    clerk.sheets.nth(0).locator(".thumb").press("Delete")
    page.click("#case-undo")
    page.click("#tray-clear")
    assert clerk.sheets.count() == 0
    page.click("#tray-undo")
    assert order(clerk) == [1, 2, 3]
    page.focus("#merge-name")
    page.keyboard.type("x")
    page.keyboard.press("Control+z")
    assert clerk.sheets.count() == 3, "that was about the text"


def test_a_page_is_turned_cut_and_enhanced_again_and_back(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    assert clerk.shoot().shape == (480, 640, 3)
    page.click("#shown-right")
    page.wait_for_selector("#shown-told:has-text('480 × 640')")
    assert clerk.shown().shape == (640, 480, 3)
    page.select_option("#shown-filter", "1")
    page.wait_for_selector("#shown-told:has-text('480 × 640')")
    page.wait_for_selector("#shown[aria-busy=false]")
    blue, _, red = cv2.split(clerk.shown())
    assert np.abs(blue.astype(int) - red).max() <= 2
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.wait_for_selector("#shown-told:has-text('640 × 480')")
    assert clerk.shown().shape == (480, 640, 3)


def test_a_large_page_is_drawn_as_large_as_it_is_shown(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("3264 × 2448")
    whole = clerk.shoot()
    box = page.locator("#shown-open").bounding_box()
    assert box is not None
    page.wait_for_selector("#shown-image")
    height, width = clerk.shown_small().shape[:2]
    assert width == pytest.approx(box["width"], abs=1) or height == pytest.approx(box["height"], abs=1)
    assert width / height == pytest.approx(4 / 3, rel=0.01)
    small = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    assert np.abs(clerk.shown_small().astype(int) - small).mean() < 3
    page.set_viewport_size({"width": 1900, "height": 1000})
    page.wait_for_function(f"() => document.getElementById('shown-image').width > {width}")


def test_corners_are_dragged_under_a_magnifier(clerk: Desk) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    clerk.shoot()
    page.click("#shown-recrop")
    page.wait_for_selector("#viewer-corners")
    corner = page.locator("#viewer-corners .corner").nth(2)
    box = corner.bounding_box()
    image = page.locator("#viewer-image").bounding_box()
    assert box is not None
    assert image is not None
    page.mouse.move(box["x"] + 13, box["y"] + 13)
    page.mouse.down()
    page.mouse.move(image["x"] + image["width"] * 0.3, image["y"] + image["height"] * 0.3, steps=4)
    assert page.is_disabled("#viewer-cut"), "that corner would lie inside"
    page.mouse.move(image["x"] + image["width"] * 0.7, image["y"] + image["height"] * 0.7, steps=4)
    assert page.is_visible(".lens")
    page.mouse.up()
    page.wait_for_selector(".lens", state="hidden")
    page.locator("#viewer-corners .corner").nth(0).press("Shift+ArrowRight")
    assert page.is_visible(".lens")
    page.click("#viewer-cut")
    page.wait_for_function("() => document.getElementById('viewer-image').naturalWidth < 600")
    width, height = page.eval_on_selector("#viewer-image", SIZE)
    page.click("#viewer-undo")
    page.wait_for_function("() => document.getElementById('viewer-image').naturalWidth === 640")
    assert (width, height) != (640, 480)


def test_a_page_is_zoomed_and_compared_and_left_with_arrow_keys(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    page.locator("#options label:has(input[name=cropType][value='1'])").click()
    clerk.page.wait_for_selector("#in-sight[data-found=true]")
    clerk.shoot()
    add(clerk, pictures(tmp_path, 1))
    page.click("#shown-open")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("#viewer-title:has-text('Page 1 ·')")
    fitted = page.locator("#viewer-image").bounding_box()
    page.mouse.move(600, 400)
    page.mouse.wheel(0, -600)
    page.wait_for_selector("#viewport.zoomed")
    zoomed = page.locator("#viewer-image").bounding_box()
    assert fitted is not None and zoomed is not None
    assert zoomed["width"] > 1.5 * fitted["width"]
    page.keyboard.press("0")
    page.wait_for_selector("#viewport:not(.zoomed)")
    page.click("#viewer-compare")
    page.wait_for_function("() => document.getElementById('viewer-original').naturalWidth === 640")
    assert page.evaluate("document.getElementById('viewer-image').naturalWidth") < 640, "both are there"
    page.click("#viewer-compare")
    assert page.is_hidden("#viewer-original")
    page.keyboard.press("Escape")
    assert not page.is_visible("#viewer")


@pytest.mark.parametrize(("kind", "begins"), [(0, b"%PDF"), (1, b"II*\0"), (3, b"PK")])
def test_pages_of_camera_and_files_become_one_document(
    clerk: Desk, tmp_path: Path, kind: int, begins: bytes
) -> None:
    page = clerk.page
    clerk.open("640 × 480")
    clerk.shoot()
    add(clerk, pictures(tmp_path, 2))
    page.select_option("#merge-kind", str(kind))
    page.click("#merge-button")
    page.wait_for_selector("#document")
    with page.expect_download() as download:
        page.click("#document-download")
    data = Path(download.value.path()).read_bytes()
    assert data.startswith(begins)
    if begins == b"%PDF":
        with pikepdf.open(io.BytesIO(data)) as pdf:
            assert len(pdf.pages) == 3
    with page.context.expect_page() as opened:
        page.click("#document-open")
    assert opened.value is not None
    page.evaluate("window.print = () => { window.printed = document.querySelectorAll('#print img').length; }")
    page.click("#document-print")
    page.wait_for_function("() => window.printed === 3")


def test_the_progress_of_a_document_is_shown(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 4))
    page.evaluate("""() => {
        window.seen = [];
        const line = document.getElementById('merge-progress');
        new MutationObserver(() => window.seen.push(line.innerText.trim()))
            .observe(line, { attributes: true, childList: true, subtree: true });
    }""")
    page.select_option("#merge-kind", "2")
    page.click("#merge-button")
    page.wait_for_selector("#document")
    assert any("of 4" in seen for seen in page.evaluate("window.seen"))
    assert page.is_hidden("#merge-progress")


def test_what_is_no_picture_is_told(clerk: Desk, tmp_path: Path) -> None:
    (tmp_path / "letter.png").write_text("no picture")
    clerk.page.set_input_files("#tray-add", tmp_path / "letter.png")
    clerk.page.wait_for_selector("#case-notice[data-kind=error]")
    assert clerk.sheets.count() == 0


def test_a_scan_that_a_reload_cut_off_is_found_again(clerk: Desk, served: Served) -> None:
    page = clerk.page
    page.goto(f"{served.address}#scanner")
    page.reload()
    desk = ScanDesk(page)
    desk.choose(FAULTY)
    desk.name("cut/scan.jpg")
    # The page is gone before it could keep what came.
    page.evaluate(FORGETFUL)
    desk.start()
    desk.sheets.nth(1).wait_for()
    page.reload()
    page.wait_for_selector("#found")
    assert "cut off" in page.inner_text("#found")
    page.click("#found-add")
    page.wait_for_selector("#found", state="hidden")
    assert clerk.sheets.count() >= 2
    assert all("scan" in name for name in clerk.page.locator(".sheet .file").all_inner_texts())
    page.reload()
    clerk.sheets.nth(1).wait_for()
    assert page.is_hidden("#found")
