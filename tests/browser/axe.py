"""axe, a program that finds what keeps people from using a page."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page


COLOURS = ("color-contrast", "link-in-text-block")
"""Rules that look at colours, of those that axe applies unasked."""
RUN = "(chosen) => axe.run(chosen).then(({ violations }) => violations)"


def axe() -> str:
    """Its script, or a skip."""
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def violations(page: Page, theme: str = "light") -> Sequence[str]:
    """Every rule that is broken, with the elements that break it; in another theme, of those about colours.

    A theme changes nothing but colours, and the other rules take most of the time.
    """
    chosen = {} if theme == "light" else {"runOnly": COLOURS}
    found: list[dict[str, Any]] = page.evaluate(RUN, chosen)
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
