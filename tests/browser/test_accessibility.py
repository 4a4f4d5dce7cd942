"""axe finds nothing wrong in any tab, language and theme; the page does not grow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from tests.browser.axe import axe, violations
from tests.browser.desk import Desk
from tests.patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

OPENINGS = 8
WALKS = {"light": [("off", "zh"), ("on", "en")], "dark": [("on", "en")]}
"""Colours are the same in both languages, and the developer sees all that a clerk does, in either."""
IN_SIGHT = """gaopai.dispatchEvent(new CustomEvent('documents', {
  detail: { devNum: 0, state: 'read', documents: [
    { type: 'id-card-front', valid: false, problems: ['name.uncertain'], fields: { name: 'A', id: '1' } },
    { type: 'bank-card', valid: true, problems: [], fields: { number: '2' } },
    { type: 'invoice', valid: null, problems: [], fields: { total: '3.00' } },
] } }))"""


def walk(page: Page, told: dict[str, Sequence[str]], theme: str, state: str) -> None:
    """Look at every tab, and at what opens over the first."""
    for tab in page.locator("[role=tab]").all():
        tab.click()
        page.wait_for_timeout(700)
        told[f"{theme} {state} {tab.get_attribute('id')}"] = violations(page, theme)
    for tab, sheet in (("scanner", "scan-options"), ("camera", "options")):
        page.click(f"#tab-{tab}")
        page.click(f"#{sheet} .more-button")
        told[f"{theme} {state} more of {tab}"] = violations(page, theme)
        page.click(f"#{sheet} .more-button")
    page.click("#upload-toggle")
    told[f"{theme} {state} upload"] = violations(page, theme)
    page.click("#upload-toggle")
    page.check("#sight-switch")
    page.wait_for_selector("#sight")
    page.evaluate(IN_SIGHT)
    page.keyboard.press("F2")
    told[f"{theme} {state} sight"] = violations(page, theme)
    page.uncheck("#sight-switch")
    page.click("#shown-open")
    told[f"{theme} {state} viewer"] = violations(page, theme)
    page.click("#viewer-recrop")
    page.wait_for_selector("#viewer-corners")
    told[f"{theme} {state} corners"] = violations(page, theme)
    page.click("#viewer-uncut")
    page.click("#viewer-cover")
    page.click("#viewer-bar")
    page.wait_for_selector("#viewer-covers .cover")
    told[f"{theme} {state} covers"] = violations(page, theme)
    page.click("#viewer-leave")
    page.click("#viewer-stamp")
    page.click("#viewer-designs button")
    page.wait_for_selector("#viewer-stamps .stamp")
    told[f"{theme} {state} stamps"] = violations(page, theme)
    page.click("#viewer-nostamp")
    page.click("#viewer-close")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_violation(browser: Browser, served: Served, theme: str) -> None:
    told: dict[str, Sequence[str]] = {}
    with browser.new_context(viewport={"width": 1366, "height": 768}, color_scheme=theme) as context:  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        # The page's policy admits no script but its own; this one comes before any policy.
        context.add_init_script(axe())
        page = context.new_page()
        page.goto(served.address)
        desk = Desk(page)
        desk.open("640 × 480")
        desk.shoot()
        for developer, language in WALKS[theme]:
            page.set_checked("#developer", developer == "on")
            page.click(f"[data-language={language}]")
            walk(page, told, theme, f"{language} developer {developer}")
    assert {state: found for state, found in told.items() if found} == {}
    assert len(told) == 13 * len(WALKS[theme])


def test_the_page_does_not_grow_by_openings(browser: Browser, served: Served) -> None:
    with browser.new_context(locale="en-US") as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(served.address)
        desk = Desk(page)
        counts = []
        for _ in range(OPENINGS):
            desk.open("640 × 480")
            # They come a moment after the picture, and stay.
            page.wait_for_selector("#camera-controls .control", state="attached")
            page.click("#open")
            page.wait_for_selector("#open:has-text('Open'):not([disabled])")
            counts.append(page.evaluate("document.getElementsByTagName('*').length"))
    print(f"elements after the first and after {OPENINGS} openings: {counts[0]} and {counts[-1]}")
    assert counts[-1] == counts[0]
