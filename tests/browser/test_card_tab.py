"""The tab of cards against the real service with its demo readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from server.devices.adapters.demo import card_reader
from tests.browser.chromium import Complaints
from tests.patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

PERSONAL = ("张三", card_reader.NUMBER, card_reader.BANK_NUMBER, "样张路", "1990-01-01")
NAME = "Demo Card Reader"
SAID = "#card-notice:not([data-kind='']), .has-failed #card-placeholder-text"
"""Places of the notice after a reading: under it, or in the middle where there is nothing else."""
WIDTH = "async (image) => { await image.decode(); return image.naturalWidth; }"

MOVES = "getComputedStyle(document.querySelector('.beacon'), '::before').animationName.split()"
LESS = "(first) => parseInt(document.querySelector('#card-left').innerText, 10) < first"


class CardDesk:
    """The tab as the hand of a person finds it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Until a card could be read."""
        self.page.wait_for_selector("#card-read:not([disabled])", timeout=PATIENCE_MS)

    def read(self, kind: str = "Resident ID card", reader: str = "Any reader", wait: int = 20) -> None:
        """Read a card to the end, whatever that is."""
        self.page.select_option("#card-device", label=reader)
        self.page.select_option("#card-kind", label=kind)
        self.page.fill("#card-wait", str(wait))
        self.page.click("#card-read")
        self.page.wait_for_selector(SAID, timeout=PATIENCE_MS)
        self.wait_until_ready()

    def items(self) -> dict[str, str]:
        """What the card says as the page shows it."""
        terms = self.page.locator("#card-items dt").all_inner_texts()
        return dict(zip(terms, self.page.locator("#card-items dd").all_inner_texts(), strict=True))

    def notice(self) -> str:
        """Text of the notice after a reading."""
        return self.page.locator(SAID).inner_text().strip()

    def holds(self, word: str) -> bool:
        """Whether a word is anywhere in the page, shown or not."""
        return bool(self.page.evaluate("(word) => document.documentElement.outerHTML.includes(word)", word))


@pytest.fixture
def tab(page: Page, served: Served) -> Iterator[CardDesk]:
    """The tab; a console error or a violation of its policy at any time fails the test."""
    complaints = Complaints()
    complaints.listen(page)
    page.goto(f"{served.address}#card")
    yield CardDesk(page)
    assert complaints.heard == []


def test_a_card_is_masked_until_somebody_asks(tab: CardDesk) -> None:
    tab.read()
    assert tab.notice() == "The card was read"
    assert tab.items().keys() >= {"Name", "Number", "Address"}
    assert set(tab.items().values()) == {"••••••"}
    assert not any(tab.holds(word) for word in PERSONAL)
    assert tab.page.locator("#card-portrait[src]").count() == 0
    tab.page.click("#card-show")
    assert tab.items()["Name"] == "张三"
    assert tab.items()["Number"] == card_reader.NUMBER
    assert tab.page.eval_on_selector("#card-portrait", WIDTH) == card_reader.WIDTH
    tab.page.click("#card-show")
    assert not any(tab.holds(word) for word in PERSONAL)


def test_each_item_is_copied_with_one_press_and_stays_masked(tab: CardDesk) -> None:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.read()
    copy = tab.page.get_by_role("button", name="Copy: Number", exact=True)
    copy.click()
    tab.page.get_by_role("button", name="Copied: Number", exact=True).wait_for()
    assert tab.page.evaluate("navigator.clipboard.readText()") == card_reader.NUMBER
    assert not tab.holds(card_reader.NUMBER), "and it is not shown for it"
    tab.page.evaluate("navigator.clipboard.writeText('')")


@pytest.mark.parametrize(
    ("kind", "item", "value"),
    [
        ("Social security card", "Card number", "X00000000"),
        ("Bank card", "Card number", card_reader.BANK_NUMBER),
    ],
)
def test_other_cards(tab: CardDesk, kind: str, item: str, value: str) -> None:
    tab.read(kind)
    tab.page.click("#card-show")
    assert tab.items()[item] == value
    assert not tab.page.is_visible("#card-portrait-box")


@pytest.mark.parametrize("leave", ["#tab-camera", "#card-forget"])
def test_what_was_read_is_forgotten(tab: CardDesk, leave: str) -> None:
    tab.read()
    tab.page.click("#card-show")
    assert tab.holds("张三")
    tab.page.click(leave)
    tab.page.click("#tab-card")
    assert not any(tab.holds(word) for word in PERSONAL)
    assert tab.page.is_visible("#card-placeholder")
    assert not tab.page.is_visible("#card-show")


def test_the_log_of_messages_masks_it_too(tab: CardDesk) -> None:
    tab.read()
    answer = tab.page.locator("#log li[data-direction=in]:has(.func:text-is('ReadIDCardInfo'))")
    answer.locator("summary").click()
    answer.locator("pre", has_text='"name": "•••"').wait_for()
    assert '"result": 0' in answer.inner_text()
    assert not any(tab.holds(word) for word in PERSONAL)


def test_a_number_is_masked_in_the_log_though_sent_by_hand(tab: CardDesk) -> None:
    tab.page.fill("#hand-text", '{"func":"ReadIDCardInfo","reqId":"by hand","idType":2,"devNum":0}')
    tab.page.click("#hand button")
    answer = tab.page.locator("#log li[data-direction=in]:has(.func:text-is('ReadIDCardInfo'))")
    answer.wait_for(timeout=PATIENCE_MS)
    assert not any(tab.holds(word) for word in PERSONAL)


@pytest.mark.sampled(2)
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("card taken away", 6003),
        ("wrong card", 6004),
        ("silent card", 6005),
        ("busy", 2002),
    ],
)
def test_what_goes_wrong_is_told_in_words(tab: CardDesk, fault: str, code: int) -> None:
    tab.read(reader=f"{NAME} ({fault})")
    assert tab.notice().startswith(f"Error {code}: ")
    # In the middle, where the eyes are, and not at the foot beside "No card was read".
    assert tab.page.inner_text("#card-placeholder-text") == tab.notice()
    assert tab.page.inner_text("#card-placeholder-remedy") == "You can try again."
    assert tab.page.inner_text("#card-notice p") == ""


def test_no_card_in_time_is_told(tab: CardDesk) -> None:
    tab.read(reader=f"{NAME} (no card)", wait=1)
    assert tab.notice().startswith("Error 6002: No card was presented within 1 seconds.")


def test_a_wait_is_cancelled(tab: CardDesk) -> None:
    tab.page.select_option("#card-device", label=f"{NAME} (no card)")
    tab.page.click("#card-read")
    tab.page.wait_for_selector("#card-placeholder-text:text('Present the card')")
    # Something moves, and the seconds are counted down.
    assert tab.page.evaluate(MOVES) == ["beacon"]
    first = int(tab.page.inner_text("#card-left").split()[0])
    tab.page.wait_for_function(LESS, arg=first)
    tab.page.click("#card-cancel")
    assert tab.page.is_hidden("#card-left")
    tab.wait_until_ready()
    assert tab.notice() == "Cancelled"
    tab.read()
    assert tab.notice() == "The card was read", "the connection is free again"


def test_leaving_the_tab_ends_a_wait(tab: CardDesk) -> None:
    tab.page.select_option("#card-device", label=f"{NAME} (no card)")
    tab.page.fill("#card-wait", "600")
    tab.page.click("#card-read")
    tab.page.click("#tab-camera")
    tab.page.click("#tab-card")
    tab.wait_until_ready()


def test_a_reader_that_is_unplugged_comes_back(tab: CardDesk) -> None:
    name = f"{NAME} (unplugged while reading)"
    tab.read(reader=name)
    tab.page.wait_for_selector(f"#card-device:not(:has-text('{name}'))", state="attached")
    tab.page.wait_for_selector(f"#card-device:has-text('{name}')", state="attached", timeout=PATIENCE_MS)


def test_a_pin_is_asked_for_social_cards_only_and_not_kept(tab: CardDesk) -> None:
    assert not tab.page.is_visible("#card-pin")
    tab.page.select_option("#card-kind", label="Social security card")
    tab.page.fill("#card-pin", "123456")
    tab.read("Social security card")
    assert tab.page.input_value("#card-pin") == ""
    assert not tab.holds("123456")


def test_everything_has_both_languages(tab: CardDesk) -> None:
    tab.read()
    tab.page.click("[data-language=zh]")
    assert list(tab.items())[:2] == ["姓名", "性别"]
    assert tab.page.inner_text("#card-show") == "显示"
    assert "演示读卡器（没有卡）" in tab.page.inner_text("#card-device")
    empty = "[...document.querySelectorAll('[data-i18n]')].filter((e) => !e.textContent.trim()).length"
    assert tab.page.evaluate(empty) == 0


def test_the_portrait_goes_to_the_tab_of_faces(tab: CardDesk) -> None:
    tab.read()
    tab.page.click("#card-compare")
    tab.page.wait_for_selector("#panel-face:visible")
    assert tab.page.eval_on_selector("#face-given", WIDTH) > 50
    tab.page.click("#tab-card")
    assert not tab.page.is_visible("#card-sheet"), "the card itself is forgotten on leaving"
    tab.page.click("#tab-face")
    assert tab.page.is_hidden("#face-given")
