"""The demo page as the hand of a person finds it."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from tests.patience import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from imgcore.types import Image

# JPEG: a browser takes a third of a second for a frame as PNG.
_CANVAS = "(name) => document.getElementById(name).toDataURL('image/jpeg', 0.97).split(',')[1]"
# The page's own policy forbids to fetch blob: addresses, so the picture is drawn and read back.
# It is shown small; enlarged it has all of its pixels.
_PICTURE = """async () => {
    document.getElementById('shown-open').click();
    const image = document.getElementById('viewer-image');
    await image.decode();
    document.getElementById('viewer-close').click();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    canvas.getContext('2d').drawImage(image, 0, 0);
    const blob = await canvas.convertToBlob({type: 'image/jpeg', quality: 0.97});
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
}"""


class Desk:
    """One page with the demo camera."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def sheets(self) -> Locator:
        """The pages of the case, in order."""
        return self.page.locator("#sheets .sheet:not(.coming)")

    def do(self, place: int, act: str) -> None:
        """Press a button that a page of the case has under the mouse: earlier, later, turn, remove."""
        self.sheets.nth(place).hover()
        self.sheets.nth(place).locator(f".{act}").click()

    def open(self, resolution: str = "1600 × 1200") -> None:
        """Open the first camera and wait for its picture."""
        self.page.wait_for_selector("#open:not([disabled])")
        self.resolve(resolution)
        # A browser that had it open has it open again.
        if self.page.get_attribute("#open", "data-state") == "closed":
            self.page.click("#open")
        self.page.wait_for_selector("#shutter:not([disabled])")

    def resolve(self, resolution: str) -> None:
        """Choose a resolution, which stands in the sheet of options."""
        self.page.click("#options .more-button")
        self.page.select_option("#resolution", label=resolution)
        self.page.click("#options .more-button")

    def choose(self, name: str, value: int) -> None:
        """Choose an image option and wait until the service has answered."""
        self._click(f"input[name={name}][value='{value}']")

    def switch(self, name: str) -> None:
        """Turn an image option on, or off again, and wait until the service has answered."""
        self._click(f"input[name={name}]")

    def switched(self, name: str) -> bool:
        """Whether a switch shows as on."""
        return self.page.is_checked(f"#options input[name={name}]")

    def _click(self, option: str) -> None:
        self.page.evaluate("document.getElementById('log-clear').click()")
        label = self.page.locator(f"#options label:has({option})")
        if not label.is_visible():
            self.page.click("#options .more-button")
        label.click()
        if self.page.is_visible("#options-drawer"):
            self.page.click("#options .more-button")
        self.page.wait_for_selector("#log li[data-direction=in] .func:text('SetCameraImageInfo')")

    def chosen(self, name: str) -> int:
        """The value of an image option that shows as chosen."""
        return int(
            self.page.eval_on_selector(f"#options input[name={name}]:checked", "(input) => input.value")
        )

    def frame(self) -> Image:
        """What the canvas shows now, BGR."""
        return _decoded(self.page.evaluate(_CANVAS, "preview"))

    def shoot(self) -> Image:
        """Press the shutter; the newest page of the case, BGR."""
        before = self.sheets.count()
        self.page.click("#shutter")
        self.sheets.nth(before).wait_for()
        return self.shown()

    def shown(self) -> Image:
        """The page of the case that is shown large, BGR."""
        return _decoded(self.page.evaluate(_PICTURE))

    def shown_small(self) -> Image:
        """The same as it is on the screen, BGR."""
        return _decoded(self.page.evaluate(_CANVAS, "shown-image"))

    def frame_where(self, holds: Callable[[Image], bool]) -> Image:
        """The first frame, of those looked at from now on, for which `holds` is true."""
        end = time.monotonic() + PATIENCE
        while not holds(frame := self.frame()):
            assert time.monotonic() < end, "no frame was as expected"
            self.page.wait_for_timeout(200)
        return frame

    def notice(self) -> str:
        """The line under the picture, once there is one."""
        self.page.wait_for_selector("#notice[data-kind]:not([data-kind=''])")
        return self.page.inner_text("#notice p")


def _decoded(text: str) -> Image:
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), cv2.IMREAD_COLOR)
    return cast("Image", picture)
