"""The hand-written documents: links lead somewhere, and both languages show the same."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from server.cli import COMMANDS
from tests.architecture.tree import ROOT, shown

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PAIRS = [(path.with_name(path.name.replace(".zh.md", ".md")), path) for path in PAGES if ".zh." in path.name]
PAIRS = [pair for pair in PAIRS if pair[0].exists()]
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(path: Path) -> str:
    """A page without its code blocks."""
    return FENCED.sub("", path.read_text(encoding="utf-8"))


def headings(path: Path) -> list[str]:
    """The levels and texts of a page's headings."""
    return re.findall(r"^#+ .+$", prose(path), re.MULTILINE)


@cache
def anchors(path: Path) -> set[str]:
    """What a link may name after ``#``, as code hosts make it from headings."""
    texts = [heading.lstrip("# ") for heading in headings(path)]
    made = {re.sub(r"[^\w -]", "", text).lower().replace(" ", "-") for text in texts}
    return made | set(re.findall(r'<a id="(\w+)">', prose(path)))


def is_dead(page: Path, link: str) -> bool:
    """Whether a link to a local file or heading leads nowhere."""
    if re.match(r"[a-z]+:", link):
        return False
    name, _, anchor = link.partition("#")
    target = page.parent / name if name else page
    return not target.exists() or bool(anchor and anchor not in anchors(target))


def test_local_links_lead_somewhere() -> None:
    links = [(page, link) for page in PAGES for link in LINK.findall(prose(page))]
    assert [f"{shown(page)}: {link}" for page, link in links if is_dead(page, link)] == []


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: shown(pair[0]))
def test_both_languages_have_the_same_headings(pair: tuple[Path, Path]) -> None:
    levels = [[heading.partition(" ")[0] for heading in headings(page)] for page in pair]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: shown(pair[0]))
def test_both_languages_show_the_same_code(pair: tuple[Path, Path]) -> None:
    english, chinese = (FENCED.findall(page.read_text(encoding="utf-8")) for page in pair)
    assert english == chinese


def test_the_readme_and_the_guides_are_there_in_chinese() -> None:
    assert {shown(english) for english, _ in PAIRS} >= {
        "README.md",
        "docs/batch.md",
        "docs/cameras.md",
        "docs/configuration.md",
        "docs/pages.md",
    }


@pytest.mark.parametrize("page", ["docs/commands.md", "docs/commands.zh.md"])
def test_every_command_is_listed(page: str) -> None:
    rows = [
        line
        for line in (ROOT / page).read_text(encoding="utf-8").splitlines()
        if line.startswith("| `gaopai ")
    ]
    assert set(COMMANDS) - set(re.findall(r"`gaopai (\w+)", "\n".join(rows))) == set()
