"""S6, in Chromium: gaopai.js shows the token, and the service's own page takes it from its address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.site import site
from tests.service import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

SECRET = "correct-horse-battery-staple_0123456789"
CALL = """async ([url, options]) => {
    const { connect } = await import('/gaopai.js');
    const gaopai = connect(url, { reconnect: false, ...options });
    try {
        return (await gaopai.call('Heartbeat')).result;
    } catch ({ code }) {
        return code;
    } finally {
        gaopai.close();
    }
}"""


def test_a_page_connects_with_the_token_only(browser: Browser, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(SECRET, encoding="utf-8")
    token.chmod(0o600)
    with (
        site() as allowed,
        running(tmp_path, f"[access]\ntoken_file = '{token}'\n", "--allow-origin", allowed) as service,
        browser.new_context() as context,
    ):
        page = context.new_page()
        socket = service.url
        page.goto(f"{allowed}/gaopai.d.ts")
        for address, options, outcome in (
            (socket, {"token": SECRET}, 0),
            (socket, {"token": SECRET, "binary": False}, 0),
            (f"{socket}?token={SECRET}", {}, 0),
            (socket, {"token": SECRET[1:]}, "closed"),
            (socket, {}, "closed"),
        ):
            assert page.evaluate(CALL, [address, options]) == outcome
        page.goto(f"{service.http}/#token={SECRET}")
        page.wait_for_selector("#connection[data-state=open]")
