"""Goals of the sections say what the sections say, and nothing else."""

from __future__ import annotations

import pytest

from benchmarks.ledger.goals import Goal, is_missed, lines_of
from benchmarks.ledger.rows import Provenance
from benchmarks.ledger.sections import parse

HERE = Provenance("", "", "", "", "", 0.0, 0.0)
DESKEW = """| finder, set | pages | within 0.1 |
| --- | ---: | ---: |
| gaopai, clean | 30 | 1.000 |
| jdeskew, clean | 30 | 0.900 |
| deskew, clean | 30 | 0.950 |
| deskew, hard | 30 | 0.990 |

| finder | ms at 8 megapixels |
| --- | ---: |
| gaopai | 18 |
| jdeskew | 3 |
"""
CURVE = """|  | perspective | curled | ms |
| --- | ---: | ---: | ---: |
| untouched | 0.446 / 65.0 / 0.25 | 0.459 / 61.0 / - | 0 |
| UVDoc | 0.729 / 10.6 / 0.75 | - / - / 0.60 | 400 |
| `flatten` | 0.856 / 4.1 / 0.80 | 0.700 / 11.5 / - | 500 |
"""
SCANS = """| style | mean gain | least gain |
| --- | ---: | ---: |
| grey | +0.020 | -0.010 |
| all | +0.010 | -0.088 |
"""


SECTIONS = {
    name: parse(name, name, body, HERE)
    for name, body in (("deskew", DESKEW), ("curve", CURVE), ("scans", SCANS))
}


def line(
    section: str, row: str, column: str, *, target: str, what: str = "", part: int = 0
) -> tuple[str, ...]:
    """What a goal's line says: the figure, its mark, and the best peer."""
    (found,) = lines_of([Goal(what, target, section, row, column, part)], SECTIONS)
    return (found.figure, "missed" if found.missed else "", found.peer)


def test_figures_and_the_best_peer_of_the_same_set() -> None:
    assert line("deskew", "gaopai, clean", "within 0.1", target=">= .99") == (
        "1.000",
        "",
        "0.950 (deskew, clean)",
    )
    displacement = line("curve", "`flatten`", "perspective", target="<= 5", what="displacement", part=1)
    assert displacement == ("4.1", "", "10.6 (UVDoc)")
    assert line("curve", "`flatten`", "curled", target=">= .72") == ("0.700", "missed", "0.459 (untouched)")


def test_a_loss_keeps_its_sign() -> None:
    assert line("scans", "all", "least gain", target=">= -.05") == ("-0.088", "missed", "")


def test_no_peer_is_quick_by_doing_nothing() -> None:
    assert line("deskew", "gaopai", "ms at 8 megapixels", target="<= 20", what="deskew: ms") == ("18", "", "")


def test_what_is_missing_is_not_made_up() -> None:
    assert line("deskew", "gaopai, hard", "within 0.1", target=">= .95") == ("", "", "")
    assert line("curve", "`flatten`", "curled", target=">= .80", part=2)[0] == ""
    assert lines_of([Goal("outline", "0", "outline", "a", "b")], SECTIONS) == []


@pytest.mark.parametrize(
    ("target", "figure", "is_one"),
    [
        (">= .93", "0.580", True),
        (">= .93", "0.930", False),
        ("<= 25", "33.5", True),
        ("< 0.1%", "0.028%", False),
        ("< 0.1%", "0.1%", True),
        ("0", "2", True),
        ("0", "0", False),
        (">= -.05", "-0.055", True),
        (">= 95 %", "99.0%", False),
        ("best type", "0.98", False),
        (">= .99", "not measured", False),
    ],
)
def test_what_misses_its_goal(target: str, figure: str, is_one: bool) -> None:
    assert is_missed(target, figure) is is_one
