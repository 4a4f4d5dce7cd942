"""A page enlarged has air around it and its original beside it; a cut dims the desk, not the paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from tests.browser.test_tray import add, clerk

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Page

    from tests.browser.desk import Desk

__all__ = ["clerk"]

pytestmark = pytest.mark.browser

AIR = 16
"""Least pixels around a picture that is shown whole."""


def box(page: Page, selector: str) -> FloatRect:
    """Where an element is."""
    found = page.locator(selector).bounding_box()
    assert found is not None
    return found


def level(page: Page, across: float, down: float) -> int:
    """Brightness of the screen at shares of the picture."""
    image = box(page, "#viewer-image")
    shot = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    x = int(image["x"] + across * image["width"])
    return int(shot[int(image["y"] + down * image["height"]), x])


@pytest.fixture
def enlarged(clerk: Desk, tmp_path: Path) -> Page:
    """A light page of 900 x 1200, enlarged."""
    made = tmp_path / "page.png"
    cv2.imwrite(str(made), np.full((1200, 900, 3), 240, np.uint8))
    add(clerk, [made])
    clerk.page.click("#shown-open")
    clerk.page.wait_for_function("() => document.getElementById('viewer-image').complete")
    return clerk.page


def test_a_page_has_air_around_it(enlarged: Page) -> None:
    image = box(enlarged, "#viewer-image")
    around = box(enlarged, "#viewport")
    assert image["y"] - around["y"] >= AIR
    assert around["y"] + around["height"] - image["y"] - image["height"] >= AIR


def test_the_original_stands_beside_the_page(enlarged: Page) -> None:
    enlarged.click("#viewer-right")
    enlarged.wait_for_selector("#viewer[aria-busy=false]")
    enlarged.click("#viewer-compare")
    enlarged.wait_for_selector("#viewer-compare[aria-pressed=true]")
    original = box(enlarged, "#viewer-original")
    image = box(enlarged, "#viewer-image")
    assert original["x"] + original["width"] < image["x"]
    assert image["width"] > image["height"], "the page is turned"
    enlarged.click("#viewer-compare")
    assert enlarged.is_hidden("#viewer-original")


def test_a_cut_dims_what_is_cut_away_and_its_corners_are_seen_through(enlarged: Page) -> None:
    before = level(enlarged, 0.01, 0.01)
    enlarged.click("#viewer-recrop")
    enlarged.wait_for_selector("#viewer-cutting")
    assert level(enlarged, 0.5, 0.5) == before, "the paper has its own colour"
    assert level(enlarged, 0.01, 0.5) < before / 2, "what is cut away is dark"
    image = box(enlarged, "#viewer-image")
    corner = box(enlarged, "#viewer-corners .corner >> nth=0")
    middle = (corner["x"] + corner["width"] / 2 + 4, corner["y"] + corner["height"] / 2 + 4)
    across = ((middle[0] - image["x"]) / image["width"], (middle[1] - image["y"]) / image["height"])
    assert level(enlarged, *across) == before


def test_an_edge_moves_its_two_corners(enlarged: Page) -> None:
    enlarged.click("#viewer-recrop")
    enlarged.wait_for_selector("#viewer-cutting")
    corners = [box(enlarged, f"#viewer-corners .corner >> nth={at}") for at in range(4)]
    edge = box(enlarged, "#viewer-corners .edge >> nth=1")
    enlarged.mouse.move(edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2)
    enlarged.mouse.down()
    enlarged.mouse.move(edge["x"] - 50, edge["y"] + edge["height"] / 2, steps=4)
    enlarged.mouse.up()
    moved = [box(enlarged, f"#viewer-corners .corner >> nth={at}") for at in range(4)]
    steps = [after["x"] - before["x"] for before, after in zip(corners, moved, strict=True)]
    assert steps[0] == steps[3] == 0
    assert steps[1] == pytest.approx(steps[2]) and steps[1] < -40
    enlarged.locator("#viewer-corners .edge").nth(1).press("Shift+ArrowLeft")
    assert box(enlarged, "#viewer-corners .corner >> nth=1")["x"] < moved[1]["x"]
