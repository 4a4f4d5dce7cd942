"""Cards and fingers through gaopai.js, as a page of another origin reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from server.devices.adapters.demo import card_reader

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

PRELUDE = """async (url) => {
    const { connect } = await import('/gaopai.js');
    const gaopai = connect(url, { reconnect: false, language: 'en' });
    const told = (blob) => blob && { type: blob.type, some: blob.size > 500 };
    const sent = [];
    gaopai.addEventListener('message', ({ detail: { direction, message } }) => {
        if (direction === 'out') sent.push(message.func);
    });
    try {
        %s
    } catch ({ name, code, message, answer }) {
        return { name, code, message, answer, sent };
    } finally {
        gaopai.close();
    }
}"""


@pytest.fixture
def elsewhere(page: Page, served: Served) -> Page:
    """A page of another, allowed origin."""
    page.goto(f"{served.allowed}/gaopai.js")
    return page


def run(page: Page, served: Served, body: str) -> dict[str, Any]:
    """What `body` returns, or what it threw."""
    outcome: dict[str, Any] = page.evaluate(PRELUDE % body, served.socket)
    return outcome


def test_a_resident_card(elsewhere: Page, served: Served) -> None:
    card = run(
        elsewhere,
        served,
        "const { portrait, ...says } = await gaopai.readCard('resident', { reader: 0 });"
        "return { ...says, portrait: told(portrait) };",
    )
    assert (card["name"], card["id"]) == ("张三", card_reader.NUMBER)
    assert card["portrait"] == {"type": "image/png", "some": True}


def test_the_other_cards(elsewhere: Page, served: Served) -> None:
    social = run(elsewhere, served, "return await gaopai.readCard('social', { reader: 0 });")
    assert social["cardNumber"] == "X00000000"
    bank = run(elsewhere, served, "return await gaopai.readCard('bank', { reader: 0 });")
    assert bank == {"number": card_reader.BANK_NUMBER, "expiry": "2031-12"}


def test_a_kind_that_there_is_not(elsewhere: Page, served: Served) -> None:
    assert run(elsewhere, served, "await gaopai.readCard('library');")["name"] == "TypeError"


def test_no_card_in_time(elsewhere: Page, served: Served) -> None:
    error = run(elsewhere, served, "await gaopai.readCard('bank', { reader: 1, timeout: 200 });")
    assert (error["name"], error["code"]) == ("GaopaiError", 6002)


def test_a_signal_ends_the_wait_at_the_service_too(elsewhere: Page, served: Served) -> None:
    body = """
        const controller = new AbortController();
        setTimeout(() => controller.abort(new Error('enough')), 300);
        const options = { reader: 1, timeout: 600_000, signal: controller.signal };
        const reason = await gaopai.readCard('bank', options).catch((error) => error.message);
        const { number } = await gaopai.readCard('bank', { reader: 0 });
        return { reason, number, sent };"""
    outcome = run(elsewhere, served, body)
    assert (outcome["reason"], outcome["number"]) == ("enough", card_reader.BANK_NUMBER)
    assert "CancelScan" in outcome["sent"]


def test_a_finger_is_enrolled_and_found_again(elsewhere: Page, served: Served) -> None:
    body = """
        const heard = [];
        const events = [];
        gaopai.addEventListener('finger-press', ({ detail }) => events.push(detail.pressed));
        const onPress = (press) => heard.push(press);
        const { picture, feature } = await gaopai.readFinger({ presses: 2, onPress });
        const byFeature = await gaopai.matchFinger({ feature, timeout: 20_000 });
        const byPicture = await gaopai.matchFinger({ picture, timeout: 20_000 });
        return { heard, events, views: feature.split(';').length,
            taken: told(picture), live: told(byFeature.picture),
            similarities: [byFeature.similarity, byPicture.similarity] };"""
    outcome = run(elsewhere, served, body)
    assert outcome["heard"] == [
        {"pressed": 1, "presses": 2, "reason": None},
        {"pressed": 2, "presses": 2, "reason": None},
    ]
    assert outcome["events"] == [1, 2]
    assert outcome["views"] == 2
    assert outcome["taken"] == outcome["live"] == {"type": "image/png", "some": True}
    assert all(similarity >= 0.9 for similarity in outcome["similarities"])


def test_another_finger_is_told_with_its_similarity(elsewhere: Page, served: Served) -> None:
    body = """
        const { feature } = await gaopai.readFinger({ reader: 0 });
        await gaopai.matchFinger({ feature, reader: 3, timeout: 2500 });"""
    error = run(elsewhere, served, body)
    assert error["code"] == 7003
    assert 0 <= error["answer"]["similarity"] < 0.9
