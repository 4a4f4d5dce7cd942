"""The capture station makes papers that last, and verifies those that are dropped onto it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pyhanko", reason="the extra archive is not installed")

from tests.browser.test_tray import add, clerk, pictures

if TYPE_CHECKING:
    from tests.browser.conftest import Served
    from tests.browser.desk import Desk

__all__ = ["clerk"]
pytestmark = pytest.mark.browser

DROP = """([files]) => {
    const carried = new DataTransfer();
    for (const [name, content] of files) {
        carried.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name));
    }
    const drop = new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true });
    document.getElementById('case').dispatchEvent(drop);
}"""


def _drop(desk: Desk, *files: tuple[str, bytes]) -> None:
    desk.page.evaluate(DROP, [[(name, base64.b64encode(data).decode()) for name, data in files]])


def test_a_case_becomes_a_sealed_paper_and_says_what_holds(
    clerk: Desk, served: Served, tmp_path: Path
) -> None:
    page = clerk.page
    add(clerk, pictures(tmp_path, 2))
    page.select_option("#merge-kind", "archive")
    page.fill("#merge-name", "sealed")
    page.click("#merge-button")
    seal = page.locator("#document-seal")
    seal.wait_for()
    for said in ("holds", "that machine’s clock", "not who signed", "PDF/A-3b", "not certified"):
        assert said in seal.inner_text()
    assert seal.get_attribute("data-holds") == "true"
    made = (served.root / "sealed.pdf").read_bytes()

    notice = page.locator("#case-notice p")
    sheets = clerk.sheets.count()
    _drop(clerk, ("mine.pdf", made))
    page.wait_for_function("() => document.querySelector('#case-notice p').textContent.includes('mine.pdf')")
    assert "nothing was altered" in notice.inner_text()
    altered = made.replace(b"%%EOF", b"%%EOE", 1)
    _drop(clerk, ("other.pdf", altered))
    page.wait_for_function("() => document.querySelector('#case-notice p').textContent.includes('other.pdf')")
    assert "does not hold" in notice.inner_text()
    _drop(clerk, ("text.txt.p7s", b"alone"))
    page.wait_for_function("() => document.querySelector('#case-notice p').textContent.includes('text.txt')")
    assert "together with its file" in notice.inner_text()
    assert clerk.sheets.count() == sheets
