"""Pictures of the station where nothing moves, reduced, and their difference from others.

    .venv/bin/python -m tests.browser.look

takes the pictures that `test_look.py` compares with again, for whoever changes the look and has looked at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import cv2
import numpy as np

from tests.browser.chromium import chromium
from tests.patience import PATIENCE_MS
from tests.service import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from imgcore.types import Image

FOLDER = Path(__file__).parent / "looks"
TABS = ("camera", "scanner", "card", "finger", "face")
CONTEXTS = tuple(product(("zh-CN", "en-US"), ("light", "dark")))
LOOKS = [f"{tab}-{locale[:2]}-{theme}" for tab, (locale, theme) in product(TABS, CONTEXTS)]
WIDTH = 1366
HEIGHT = 768
REDUCED = 4
CELL = 8
"""Pixels of a reduced picture that are compared as one: letters of another font lie a little elsewhere."""
LEVELS = 20
"""By which the mean of a cell may differ."""


def looks(browser: Browser, address: str) -> Iterator[tuple[str, Image]]:
    """Each tab with nothing in it, in both languages and themes: its name, its picture in grey."""
    for locale, theme in CONTEXTS:
        size = {"width": WIDTH, "height": HEIGHT}
        with browser.new_context(viewport=size, locale=locale, color_scheme=theme) as context:
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            page.goto(address)
            page.wait_for_selector("#open:not([disabled])")
            for tab in TABS:
                page.click(f"#tab-{tab}")
                if tab == "scanner":
                    page.wait_for_selector("#scan-device:not([disabled])")
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(500)
                shot = np.frombuffer(page.screenshot(animations="disabled"), np.uint8)
                grey = cv2.imdecode(shot, cv2.IMREAD_GRAYSCALE)
                small = cv2.resize(grey, (WIDTH // REDUCED, HEIGHT // REDUCED), interpolation=cv2.INTER_AREA)
                yield f"{tab}-{locale[:2]}-{theme}", small


def changed(look: Image, other: Image) -> float:
    """Share of the cells whose mean differs."""
    height = look.shape[0] // CELL
    width = look.shape[1] // CELL
    means = [cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA) for one in (look, other)]
    return float((cv2.absdiff(*means) > LEVELS).mean())


def main() -> None:
    """Take them."""
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as root, running(Path(root)) as service, chromium() as browser:
        for name, look in looks(browser, f"{service.http}/"):
            cv2.imwrite(str(FOLDER / f"{name}.png"), look, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
