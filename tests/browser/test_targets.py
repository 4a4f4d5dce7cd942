"""Pages are sent where the administrator said, by a name: no address is written, and no field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.desk import Desk
from tests.browser.inbox import bytes_of, inbox, name_of
from tests.browser.test_tray import add, pictures
from tests.patience import PATIENCE_MS
from tests.service import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.inbox import Inbox

pytestmark = pytest.mark.browser


@pytest.fixture
def sending(browser: Browser, tmp_path: Path) -> Iterator[tuple[Desk, Inbox]]:
    """The page of a service that names one target."""
    (tmp_path / "served").mkdir()
    with inbox() as kept:
        settings = f"""
[upload]
allow = ["{kept.origin}"]

[targets.archive]
adapter = "http"
url = "{kept.origin}/up"
"""
        with (
            running(tmp_path / "served", settings) as service,
            browser.new_context(locale="zh-CN") as context,
        ):
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            page.goto(f"{service.http}/")
            page.wait_for_selector("#connection[data-state=open]")
            yield Desk(page), kept


def test_a_clerk_chooses_a_name(sending: tuple[Desk, Inbox], tmp_path: Path) -> None:
    desk, kept = sending
    page = desk.page
    add(desk, pictures(tmp_path, 2))
    page.fill("#case-number", "118")
    page.click("#upload-toggle")
    assert page.input_value("#upload-target") == "archive"
    assert page.is_hidden("#upload-url")
    assert page.is_hidden("#upload-params")
    page.click("#upload-button")
    page.wait_for_selector("#upload-status:has-text('2')")
    for number, form in enumerate(kept.forms, 1):
        fields = {name_of(part): bytes_of(part) for part in form if part.get_filename() is None}
        assert fields["case"] == b"118"
        assert [part.get_filename() for part in form if part.get_filename()] == [f"118-{number:04}.jpg"]
    assert len(kept.forms) == 2
    # An address can be written all the same.
    page.select_option("#upload-target", "")
    assert page.is_visible("#upload-url")


def test_a_name_that_nobody_gave_is_refused(sending: tuple[Desk, Inbox]) -> None:
    page = sending[0].page
    asked = (
        "() => gaopai.call('UploadHttpFile', { target: 'x', imagePath: 'a.jpg' }).catch(({ code }) => code)"
    )
    assert page.evaluate(asked) == 5007
    assert page.evaluate("() => gaopai.call('GetServiceInfo').then(({ targets }) => targets)") == ["archive"]
