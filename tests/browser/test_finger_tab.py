"""The tab of fingers against the real service with its demo sensors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from synthetic import fingerprints
from tests.browser.chromium import Complaints
from tests.patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

NAME = "Demo Fingerprint Sensor"
SAID = "#finger-notice:not([data-kind='']), .has-failed #finger-placeholder-text"
"""Places of the notice after a reading: under it, or in the middle where there is nothing else."""
WIDTH = "async (image) => { await image.decode(); return image.naturalWidth; }"


class FingerDesk:
    """The tab as the hand of a person finds it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Until a finger could be taken."""
        self.page.wait_for_selector("#finger-take:not([disabled])", timeout=PATIENCE_MS)

    def choose(self, sensor: str = NAME, presses: str = "1") -> None:
        """Choose a sensor and how often it is pressed."""
        self.page.select_option("#finger-device", label=sensor)
        self.page.select_option("#finger-presses", label=presses)

    def press(self, button: str) -> None:
        """Press Take or Compare, and wait for the end, whatever that is."""
        self.page.click(button)
        self.page.wait_for_selector("#finger-cancel[disabled]", timeout=PATIENCE_MS)
        self.page.wait_for_selector(SAID)

    def notice(self) -> str:
        """Text of the notice after a reading."""
        return self.page.locator(SAID).inner_text().strip()

    def pictures(self) -> int:
        """How many pictures of fingers are in the page, shown or not."""
        return self.page.locator("#finger-sheet img[src]").count()


@pytest.fixture
def tab(page: Page, served: Served) -> Iterator[FingerDesk]:
    """The tab; a console error or a violation of its policy at any time fails the test."""
    complaints = Complaints()
    complaints.listen(page)
    page.goto(f"{served.address}#finger")
    yield FingerDesk(page)
    assert complaints.heard == []


def test_a_finger_that_was_taken_matches_itself(tab: FingerDesk) -> None:
    tab.choose(presses="3")
    tab.press("#finger-take")
    assert tab.notice() == "The finger was taken"
    tab.press("#finger-match")
    assert tab.notice() == "The fingers match"
    assert tab.page.inner_text("#finger-verdict").startswith("A match, similarity 0.9")
    assert tab.pictures() == 0, "nobody has asked to see them"
    tab.page.click("#finger-show")
    assert tab.page.eval_on_selector("#finger-taken", WIDTH) == fingerprints.WIDTH
    assert tab.pictures() == 2
    tab.page.click("#finger-show")
    assert tab.pictures() == 0


def test_presses_are_counted(tab: FingerDesk) -> None:
    tab.choose(presses="3")
    tab.page.click("#finger-take")
    tab.page.wait_for_selector("#finger-placeholder-remedy:has-text('Taken: 1 of 3.')", timeout=PATIENCE_MS)
    tab.page.wait_for_selector("#finger-placeholder-remedy:has-text('Taken: 2 of 3.')", timeout=PATIENCE_MS)
    tab.page.click("#finger-cancel")
    tab.wait_until_ready()
    assert tab.notice() == "Cancelled"


def test_another_finger_does_not_match(tab: FingerDesk) -> None:
    tab.choose()
    tab.press("#finger-take")
    tab.choose(f"{NAME} (another finger)")
    tab.page.fill("#finger-wait", "2")
    tab.press("#finger-match")
    assert tab.notice().startswith("Error 7003: The fingerprints do not match: similarity 0.")
    assert tab.page.inner_text("#finger-verdict").startswith("No match, similarity 0.")


@pytest.mark.parametrize(("fault", "code"), [("no finger", 7001), ("unclear finger", 7002)])
def test_what_goes_wrong_is_told_in_words(tab: FingerDesk, fault: str, code: int) -> None:
    tab.choose(f"{NAME} ({fault})")
    tab.page.fill("#finger-wait", "2")
    tab.press("#finger-take")
    assert tab.notice().startswith(f"Error {code}: ")


@pytest.mark.parametrize("leave", ["#tab-camera", "#finger-forget"])
def test_what_was_taken_is_forgotten(tab: FingerDesk, leave: str) -> None:
    tab.choose()
    tab.press("#finger-take")
    tab.page.click("#finger-show")
    tab.page.click(leave)
    tab.page.click("#tab-finger")
    assert tab.pictures() == 0
    assert tab.page.is_visible("#finger-placeholder")
    assert tab.page.is_disabled("#finger-match")


def test_the_log_of_messages_has_no_feature(tab: FingerDesk) -> None:
    tab.choose()
    tab.press("#finger-take")
    tab.press("#finger-match")
    for row in tab.page.locator("#log summary:has(.func:text-matches('Finger(Info|Match)'))").all():
        row.click()
    tab.page.locator("#log pre", has_text='"fingerFeature": "•••"').first.wait_for()
    html = tab.page.evaluate("document.documentElement.outerHTML")
    assert "Rk1S" not in html, "how every feature begins in base64"
    assert "iVBOR" not in html, "and every PNG"
