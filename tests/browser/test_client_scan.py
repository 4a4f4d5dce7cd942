"""Scans through gaopai.js, as a page of another origin makes them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

PRELUDE = """async ([url, order, at]) => {
    const { connect } = await import('/gaopai.js');
    const gaopai = connect(url, { reconnect: false, language: 'en' });
    await gaopai.call('GetScannerName');
    const sent = [];
    const got = [];
    gaopai.addEventListener('message', ({ detail: { direction, message } }) => {
        if (direction === 'out') sent.push(message.func);
        else got.push(`${message.func} ${message.result}`);
    });
    const pages = [];
    const told = ({ blob, ...rest }) => ({ bytes: blob?.size, type: blob?.type, ...rest });
    const failed = ({ name, code, message, answer }) => ({ name, code, message, answer });
    let error = null;
    try {
        %s
    } catch (thrown) {
        error = failed(thrown);
    }
    gaopai.close();
    return { pages, error, sent, got };
}"""
ITERATE = "for await (const page of gaopai.scan(order)) pages.push(told(page));"
LEAVE = """
        for await (const page of gaopai.scan(order)) {
            pages.push(told(page));
            if (pages.length === at) break;
        }
        for await (const page of gaopai.scan(order)) {
            pages.push(told(page));
            break;
        }"""
ABORT = """
        const controller = new AbortController();
        for await (const page of gaopai.scan(order, { signal: controller.signal })) {
            pages.push(told(page));
            if (pages.length === at) controller.abort(new Error('enough'));
        }"""
ABORTED_BEFORE = """
        const signal = AbortSignal.abort(new Error('never'));
        for await (const page of gaopai.scan(order, { signal })) pages.push(page);"""
LOSE = """
        for await (const page of gaopai.scan(order)) {
            pages.push(told(page));
            gaopai.close();
        }"""
FILES = "pages.push(await gaopai.scanToFiles(order));"

FAULTY = {"devIndex": 1, "scanResolution": 0, "scanPaperSize": 0}
SOUND, JAM, EMPTY = ({**FAULTY, "scanMode": mode} for mode in (0, 1, 3))


@pytest.fixture
def elsewhere(page: Page, served: Served) -> Page:
    """A page of another, allowed origin."""
    page.goto(f"{served.allowed}/gaopai.js")
    return page


def run(page: Page, served: Served, body: str, order: dict[str, Any], at: int = 0) -> dict[str, Any]:
    """What `body` collected and what it threw."""
    outcome: dict[str, Any] = page.evaluate(PRELUDE % body, [served.socket, order, at])
    return outcome


def test_pages_come_in_order(elsewhere: Page, served: Served) -> None:
    outcome = run(elsewhere, served, ITERATE, SOUND)
    assert outcome["error"] is None
    assert [page["index"] for page in outcome["pages"]] == [1, 2, 3, 4, 5]
    for page in outcome["pages"]:
        assert page["type"] == "image/jpeg" and page["bytes"] > 1000
        assert (page["width"], page["height"], page["count"], page["path"]) == (620, 877, None, None)
        assert page["page"] == page["index"] and page["blank"] in (True, False)
    assert outcome["got"][-1] == "GetScanEndStatue 0"


def test_leaving_the_loop_cancels_and_frees_the_scanner(elsewhere: Page, served: Served) -> None:
    outcome = run(elsewhere, served, LEAVE, SOUND, 1)
    assert outcome["error"] is None
    assert outcome["sent"] == ["Scan", "CancelScan"] * 2
    assert outcome["got"].count("Scan 1009") == 2
    assert len(outcome["pages"]) == 2, "the scanner was free again"


def test_an_error_comes_after_the_pages_before_it(elsewhere: Page, served: Served) -> None:
    outcome = run(elsewhere, served, ITERATE, JAM)
    assert [page["index"] for page in outcome["pages"]] == [1, 2]
    assert (outcome["error"]["name"], outcome["error"]["code"]) == ("GaopaiError", 2009)
    assert outcome["sent"] == ["Scan"], "there is nothing to cancel"


def test_an_aborted_scan_delivers_what_is_complete(elsewhere: Page, served: Served) -> None:
    outcome = run(elsewhere, served, ABORT, SOUND, 1)
    assert outcome["error"]["message"] == "enough"
    assert outcome["sent"] == ["Scan", "CancelScan"]
    assert 1 <= len(outcome["pages"]) < 5
    assert len(outcome["pages"]) == outcome["got"].count("Scan 0")


def test_a_scan_that_was_aborted_before_is_not_begun(elsewhere: Page, served: Served) -> None:
    outcome = run(elsewhere, served, ABORTED_BEFORE, SOUND)
    assert (outcome["error"]["message"], outcome["sent"]) == ("never", [])


def test_a_lost_connection_ends_it(elsewhere: Page, served: Served) -> None:
    outcome = run(elsewhere, served, LOSE, SOUND)
    assert len(outcome["pages"]) >= 1
    assert outcome["error"]["code"] == "closed"


def test_pages_of_files_carry_their_path(elsewhere: Page, served: Served) -> None:
    outcome = run(elsewhere, served, ITERATE, {**JAM, "imagePath": "both/a.jpg"})
    paths = [page["path"] for page in outcome["pages"]]
    assert paths == [str(served.root / "both" / name) for name in ("a.jpg", "a1.jpg")]
    assert [page["bytes"] for page in outcome["pages"]] == [Path(path).stat().st_size for path in paths]
    assert outcome["error"]["answer"]["imagePath"] == paths


def test_scan_to_files_resolves_with_their_names(elsewhere: Page, served: Served) -> None:
    outcome = run(elsewhere, served, FILES, {**SOUND, "imagePath": "files/a.png"})
    (files,) = outcome["pages"]
    assert [Path(path).exists() for path in files["imagePath"]] == [True] * 5
    assert files["blankPages"] == []
    assert outcome["got"] == ["Scan 0", "Notify 0", "GetScanEndStatue 0"]


def test_scan_to_files_of_an_empty_feeder_is_refused(elsewhere: Page, served: Served) -> None:
    outcome = run(elsewhere, served, FILES, EMPTY)
    assert (outcome["error"]["code"], outcome["pages"]) == (2011, [])
