"""Documents in sight: their fields while the card lies there, and the form, in the service's own page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pytest

from server.documents import text_reader
from synthetic.documents.resident_card import resident_back, resident_front
from synthetic.documents.specimen import Specimen
from synthetic.scene.desk import Desk as DemoDesk
from synthetic.scene.desk import Scene
from synthetic.scene.sheet import RESOLUTION
from synthetic.text.typeface import typefaces
from tests.browser.chromium import Complaints
from tests.browser.desk import Desk
from tests.patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Served

READ_MS = 3 * PATIENCE_MS
"""A card is read at niceness 10, and lies there again only a while after it was turned over."""
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not typefaces().chinese, reason="no Chinese fonts, in which the demo's card is set"),
    pytest.mark.skipif(
        not text_reader.is_there(), reason="the models of text are not here: gaopai models fetch"
    ),
]


def specimens() -> tuple[Specimen, Specimen]:
    """Front and back of the card on the demo's desk."""
    random = np.random.default_rng((1, 0))
    front, back = (side(random, typefaces(), RESOLUTION) for side in (resident_front, resident_back))
    assert DemoDesk().layout(Scene.CARD)
    return front, back


@pytest.fixture
def sight(browser: Browser, served: Served, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page with the demo's card desk open, and documents being read."""
    locale = getattr(request, "param", "zh-CN")
    with browser.new_context(viewport={"width": 1366, "height": 768}, locale=locale) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        complaints = Complaints()
        complaints.listen(page)
        page.goto(served.address)
        page.wait_for_selector("#open:not([disabled])")
        page.select_option("#device", index=1)
        Desk(page).open()
        page.check("#sight-switch")
        yield page
        assert complaints.heard == []


def shown(page: Page) -> dict[str, str]:
    """Text of the panel about the first document."""
    terms = page.locator("#sight-documents dt").all_inner_texts()
    return dict(zip(terms, page.locator("#sight-documents dd").all_inner_texts(), strict=True))


@pytest.mark.parametrize("sight", ["en-US"], indirect=True)
def test_fields_are_shown_while_the_card_lies_there_and_one_key_fills_the_form(sight: Page) -> None:
    front, back = specimens()
    sight.locator("#sight-documents dd").first.wait_for(timeout=READ_MS)
    # As in the tab of cards: masked until somebody asks.
    assert set(shown(sight).values()) == {"••••••"}
    assert front.fields["id"] not in sight.evaluate("document.documentElement.outerHTML")
    sight.click("#sight-show")
    sight.locator("#sight-documents dd", has_text=front.fields["id"]).wait_for(timeout=READ_MS)
    assert set(front.fields.values()) <= set(shown(sight).values())
    sight.keyboard.press("F2")
    form = {name: sight.input_value(f"#sight-form [name={name}]") for name in ("name", "number", "address")}
    assert form == {
        name: front.fields[field] for name, field in zip(form, ("name", "id", "address"), strict=True)
    }
    assert sight.inner_text("#sight-filled")
    sight.locator("#sight-documents dd", has_text=back.fields["issue"]).wait_for(timeout=READ_MS)
    assert front.fields["id"] not in sight.inner_text("#sight-documents"), "the front is gone"
    sight.keyboard.press("F2")
    assert sight.input_value("#sight-form [name=endDate]") == back.fields["endDate"]
    assert sight.input_value("#sight-form [name=name]") == front.fields["name"], "the other side adds to it"


def test_no_log_says_what_a_card_says_and_nothing_of_it_stays_when_it_is_switched_off(sight: Page) -> None:
    sight.check("#developer")
    sight.locator("#sight-documents dd").first.wait_for(timeout=READ_MS)
    sight.click("#sight-show")
    said = [value for value in shown(sight).values() if len(value) > 3]
    sight.evaluate("document.querySelectorAll('#log details').forEach((it) => { it.open = true; })")
    sight.locator("#log pre", has_text="OnDocuments").first.wait_for()
    log = sight.inner_text("#log")
    assert "•••" in log and said and not any(value in log for value in said)
    sight.keyboard.press("F2")
    sight.uncheck("#sight-switch")
    sight.wait_for_selector("#sight", state="hidden")
    left = sight.evaluate("document.documentElement.outerHTML")
    assert not any(value in left for value in said)
    values = sight.eval_on_selector_all("#sight-form input", "(inputs) => inputs.map(({ value }) => value)")
    assert set(values) == {""}
    sight.click("#open")
    sight.wait_for_selector("#sight-switch[disabled]")
