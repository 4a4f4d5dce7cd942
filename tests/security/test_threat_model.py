"""The threat model names each requirement once, in both languages, and the tests that it names are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

HERE = Path(__file__).parent
PAGES = [ROOT / "docs" / name for name in ("threat-model.md", "threat-model.zh.md")]
ROW = re.compile(r"^\| S(\d+), P[12] \| .+ \| (.+) \|$", re.MULTILINE)
NUMBERS = sorted({int(path.name[6:8]) for path in HERE.glob("test_s[0-9]*.py")})
"""Those that have tests, each of which the tables name once."""


def rows(page: Path) -> dict[int, str]:
    """What the column of tests says, by number."""
    found = [(int(number), tests) for number, tests in ROW.findall(page.read_text(encoding="utf-8"))]
    assert [number for number, _ in found] == list(NUMBERS)
    return dict(found)


def test_both_languages_say_the_same() -> None:
    english, chinese = map(rows, PAGES)
    assert english == chinese


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_named_is_there(number: int) -> None:
    said = rows(PAGES[0])[number]
    patterns = re.findall(r"`(test_s\d\d_\*)`", said)
    assert f"test_s{number:02}_*" in patterns
    for pattern in patterns:
        assert list(HERE.glob(f"{pattern}.py")), f"docs/threat-model.md names {pattern}, and there is none"


def test_every_test_says_its_number_first() -> None:
    for path in HERE.glob("test_s[0-9]*.py"):
        number = int(path.name[6:8])
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        assert re.search(rf"\bS{number}\b", first), path.name
