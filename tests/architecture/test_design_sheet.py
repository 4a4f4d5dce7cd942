"""Style sheets of station and settings view are made of what docs/design-sheet.md says, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
STATION = REPOSITORY / "server/web/station"
SHEETS = sorted(
    path
    for folder in (STATION, STATION.parent / "admin")
    for path in folder.glob("*.css")
    if ".legacy." not in path.name and path.stem != "old"
)
ROOT = re.compile(r":root\s*\{([^}]*)\}")
COLOUR = re.compile(r":[^;{}]*?(#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\([^)]*\))")
SPACE = re.compile(r"(?<![\w-])(?:(?:row|column)-)?(?:gap|padding|margin)(?:-\w+)?:([^;}]*)")
SIZE = re.compile(r"(?<![\w-])font(?:-size)?:([^;}]*)")
WEIGHT = re.compile(r"(?<![\w-])font-weight:([^;}]*)")


def root() -> str:
    return "".join(ROOT.findall((STATION / "base.css").read_text("utf-8")))


def rules(path: Path) -> str:
    """A sheet without its comments and without what names the properties."""
    return ROOT.sub("", re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL))


def strays(path: Path) -> list[str]:
    """Values that are not of the sheet."""
    text = rules(path)
    lengths = [value for value in SPACE.findall(text) if re.search(r"\d(px|em|rem)", value)]
    sizes = [value for value in SIZE.findall(text) if not re.search(r"var\(--text|inherit", value)]
    weights = [value for value in WEIGHT.findall(text) if not re.search(r"var\(--(strong|regular)\)", value)]
    return [*COLOUR.findall(text), *lengths, *sizes, *weights]


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_a_sheet_has_no_value_of_its_own(path: Path) -> None:
    assert strays(path) == []


@pytest.mark.parametrize(
    "rule", ["color: #fff", "gap: 6px", "font-size: 12px", "font-weight: 700", "margin: 0 3px"]
)
def test_a_stray_value_is_seen(rule: str, tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text(f"p {{ {rule}; }}")
    assert len(strays(tmp_path / "a.css")) == 1


def test_the_sheet_names_what_there_is() -> None:
    told = set(re.findall(r"`(--[\w-]+)`", (REPOSITORY / "docs/design-sheet.md").read_text("utf-8")))
    assert told == set(re.findall(r"(--[\w-]+):", root()))


def test_text_has_few_sizes_and_none_is_small() -> None:
    sizes = {int(size) for size in re.findall(r"--text[\w-]*: (\d+)px", root())}
    assert len(sizes) * 2 <= 8
    assert min(sizes) >= 14


def test_icons_are_one_set() -> None:
    drawn = [
        path.name
        for path in STATION.rglob("*.js")
        if ".legacy." not in path.name and "<svg" in path.read_text()
    ]
    # Outlines over pictures are drawn, too.
    assert set(drawn) <= {"icons.js", "shown.js", "codes.js", "corners.js", "option-pictures.js"}
    assert "ISC License" in (STATION / "icons.LICENSE").read_text("utf-8")
