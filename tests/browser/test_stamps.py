"""What a clerk stamps is on the page: on the screen, in the tray and in each file that is made."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from tests.browser.test_covers import image_box
from tests.browser.test_tray import add, clerk

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from imgcore.types import Image
    from tests.browser.desk import Desk

__all__ = ["clerk"]

pytestmark = pytest.mark.browser

SHOWN = """async () => {
    const image = document.getElementById('viewer-image');
    await image.decode();
    const size = { width: image.naturalWidth, height: image.naturalHeight };
    const canvas = Object.assign(document.createElement('canvas'), size);
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/png').split(',')[1];
}"""


@pytest.fixture
def enlarged(clerk: Desk, tmp_path: Path) -> Page:
    """A page of 900 x 1200 with a black line, enlarged, its stamps offered."""
    sheet = np.full((1200, 900, 3), 240, np.uint8)
    sheet[1060:1090] = 0
    cv2.imwrite(str(tmp_path / "page.png"), sheet)
    add(clerk, [tmp_path / "page.png"])
    clerk.page.click("#shown-open")
    clerk.page.wait_for_function("() => document.getElementById('viewer-image').complete")
    clerk.page.click("#viewer-stamp")
    clerk.page.wait_for_selector("#viewer-designs button")
    return clerk.page


def shown(page: Page) -> Image:
    """The page as the viewer has it."""
    data = np.frombuffer(base64.b64decode(page.evaluate(SHOWN)), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def red(image: Image) -> np.ndarray:
    """Rows and columns of what is red."""
    pixels = image.astype(int)
    return np.argwhere((pixels[:, :, 2] > 120) & (pixels[:, :, 0] < 100))


def stamp(page: Page) -> None:
    page.click("#viewer-stamped")
    page.wait_for_selector("#viewer-status:has-text('1')")
    page.wait_for_selector("#viewer-stamps", state="hidden")


def test_a_stamp_lies_where_it_was_dragged(enlarged: Page) -> None:
    assert enlarged.is_disabled("#viewer-stamped")
    enlarged.click("#viewer-designs button >> nth=1")
    laid = enlarged.locator("#viewer-stamps .stamp")
    box = laid.bounding_box()
    assert box is not None
    enlarged.mouse.move(box["x"] + 9, box["y"] + 9)
    enlarged.mouse.down()
    enlarged.mouse.move(box["x"] - 91, box["y"] - 51, steps=4)
    enlarged.mouse.up()
    whole = image_box(enlarged)
    scale = whole["width"] / 900
    left = (box["x"] - 100 - whole["x"]) / scale
    top = (box["y"] - 60 - whole["y"]) / scale
    stamp(enlarged)
    found = red(shown(enlarged))
    assert (found[:, 1].min(), found[:, 0].min()) == pytest.approx((left, top), abs=6)
    assert np.ptp(found[:, 1]) == pytest.approx(box["width"] / scale, abs=8)


def test_print_below_a_stamp_is_seen_and_undo_takes_it_off(enlarged: Page) -> None:
    enlarged.click("#viewer-designs button >> nth=0")
    stamp(enlarged)
    stamped = shown(enlarged)
    assert len(red(stamped)) > 500 and stamped[1065:1085].max() < 60
    enlarged.click("#viewer-undo")
    enlarged.wait_for_function("() => document.getElementById('viewer-image').complete")
    assert len(red(shown(enlarged))) == 0


def test_keys_move_size_turn_and_remove_a_stamp(enlarged: Page) -> None:
    enlarged.focus("#viewer-designs button")
    enlarged.keyboard.press("Enter")
    laid = enlarged.locator("#viewer-stamps .stamp")
    sides = lambda: laid.evaluate("one => [one.style.left, one.style.width, one.style.transform]")  # noqa: E731
    before = sides()
    enlarged.keyboard.press("ArrowLeft")
    assert float(sides()[0][:-1]) == pytest.approx(float(before[0][:-1]) - 1)
    enlarged.keyboard.press("Shift+ArrowLeft")
    assert float(sides()[1][:-1]) == pytest.approx(float(before[1][:-1]) - 1)
    enlarged.keyboard.press("r")
    assert sides()[2] == "rotate(5deg)"
    enlarged.keyboard.press("Control+z")
    enlarged.keyboard.press("Control+z")
    assert sides()[1:] == [before[1], "rotate(0deg)"]
    enlarged.click("#viewer-stampleft")
    assert sides()[2] == "rotate(-5deg)"
    enlarged.focus("#viewer-stamps .stamp")
    enlarged.keyboard.press("Delete")
    assert laid.count() == 0 and enlarged.is_disabled("#viewer-stamped")


def test_the_name_of_the_clerk_is_in_the_stamp(enlarged: Page) -> None:
    look = "#viewer-designs button >> nth=1 >> img"
    before = enlarged.get_attribute(look, "src")
    enlarged.click("#viewer-designs button >> nth=1")
    enlarged.fill("#viewer-clerk", "Lin Yuzhen")
    enlarged.press("#viewer-clerk", "Enter")
    enlarged.wait_for_function(
        "(before) => document.querySelectorAll('#viewer-designs img')[1].src !== before", arg=before
    )
    assert enlarged.get_attribute("#viewer-stamps .stamp img", "src") == enlarged.get_attribute(look, "src")


def test_leaving_lays_nothing(enlarged: Page) -> None:
    enlarged.click("#viewer-designs button >> nth=0")
    enlarged.click("#viewer-nostamp")
    assert enlarged.is_hidden("#viewer-stamps") and enlarged.is_visible("#viewer-stamp")
    assert len(red(shown(enlarged))) == 0
