"""S3, in Chromium: a sandboxed frame has no origin of its own, and is refused unless that is opted in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.site import site
from tests.service import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

FRAME = """<script>
  const socket = new WebSocket('ADDRESS');
  const tell = (outcome) => parent.postMessage({ origin: String(origin), outcome }, '*');
  socket.onopen = () => tell('open');
  socket.onclose = () => tell('refused');
</script>"""
TRIES = 3
SANDBOX = """([html, sandbox]) => new Promise((resolve) => {
    addEventListener('message', ({ data }) => resolve(data), { once: true });
    const frame = document.createElement('iframe');
    if (sandbox) frame.sandbox = 'allow-scripts';
    frame.srcdoc = html;
    document.body.append(frame);
})"""


def outcomes(browser: Browser, tmp_path: Path, *, null_origin: bool) -> list[dict[str, str]]:
    """What a sandboxed and a plain frame of an allowed page come to."""
    settings = f"[access]\nnull_origin = {str(null_origin).lower()}\n"
    with (
        site() as allowed,
        running(tmp_path, settings, "--allow-origin", allowed) as service,
        browser.new_context() as context,
    ):
        page = context.new_page()
        html = FRAME.replace("ADDRESS", f"ws://127.0.0.1:{service.port}")
        page.goto(f"{allowed}/gaopai.d.ts")
        sandboxed = page.evaluate(SANDBOX, [html, True])
        # Chromium gives up what is on its way whenever an interface of the machine comes or goes.
        for _ in range(TRIES):
            plain = page.evaluate(SANDBOX, [html, False])
            if plain["outcome"] == "open":
                break
        return [sandboxed, plain]


def test_a_sandboxed_frame_of_an_allowed_page_is_refused(browser: Browser, tmp_path: Path) -> None:
    sandboxed, plain = outcomes(browser, tmp_path, null_origin=False)
    assert sandboxed == {"origin": "null", "outcome": "refused"}
    assert plain["outcome"] == "open"


def test_it_connects_where_that_is_opted_in(browser: Browser, tmp_path: Path) -> None:
    sandboxed, _ = outcomes(browser, tmp_path, null_origin=True)
    assert sandboxed == {"origin": "null", "outcome": "open"}
