"""S27: who finds a weakness knows whom to tell, and who installs knows what was released."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINKS = {
    "README.md": ("SECURITY.md", "docs/install.md"),
    "README.zh.md": ("SECURITY.md", "docs/install.zh.md"),
    "SECURITY.md": ("docs/releasing.md",),
    "CONTRIBUTING.md": ("docs/releasing.md",),
}
SAYS = {
    "SECURITY.md": (
        "private vulnerability reporting",
        "Supported versions",
        "What it does not protect against",
    ),
    "docs/releasing.md": ("minisign", "script/audit", "sha256sum", "Scorecard", "bill of materials"),
}


@pytest.mark.parametrize(("page", "link"), [(page, link) for page, links in LINKS.items() for link in links])
def test_the_pages_are_linked(page: str, link: str) -> None:
    assert (ROOT / link).exists()
    assert f"]({link})" in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(("page", "words"), [(page, word) for page, words in SAYS.items() for word in words])
def test_the_pages_say_what_they_are_for(page: str, words: str) -> None:
    assert words in (ROOT / page).read_text(encoding="utf-8")
