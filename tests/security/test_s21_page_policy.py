"""S21: the demo page has a strict content security policy, and a walk through all of it breaks none of it."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import browser, first_page, page, served  # noqa: F401 - fixtures
from tests.patience import PATIENCE, PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self' ws: wss:",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
REPORTS = """
    window.reports = [];
    document.addEventListener('securitypolicyviolation', (report) =>
        window.reports.push(`${report.effectiveDirective} ${report.blockedURI} ${report.sourceFile}`));
"""


def walk(page: Page) -> int:  # noqa: F811
    """Press every button of every tab; how many there were."""
    pressed = 0
    for tab in page.locator("[role=tab]").all():
        tab.click()
        panel = f"#{tab.get_attribute('aria-controls')}"
        page.wait_for_selector(panel, state="visible", timeout=PATIENCE_MS)
        # Twice: what opens a device makes others of use.
        for _ in range(2):
            for button in page.locator(f"{panel} button:visible:enabled").all():
                if button.is_visible() and button.is_enabled():
                    button.dispatch_event("click")
                    page.wait_for_timeout(20)
                    pressed += 1
            page.wait_for_timeout(300)
    return pressed


def test_the_policy_is_the_one_that_is_wanted(served: Served) -> None:  # noqa: F811
    for name in ("", "index.html", "station/station.js", "gaopai.js", "none.html"):
        try:
            with urllib.request.urlopen(served.address + name, timeout=PATIENCE) as answer:
                headers = answer.headers
        except urllib.error.HTTPError as refusal:
            assert name == "none.html"
            headers = refusal.headers
            refusal.close()
            continue
        said = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert said == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_walk_through_all_tabs_breaks_none_of_it(page: Page, served: Served) -> None:  # noqa: F811
    page.add_init_script(REPORTS)
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto(served.address)
    page.wait_for_selector("#connection[data-state=open]", timeout=PATIENCE_MS)
    assert page.locator("[role=tab]").count() >= 5
    assert walk(page) >= 10
    assert page.evaluate("window.reports") == []
    assert page.locator("script:not([src])").count() == 0
    assert (
        page.locator("[style], [onclick], [onload], [onerror]").evaluate_all(
            "(all) => all.filter((one) => [...one.attributes].some((it) => it.name.startsWith('on'))).length"
        )
        == 0
    )


def test_what_breaks_it_is_stopped_and_reported(page: Page, served: Served) -> None:  # noqa: F811
    page.add_init_script(REPORTS)
    page.goto(served.address)
    page.wait_for_selector("#connection[data-state=open]", timeout=PATIENCE_MS)
    page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.injected = true';
            document.body.append(script);
            const image = document.createElement('img');
            image.src = 'http://127.0.0.1:9/x.png';
            document.body.append(image);
            const frame = document.createElement('iframe');
            frame.src = 'about:blank#x';
            frame.srcdoc = '<p>x';
            document.body.append(frame);
        }"""
    )
    page.wait_for_function("window.reports.length >= 2", timeout=PATIENCE_MS)
    assert page.evaluate("window.injected") is None
    assert any(report.startswith("script-src") for report in page.evaluate("window.reports"))
    assert any(report.startswith("img-src") for report in page.evaluate("window.reports"))
