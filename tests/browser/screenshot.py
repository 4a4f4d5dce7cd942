"""Take the pictures of the capture station that the README shows.

    .venv/bin/python -m tests.browser.screenshot

writes ``demo-page.png`` (Chinese), ``demo-page-en.png``, ``demo-scanner-zh.png``,
``demo-scanner-en.png``, and the same of ``demo-card``, ``demo-face`` and ``admin``, in ``docs/images``.

    .venv/bin/python -m tests.browser.screenshot FOLDER

writes every tab, empty and used, in both languages and themes, at three sizes, for whoever changes the look.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import cv2
from PIL import Image

from tests.administrator import address_of
from tests.browser.chromium import chromium
from tests.browser.desk import Desk
from tests.browser.scan_desk import ScanDesk
from tests.patience import PATIENCE_MS
from tests.service import REPOSITORY, Service, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IMAGES = REPOSITORY / "docs" / "images"
PICTURES = {"demo-page.png": "zh-CN", "demo-page-en.png": "en-US"}
SCANNER_PICTURES = {"demo-scanner-zh.png": "zh-CN", "demo-scanner-en.png": "en-US"}
CARD_PICTURES = {"demo-card-zh.png": "zh-CN", "demo-card-en.png": "en-US"}
FACE_PICTURES = {"demo-face-zh.png": "zh-CN", "demo-face-en.png": "en-US"}
ADMIN_PICTURES = {"admin-zh.png": "zh-CN", "admin-en.png": "en-US"}
ADMIN_CONFIG = '[access]\norigins = [\n  "https://oa.example.cn", # window 3\n]\n'
LARGEST_BYTES = 400_000
STILL = 12
"""Levels by which two blurred frames may differ; noise gives 4 to 6, a page on its way 100 and more."""


TABS = ("camera", "scanner", "card", "finger", "face")
SIZES = ((960, 540), (1366, 768), (1920, 1080))


def main() -> None:
    """Take all of them."""
    if len(sys.argv) > 1:
        take_every(Path(sys.argv[1]))
        return
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as root,
        running(Path(root), ADMIN_CONFIG) as service,
        chromium() as browser,
    ):
        for name, locale in PICTURES.items():
            take(browser, f"{service.http}/", locale, IMAGES / name)
            print(IMAGES / name)
        for name, locale in SCANNER_PICTURES.items():
            take_scan(browser, f"{service.http}/", locale, IMAGES / name)
            print(IMAGES / name)
        for name, locale in CARD_PICTURES.items():
            take_card(browser, f"{service.http}/", locale, IMAGES / name)
            print(IMAGES / name)
        for name, locale in FACE_PICTURES.items():
            take_face(browser, f"{service.http}/", locale, IMAGES / name)
            print(IMAGES / name)
        for name, locale in ADMIN_PICTURES.items():
            take_admin(browser, service, locale, IMAGES / name)
            print(IMAGES / name)


def take_every(folder: Path) -> None:
    """Take each tab in each state, language, theme and size."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as root, running(Path(root)) as service, chromium() as browser:
        for locale, theme, (width, height) in product(("zh-CN", "en-US"), ("light", "dark"), SIZES):
            size = {"width": width, "height": height}
            with browser.new_context(viewport=size, locale=locale, color_scheme=theme) as context:
                context.set_default_timeout(PATIENCE_MS)
                page = context.new_page()
                page.goto(f"{service.http}/")
                page.wait_for_selector("#open:not([disabled])")
                for state in ("empty", "used"):
                    if state == "used":
                        _use(Desk(page))
                    for tab in TABS:
                        page.click(f"#tab-{tab}")
                        page.wait_for_timeout(500)
                        name = f"{tab}-{state}-{locale[:2]}-{theme}-{width}.png"
                        page.screenshot(path=folder / name, animations="disabled")


def _use(desk: Desk) -> None:
    """Take pages, begin with a card, and merge."""
    desk.page.click("#tab-camera")
    desk.open("1600 × 1200")
    for _ in range(3):
        desk.shoot()
    desk.page.click("#merge-button")
    desk.page.wait_for_selector("#document:not([hidden])")
    desk.page.click("#card-tile")
    desk.page.click("#shutter")
    desk.page.wait_for_selector("#compose-front[src]")


def take(browser: Browser, address: str, locale: str, path: Path) -> None:
    """Use the page as a clerk does, then take its picture."""
    with browser.new_context(viewport={"width": 1366, "height": 768}, locale=locale) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(address)
        desk = Desk(page)
        desk.open()
        page.locator("#options label:has(input[name=cropType][value='1'])").click()
        page.wait_for_selector("#in-sight[data-found=true]")
        for _ in range(3):
            desk.shoot()
            page.wait_for_timeout(1500)
        page.select_option("#shown-filter", "3")
        page.wait_for_selector("#shown[aria-busy=false]")
        _rest(desk)
        page.screenshot(path=path)
    _shrink(path)


def take_scan(browser: Browser, address: str, locale: str, path: Path) -> None:
    """Take a picture of a scan of both sides under way, large enough to see pages and forms."""
    with browser.new_context(viewport={"width": 1366, "height": 768}, locale=locale) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{address}#scanner")
        desk = ScanDesk(page)
        page.select_option("#scan-source", "2")
        desk.name("合同.jpg" if locale == "zh-CN" else "contract.jpg")
        desk.start()
        desk.sheets.nth(6).locator("canvas").wait_for()
        page.screenshot(path=path, animations="disabled")
        desk.wait_until_done()
    _shrink(path)


def take_card(browser: Browser, address: str, locale: str, path: Path) -> None:
    """Take a picture of a card that was read, which nobody has asked to see."""
    with browser.new_context(viewport={"width": 1366, "height": 640}, locale=locale) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{address}#card")
        page.click("#card-read:not([disabled])")
        page.locator("#card-sheet").wait_for()
        page.screenshot(path=path, animations="disabled")
    _shrink(path)


def take_admin(browser: Browser, service: Service, locale: str, path: Path) -> None:
    """Take a picture of a setting that was changed and waits to be written."""
    with browser.new_context(viewport={"width": 1366, "height": 768}, locale=locale) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(address_of(service))
        page.click("#tab-settings")
        page.click('[id="table access"]')
        page.fill('[id="set access.origins"]', "https://oa.example.cn\nhttps://tax.example.cn")
        page.keyboard.press("Tab")
        page.wait_for_selector(".setting.changed")
        page.screenshot(path=path, animations="disabled")
    _shrink(path)


def take_face(browser: Browser, address: str, locale: str, path: Path) -> None:
    """Take a picture of a drawn person in colour and infrared."""
    with browser.new_context(viewport={"width": 1366, "height": 640}, locale=locale) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{address}#face")
        page.check("#face-infrared")
        page.click("#face-open:not([disabled])")
        page.wait_for_function("() => document.getElementById('face-infrared-preview').width === 640")
        page.wait_for_timeout(1000)
        page.screenshot(path=path, animations="disabled")
    _shrink(path)


def _rest(desk: Desk) -> None:
    """Wait until page and outline lie still: on the way the outline is behind, on a busy machine by far."""
    frame = desk.frame()
    for _ in range(40):
        desk.page.wait_for_timeout(300)
        before = frame
        frame = desk.frame()
        if cv2.absdiff(cv2.blur(before, (9, 9)), cv2.blur(frame, (9, 9))).max() < STILL:
            return
    raise TimeoutError("the demo's page never lay still")


def _shrink(path: Path) -> None:
    """Pack tighter than Chromium does, in 256 colours.

    Raises
    ------
    ValueError
        The picture is too large for a README even so.
    """
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256, kmeans=4).save(path, optimize=True)
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise ValueError(f"{path.name} has {size} bytes, over {LARGEST_BYTES}")


if __name__ == "__main__":
    main()
