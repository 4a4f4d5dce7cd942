"""The document of a case: made with progress, called off, sent on; nothing moves and nothing is hidden."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.test_tray import add, clerk, pictures

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocketRoute

    from tests.browser.conftest import Served
    from tests.browser.desk import Desk

__all__ = ["clerk"]

pytestmark = pytest.mark.browser

ON_TOP = """(selector) => {
    const one = document.querySelector(selector);
    const { left, top, width, height } = one.getBoundingClientRect();
    return one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""
FIXED = ("#merge-button", "#upload-toggle", "#merge-kind", "#sheets", "#stage")


class Held:
    """Stands between page and service, and lets no request to merge pass until it is told to."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self._waiting: list[str | bytes] = []
        page.route_web_socket("**", self._stand)

    def _stand(self, route: WebSocketRoute) -> None:
        service = route.connect_to_server()

        def forward(text: str | bytes) -> None:
            func = json.loads(text)["func"]
            self.asked.append(func)
            if func == "MergeFile":
                self._route = route
                self._waiting.append(text)
            else:
                service.send(text)

        route.on_message(forward)

    def cancelled(self) -> None:
        """Answer as a service that has called it off."""
        request = json.loads(self._waiting.pop())
        answer = {
            "func": "MergeFile",
            "reqId": request["reqId"],
            "result": 1009,
            "errorMsg": "MergeFile ended.",
        }
        self._route.send(json.dumps({**answer, "success": 0}))


def test_an_upload_that_fails_is_said_where_it_is_seen(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 3))
    page.click("#merge-button")
    page.wait_for_selector("#document")
    page.click("#upload-toggle")
    page.fill("#upload-url", "https://elsewhere.example.cn/files")
    page.click("#upload-button")
    page.wait_for_selector("#case-notice[data-kind=error]")
    for part in ("#case-notice", "#upload-toggle", "#merge-button"):
        assert page.evaluate(ON_TOP, part), f"{part} is covered"
    page.click("#upload-toggle")
    page.wait_for_selector("#upload", state="hidden")


def test_merging_is_seen_from_its_first_moment_and_called_off(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    held = Held(page)
    page.reload()
    add(clerk, pictures(tmp_path, 3))
    before = [page.locator(part).bounding_box() for part in FIXED]
    page.click("#merge-button")
    page.wait_for_selector("#merge-progress:has-text('3 pages')")
    assert [page.locator(part).bounding_box() for part in FIXED] == before
    page.click("#merge-cancel")
    page.wait_for_function("() => document.querySelector('#merge-cancel').disabled")
    while "CancelScan" not in held.asked:
        page.wait_for_timeout(50)
    held.cancelled()
    page.wait_for_selector("#case-notice:has-text('no file was made')")
    assert page.is_hidden("#merge-progress")
    assert page.is_enabled("#merge-button")


def test_the_service_ends_a_document_that_is_called_off(clerk: Desk, served: Served, tmp_path: Path) -> None:
    page = clerk.page
    clerk.open("1600 × 1200")
    for _ in range(2):
        clerk.shoot()
    page.select_option("#merge-kind", "2")
    page.fill("#merge-name", "called-off")
    page.click("#merge-button")
    page.click("#merge-cancel")
    page.wait_for_selector("#case-notice:has-text('no file was made')")
    assert list(served.root.rglob("called-off*")) == []


def test_what_was_made_has_its_place_before(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 3))
    before = [page.locator(part).bounding_box() for part in FIXED]
    page.click("#merge-button")
    page.wait_for_selector("#document")
    page.wait_for_selector("#merge-button[aria-busy=false]")
    assert [page.locator(part).bounding_box() for part in FIXED] == before


def test_text_is_read_for_an_ofd_where_it_is_asked_for_alone(clerk: Desk, tmp_path: Path) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 1))
    page.evaluate("""() => {
        window.sent = [];
        const { send } = WebSocket.prototype;
        WebSocket.prototype.send = function (text) {
            if (text.includes('MergeFile')) window.sent.push(JSON.parse(text).searchable);
            return send.call(this, text);
        };
    }""")
    for kind in ("3", "ofd-text"):
        page.select_option("#merge-kind", kind)
        page.click("#merge-button")
        page.wait_for_selector("#case-notice[data-kind=info]")
        page.wait_for_selector("#merge-button[aria-busy=false]")
        page.click("#case-notice button")
    assert page.evaluate("sent") == [False, None]
