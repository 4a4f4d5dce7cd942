"""What a clerk covers on a page is gone from it: on the screen, in the tray and in each file that is made."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np
import pikepdf
import pytest

from tests.browser.axe import axe, violations
from tests.browser.test_tray import add, clerk

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Page, WebSocketRoute

    from imgcore.types import Image
    from tests.browser.conftest import Served
    from tests.browser.desk import Desk

__all__ = ["clerk"]

pytestmark = pytest.mark.browser

SECRET = (slice(300, 400), slice(200, 500))
"""Where the page has red print, which nothing else on it has."""
AROUND = (slice(280, 420), slice(180, 520))
"""A bar around it, in pixels."""


@pytest.fixture
def enlarged(clerk: Desk, tmp_path: Path) -> Page:
    """A page of 900 x 1200 with a red secret, enlarged."""
    page = np.full((1200, 900, 3), 240, np.uint8)
    page[SECRET] = (30, 30, 220)
    cv2.imwrite(str(tmp_path / "page.png"), page)
    add(clerk, [tmp_path / "page.png"])
    clerk.page.click("#shown-open")
    clerk.page.wait_for_function("() => document.getElementById('viewer-image').complete")
    return clerk.page


PIXEL = """(canvas) => {
    const at = [canvas.width * 0.4, canvas.height * 0.29, 1, 1];
    return canvas.getContext('2d').getImageData(...at).data[0];
}"""
"""Red of a pixel of a thumbnail, within the secret."""


def red(image: Image) -> int:
    """Number of pixels that have the tint of the secret."""
    blue, _, red = cv2.split(image.astype(np.int16))
    return int(np.count_nonzero(red - blue > 60))


def image_box(page: Page) -> FloatRect:
    found = page.locator("#viewer-image").bounding_box()
    assert found is not None
    return found


def drag(page: Page, rows: slice, columns: slice) -> None:
    """Draw a bar with the mouse, in pixels of the picture."""
    box = image_box(page)
    scale = box["width"] / 900
    page.mouse.move(box["x"] + columns.start * scale, box["y"] + rows.start * scale)
    page.mouse.down()
    page.mouse.move(box["x"] + columns.stop * scale, box["y"] + rows.stop * scale, steps=5)
    page.mouse.up()


def covered(page: Page) -> None:
    """Cover for good, and wait."""
    page.click("#viewer-covered")
    page.wait_for_selector("#viewer-status:has-text('can be undone')")


def merged(desk: Desk, served: Served, kind: str, name: str) -> bytes:
    """The ticked pages as one file."""
    desk.page.select_option("#merge-kind", kind)
    desk.page.fill("#merge-name", name)
    desk.page.click("#merge-button")
    desk.page.wait_for_selector(f"#document-name:has-text('{name}')")
    return (served.root / f"{name}.pdf").read_bytes()


def pictures_in(pdf: bytes) -> list[Image]:
    """Every picture of a PDF, on its pages and attached to it."""
    found = []
    with pikepdf.open(io.BytesIO(pdf)) as file:
        for one in file.objects:
            if not isinstance(one, pikepdf.Stream):
                continue
            readings = [one.read_raw_bytes()]
            with contextlib.suppress(pikepdf.PdfError):  # a picture's own coding is no filter
                readings.append(one.read_bytes())
            found += [
                cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) for data in readings if data
            ]
    return [cast("Image", one) for one in found if one is not None]


def test_what_is_covered_is_gone_from_all_that_is_made(clerk: Desk, enlarged: Page, served: Served) -> None:
    enlarged.click("#viewer-close")
    before = pictures_in(merged(clerk, served, "archive", "bare"))
    assert before and all(map(red, before)), "what looks for the secret finds it"
    enlarged.click("#shown-open")
    enlarged.click("#viewer-cover")
    drag(enlarged, *AROUND)
    covered(enlarged)
    assert enlarged.is_disabled("#viewer-compare")
    enlarged.click("#viewer-close")
    shown = clerk.shown()
    assert shown.shape == (1200, 900, 3) and red(shown) == 0
    assert shown[SECRET].max() < 10 < 200 < shown[500:].min()
    assert clerk.sheets.nth(0).locator("canvas").evaluate(PIXEL) < 30
    for kind in ("0", "archive"):
        made = merged(clerk, served, kind, f"covered-{kind}")
        found = pictures_in(made)
        assert found and not any(map(red, found)), kind


def test_covering_is_taken_back_as_any_other_step(clerk: Desk, enlarged: Page) -> None:
    enlarged.click("#viewer-cover")
    drag(enlarged, *AROUND)
    covered(enlarged)
    enlarged.click("#viewer-right")
    enlarged.wait_for_selector("#viewer[aria-busy=false]")
    enlarged.click("#viewer-close")
    turned = clerk.shown()
    assert turned.shape == (900, 1200, 3) and red(turned) == 0
    enlarged.keyboard.press("Control+z")
    assert red(clerk.shown()) == 0
    enlarged.keyboard.press("Control+z")
    assert red(clerk.shown()) > 25_000


def test_bars_are_laid_moved_and_sized_by_keys_alone(clerk: Desk, enlarged: Page) -> None:
    enlarged.focus("#viewer-cover")
    enlarged.keyboard.press("Enter")
    enlarged.wait_for_selector("#viewer-covering")
    assert enlarged.is_disabled("#viewer-covered")
    enlarged.focus("#viewer-bar")
    enlarged.keyboard.press("Enter")
    bar = enlarged.locator("#viewer-covers .cover")
    first = bar.bounding_box()
    assert first is not None
    # From 46 of a hundred rows to 22, and from 8 rows high to 15.
    for key, times in (("ArrowUp", 24), ("ArrowLeft", 17), ("Shift+ArrowDown", 7), ("Shift+ArrowRight", 12)):
        for _ in range(times):
            enlarged.keyboard.press(key)
    assert bar.evaluate("(one) => one === document.activeElement")
    enlarged.focus("#viewer-bar")
    enlarged.keyboard.press("Enter")
    assert bar.count() == 2
    enlarged.keyboard.press("Delete")
    assert bar.count() == 1
    enlarged.keyboard.press("Control+z")
    assert bar.count() == 2, "a bar comes back, and the page stays"
    enlarged.keyboard.press("Control+z")
    assert bar.count() == 1 and clerk.sheets.count() == 1
    enlarged.focus("#viewer-covered")
    enlarged.keyboard.press("Enter")
    enlarged.wait_for_selector("#viewer-status:has-text('can be undone')")
    enlarged.click("#viewer-close")
    assert red(clerk.shown()) == 0


def test_a_bar_is_pulled_at_its_corner_and_a_slip_draws_none(clerk: Desk, enlarged: Page) -> None:
    enlarged.click("#viewer-cover")
    drag(enlarged, slice(600, 601), slice(600, 601))
    bar = enlarged.locator("#viewer-covers .cover")
    assert bar.count() == 0 and enlarged.is_disabled("#viewer-uncover")
    drag(enlarged, slice(280, 350), slice(180, 300))
    drag(enlarged, slice(350, 420), slice(300, 520))
    assert bar.count() == 1
    enlarged.click("#viewer-uncover")
    box = bar.bounding_box()
    scale = image_box(enlarged)["width"] / 900
    assert box is not None
    assert (box["width"] / scale, box["height"] / scale) == (
        pytest.approx(120, abs=4),
        pytest.approx(70, abs=4),
    )
    drag(enlarged, slice(300, 320), slice(220, 300))
    moved = bar.bounding_box()
    assert moved is not None and moved["x"] - box["x"] == pytest.approx(80 * scale, abs=2)
    enlarged.click("#viewer-leave")
    assert enlarged.is_hidden("#viewer-covers")
    enlarged.click("#viewer-close")
    assert red(clerk.shown()) > 25_000


def test_a_press_on_a_line_that_was_read_covers_it(clerk: Desk, tmp_path: Path) -> None:
    line = {"text": "339926199912077560", "score": 0.99, "left": 200, "top": 300, "right": 500, "bottom": 400}
    info = {"page": 1, "text": line["text"], "lines": [{**line, "corners": [[200, 300]] * 4}]}

    def answered(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            asked = json.loads(message)
            if asked["func"] != "RecogText":
                return server.send(message)
            told = {"func": "RecogText", "reqId": asked["reqId"], "result": 0, "textInfos": [info]}
            return route.send(json.dumps(told))

        route.on_message(pass_on)

    page = clerk.page
    page.route_web_socket("**", answered)
    page.reload()
    made = np.full((1200, 900, 3), 240, np.uint8)
    made[SECRET] = (30, 30, 220)
    cv2.imwrite(str(tmp_path / "page.png"), made)
    add(clerk, [tmp_path / "page.png"])
    page.click("#shown-open")
    page.click("#viewer-cover")
    page.click("#viewer-lines")
    page.click("#viewer-covers .line")
    assert str(line["text"]) not in page.content(), "what a page says stays in its picture"
    page.evaluate(axe())
    assert violations(page) == []
    covered(page)
    page.click("#viewer-close")
    assert red(clerk.shown()) == 0
