"""Fields are read from pages of the tray, and two fronts of a card are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from server.documents import text_reader
from synthetic.documents.resident_card import resident_front
from synthetic.scene.sheet import RESOLUTION
from synthetic.text.typeface import typefaces
from tests.browser.test_tray import add, clerk
from tests.patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute

    from tests.browser.desk import Desk

__all__ = ["clerk"]

pytestmark = pytest.mark.browser

READ_MS = 3 * PATIENCE_MS


@pytest.mark.skipif(not typefaces().chinese, reason="no Chinese fonts, in which the card is set")
@pytest.mark.skipif(not text_reader.is_there(), reason="the models of text are not here: gaopai models fetch")
def test_the_fields_of_a_stored_page_are_read_masked_and_forgotten(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    card = resident_front(np.random.default_rng((1, 0)), typefaces(), RESOLUTION)
    made = tmp_path / "card.png"
    cv2.imwrite(str(made), card.picture)
    add(clerk, [made])
    page.click("#shown-open")
    page.click("#viewer-fields")
    page.locator("#viewer-documents dd").first.wait_for(timeout=READ_MS)
    whole = "document.documentElement.outerHTML"
    assert "Identity card, front" in page.inner_text("#viewer-documents h2")
    assert card.fields["id"] not in page.evaluate(whole)
    page.click("#viewer-reveal")
    assert card.fields["id"] in page.inner_text("#viewer-documents")
    page.click("#viewer-close")
    # Chromium tells a dialog that it was closed a moment later.
    page.wait_for_function(f"(number) => !{whole}.includes(number)", arg=card.fields["id"])
    page.click("#shown-open")
    assert page.is_hidden("#viewer-read-fields")


def answer_sides(page: Page, kinds: list[str]) -> None:
    """Have the service say in turn what the sides of cards show."""

    def answered(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            asked = json.loads(message)
            if asked["func"] != "RecogDocument":
                return server.send(message)
            document = {"type": kinds.pop(0), "fields": {}, "valid": None, "expired": None, "problems": []}
            told = {"func": asked["func"], "reqId": asked["reqId"], "result": 0, "documents": [document]}
            return route.send(json.dumps(told))

        route.on_message(pass_on)

    page.route_web_socket("**", answered)
    page.reload()


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (["id-card-front", "id-card-front"], "Both pictures show the front."),
        (["id-card-back", "id-card-back"], "Both pictures show the back."),
    ],
)
def test_two_cards_that_show_one_side_are_no_copy(clerk: Desk, kinds: list[str], said: str) -> None:
    page = clerk.page
    answer_sides(page, kinds)
    # Two sides that look nothing alike: only what is read on them tells.
    page.evaluate(
        "Object.defineProperty(window, 'createImageBitmap', { value: DIFFER })".replace("DIFFER", DIFFER)
    )
    clerk.open("640 × 480")
    page.click("#card-tile")
    page.wait_for_selector("#in-sight[data-found=true]")
    for _ in range(2):
        page.click("#shutter")
        page.wait_for_selector("#compose-front[src]")
        page.wait_for_selector("#shutter[aria-busy=false]")
    page.wait_for_selector(f"#notice:has-text('{said}')")
    assert clerk.sheets.count() == 0
    page.click("#shutter")
    clerk.sheets.nth(0).wait_for()


DIFFER = """((create) => {
    let asked = 0;
    return async (source, ...rest) => {
        const options = rest.at(-1);
        if (options?.resizeWidth !== 32) return create(source, ...rest);
        asked += 1;
        const canvas = new OffscreenCanvas(32, 20);
        const context = canvas.getContext('2d');
        context.fillStyle = 'white';
        context.fillRect(0, 0, asked % 2 ? 16 : 32, asked % 2 ? 20 : 6);
        return canvas.transferToImageBitmap();
    };
})(window.createImageBitmap.bind(window))"""


@pytest.mark.skipif(not typefaces().chinese, reason="no Chinese fonts, in which the papers are set")
@pytest.mark.skipif(not text_reader.is_there(), reason="the models of text are not here: gaopai models fetch")
def test_a_passport_and_an_invoice_of_the_demo_desk_are_pages_with_fields(clerk: Desk) -> None:
    page = clerk.page
    page.wait_for_selector("#open:not([disabled])")
    page.select_option("#device", label="Demo Paper Desk")
    clerk.open("2592 × 1944")
    page.locator("#options label:has(input[name=cropType][value='2'])").click()
    page.wait_for_selector("#in-sight:has-text('Pages found: 2')")
    page.click("#shutter")
    clerk.sheets.nth(1).wait_for()
    page.click("#shown-open")
    kinds = set()
    for _ in range(2):
        page.click("#viewer-fields")
        page.locator("#viewer-documents h2").first.wait_for(timeout=READ_MS)
        kinds.add(page.inner_text("#viewer-documents h2").splitlines()[0])
        page.keyboard.press("PageUp")
    assert {kind.split()[0] for kind in kinds} == {"Passport", "Invoice"}
