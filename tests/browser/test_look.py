"""The station looks as somebody last looked at it; `look.py` tells how to renew the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from tests.browser.look import FOLDER, LOOKS, changed, looks

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

MOST = 0.01
"""Share of the cells that may differ: a word, not a button."""


def test_every_tab_looks_as_it_was_seen(browser: Browser, served: Served) -> None:
    seen = dict(looks(browser, served.address))
    assert sorted(seen) == sorted(LOOKS)
    known = {name: cv2.imread(str(FOLDER / f"{name}.png"), cv2.IMREAD_GRAYSCALE) for name in seen}
    shares = {name: changed(look, known[name]) for name, look in seen.items()}
    assert {name: round(share, 3) for name, share in shares.items() if share > MOST} == {}


def test_a_look_that_moved_is_another() -> None:
    look = cv2.imread(str(FOLDER / "camera-zh-light.png"), cv2.IMREAD_GRAYSCALE)
    assert changed(look, look) == 0
    assert changed(look, np.roll(look, 12, axis=0)) > MOST
    without = look.copy()
    # The row of the shutter, the tools of a page, and what was made.
    without[-20:, :] = 255
    assert changed(look, without) > MOST
