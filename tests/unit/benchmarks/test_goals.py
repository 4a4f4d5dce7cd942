"""Goals of the sections say what the sections say, and nothing else."""

from __future__ import annotations

import pytest

from benchmarks.ledger.goals import Goal, is_missed, lines_of
from benchmarks.ledger.rows import Provenance
from benchmarks.ledger.sections import parse

HERE = Provenance("", "", "", "", "", 0.0, 0.0)
SHUTTER = """| way, picture | ms | floor |
| --- | ---: | ---: |
| crop, desk | 122 | 61 |
| crop, deskew, colour, desk | 201 | 69 |
| curve, desk | - | 60 |
"""
SCANS = """| style | mean gain | least gain |
| --- | ---: | ---: |
| all | +0.010 | -0.088 |
"""
SECTIONS = {name: parse(name, name, body, HERE) for name, body in (("shutter", SHUTTER), ("scans", SCANS))}


def line(section: str, row: str, column: str, target: str) -> tuple[str, bool]:
    """What a goal's line says: the figure, and whether it is missed."""
    (found,) = lines_of([Goal("", target, section, row, column)], SECTIONS)
    return (found.figure, found.missed)


def test_a_figure_is_that_of_its_row_and_column() -> None:
    assert line("shutter", "crop, deskew, colour, desk", "ms", "<= 180") == ("201", True)
    assert line("shutter", "crop, desk", "floor", "<= 180") == ("61", False)


def test_a_loss_keeps_its_sign() -> None:
    assert line("scans", "all", "least gain", ">= -.05") == ("-0.088", True)


def test_what_is_missing_is_not_made_up() -> None:
    assert line("shutter", "curve, desk", "ms", "<= 180") == ("", False)
    assert line("shutter", "crop, elsewhere", "ms", "<= 180") == ("", False)
    assert lines_of([Goal("", "0", "outline", "a", "b")], SECTIONS) == []


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
