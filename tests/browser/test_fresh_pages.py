"""Pages share a process, and nothing that one of them leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import forget

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

LEFT = """async () => [
    localStorage.getItem('language'),
    document.cookie,
    (await navigator.permissions.query({ name: 'clipboard-read' })).state === 'granted',
]"""


def test_what_a_page_stored_and_was_allowed_is_forgotten(page: Page, served: Served) -> None:
    page.goto(f"{served.address}gaopai.js")
    page.evaluate("localStorage.setItem('language', 'zh'); document.cookie = 'left=here'")
    page.context.grant_permissions(["clipboard-read"])
    assert page.evaluate(LEFT) == ["zh", "left=here", True]
    forget(page)
    assert page.evaluate(LEFT) == [None, "", False]
