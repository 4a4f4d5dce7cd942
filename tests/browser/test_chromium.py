"""The browser of the tests itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("where", ["page", "element"])
def test_a_promise_that_is_never_kept_holds_up_no_run(
    page: Page, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.set_content("<p>")
    monkeypatch.setattr(chromium, "PATIENCE", 0.5)
    with pytest.raises(TimeoutError):
        (page if where == "page" else page.locator("p")).evaluate("() => new Promise(() => {})")
    assert page.evaluate("1 + 1") == 2
