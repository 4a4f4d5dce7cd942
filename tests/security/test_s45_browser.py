"""S45: in a browser, a page of an allowed origin reads nothing of the settings and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.administrator import Administrator, address_of, ticket_of
from tests.browser.conftest import browser  # noqa: F401 - fixture
from tests.browser.site import site
from tests.patience import PATIENCE_MS
from tests.service import running

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

TRY = """async ([path, request, secret]) => {
    const headers = { ...request.headers, ...(secret && { Authorization: `Bearer ${secret}` }) };
    try {
        const answer = await fetch(path, { ...request, headers });
        return [answer.type, answer.status, (await answer.text()).length];
    } catch (error) {
        return [error.name, 0, 0];
    }
}"""
BODY = '{"origin": "https://evil.example.com", "decision": "allow"}'
REQUESTS = [
    {"method": "POST", "body": BODY, "headers": {"Content-Type": "application/json"}},
    {"method": "POST", "body": BODY, "headers": {"Content-Type": "text/plain"}, "mode": "no-cors"},
    {"method": "POST", "body": BODY, "headers": {"Content-Type": "text/plain"}, "credentials": "include"},
    {"method": "GET", "headers": {}},
]
POSTED = """(address) => {
    const form = document.createElement('form');
    form.method = 'post'; form.enctype = 'text/plain'; form.action = address; form.target = 'frame';
    const field = document.createElement('input');
    field.name = '{"origin": "https://evil.example.com", "x": "'; field.value = '", "decision": "allow"}';
    const frame = document.createElement('iframe');
    frame.name = 'frame';
    document.body.append(frame, form); form.append(field); form.submit();
}"""


def attempts(page: Page, address: str, secret: str) -> list[list[object]]:
    """What each way to ask comes to."""
    return [page.evaluate(TRY, [address, request, secret]) for request in REQUESTS]


def test_an_allowed_page_gets_nothing(browser: Browser, tmp_path: Path) -> None:  # noqa: F811
    with site() as allowed, running(tmp_path, f'[access]\norigins = ["{allowed}"]\n') as service:
        administrator = Administrator(service)
        with browser.new_context() as context:
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            page.goto(f"{allowed}/")
            for name in ("open", "settings", "decide", "log"):
                found = attempts(page, f"{service.http}/admin/api/{name}", administrator.secret)
                assert all(kind in ("TypeError", "opaque") and not size for kind, _, size in found), found
            page.evaluate(POSTED, f"{service.http}/admin/api/decide")
            page.wait_for_timeout(500)
            # The page opens in a window of its own, out of reach, and in no frame.
            address = address_of(service)
            with context.expect_page() as opened:
                page.evaluate("(address) => { window.child = window.open(address); }", address)
            opened.value.wait_for_selector("#tabs:not([hidden])")
            reached = page.evaluate(
                "() => { try { return child.document.title; } catch (error) { return error.name; } }"
            )
            assert reached in ("SecurityError", None)
            assert page.evaluate("() => child.closed")  # another group of windows: no handle is left
            page.evaluate(
                "(address) => { const frame = document.createElement('iframe'); frame.id = 'framed';"
                " frame.src = address; document.body.append(frame); }",
                address_of(service),
            )
            page.wait_for_timeout(1000)
            assert ticket_of(service).exists()  # nothing in the frame took it
        assert administrator.must("origins")["decided"] == []
