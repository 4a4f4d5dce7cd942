"""The scanner's tab as the hand of a person finds it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.patience import PATIENCE_MS

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

FAULTY = "Demo Scanner (faulty)"


class ScanDesk:
    """One page with the demo scanners."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wait_until_ready()

    @property
    def sheets(self) -> Locator:
        """The pages of the tray, in order."""
        return self.page.locator("#sheets .sheet:not(.coming)")

    def wait_until_ready(self) -> None:
        """Until a scan could be started."""
        self.page.wait_for_selector("#scan-button:not([disabled])")

    def choose(self, device: str = "Demo Scanner", source: str = "Feeder", mode: str = "Colour") -> None:
        """Choose scanner, source and mode by their words; 100 dpi, which is drawn sooner."""
        self.page.select_option("#scan-device", label=device)
        self.wait_until_ready()
        for control, label in {"source": source, "mode": mode, "resolution": "100"}.items():
            self.page.select_option(f"#scan-{control}", label=label)

    def name(self, name: str) -> None:
        """Name the files of the pages, in the sheet of options."""
        self.page.click("#scan-options .more-button")
        self.page.fill("#scan-name", name)
        self.page.click("#scan-options .more-button")

    def start(self) -> None:
        """Press Scan."""
        self.page.click("#scan-button")
        self.page.wait_for_selector("#scan-cancel:not([disabled])")

    def wait_until_done(self) -> None:
        """Until nothing is under way."""
        self.page.wait_for_selector("#scan-cancel[disabled]", timeout=PATIENCE_MS)

    def scan(self) -> None:
        """Scan to the end, whatever that is."""
        self.page.click("#scan-button")
        self._wait_for_word()

    def merge(self, name: str) -> None:
        """Merge what is ticked into a PDF of that name."""
        self.page.fill("#merge-name", name)
        self.page.click("#merge-button:not([disabled])")
        self.page.wait_for_selector("#merge-button[aria-busy=false]", timeout=PATIENCE_MS)
        self.page.wait_for_selector("#case-notice:not([data-kind=''])", timeout=PATIENCE_MS)

    def _wait_for_word(self) -> None:
        # What is refused is over before anybody could see it begin; a press takes the last word away.
        self.page.wait_for_selector("#scan-notice:not([data-kind=''])", timeout=PATIENCE_MS)
        self.wait_until_done()

    def files(self) -> list[Path]:
        """The files of the pages, in order."""
        return list(map(Path, self.page.eval_on_selector_all(".sheet .file bdi", PATHS)))

    def numbers(self) -> Sequence[str]:
        """The numbers of the pages, in order."""
        return self.sheets.locator(".number").all_inner_texts()

    def notice(self, box: str = "#scan-notice") -> str:
        """The line under the scanner's settings, or of another box, once there is one."""
        self.page.wait_for_selector(f"{box}[data-kind]:not([data-kind=''])")
        return self.page.inner_text(f"{box} p")

    def told(self) -> str:
        """The line under the pages of the case, once there is one."""
        return self.notice("#case-notice")


PATHS = "(names) => names.map((name) => name.parentElement.title)"
