"""The table of goals says what the sections say, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.quality.goals import FEATURES, is_missed, missed, summary

PAGE = """<!-- deskew -->
## Skew

| finder, set | pages | within 0.1 |
| --- | ---: | ---: |
| gaopai, clean | 30 | 1.000 |
| jdeskew, clean | 30 | 0.900 |
| deskew, clean | 30 | 0.950 |
| deskew, hard | 30 | 0.990 |

| finder | ms at 8 megapixels |
| --- | ---: |
| gaopai | 18 |
| jdeskew | 3 |
<!-- /deskew -->

<!-- curve -->
|  | perspective | curled | ms |
| --- | ---: | ---: | ---: |
| untouched | 0.446 / 65.0 / 0.25 | 0.459 / 61.0 / - | 0 |
| UVDoc | 0.729 / 10.6 / 0.75 | - / - / 0.60 | 400 |
| `flatten` | 0.856 / 4.1 / 0.80 | 0.700 / 11.5 / - | 500 |
<!-- /curve -->

<!-- scans -->
| style | mean gain | least gain |
| --- | ---: | ---: |
| grey | +0.020 | -0.010 |
| all | +0.010 | -0.088 |
<!-- /scans -->
"""


def lines(tmp_path: Path) -> dict[str, list[str]]:
    page = tmp_path / "benchmarks.md"
    page.write_text(PAGE, encoding="utf-8")
    rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in summary(page).splitlines())
    return {row[0]: row[1:] for row in rows}


def test_figures_and_the_best_peer_of_the_same_set(tmp_path: Path) -> None:
    table = lines(tmp_path)
    assert table["deskew, clean: within 0.1 degree"] == [">= .99", "1.000", "", "0.950 (deskew, clean)"]
    assert table["curve, perspective: displacement, px"] == ["<= 5", "4.1", "", "10.6 (UVDoc)"]
    assert table["curve, curled: MS-SSIM"] == [">= .72", "0.700", "**missed**", "0.459 (untouched)"]


def test_a_loss_keeps_its_sign(tmp_path: Path) -> None:
    line = lines(tmp_path)["clean scans, any style: least gain in word F1"]
    assert line == [">= -.05", "-0.088", "**missed**", ""]


def test_no_peer_is_quick_by_doing_nothing(tmp_path: Path) -> None:
    assert lines(tmp_path)["deskew: ms at 8 megapixels"] == ["<= 20", "18", "", ""]


def test_what_is_missing_is_not_made_up(tmp_path: Path) -> None:
    table = lines(tmp_path)
    assert table["deskew, hard: within 0.1 degree"][1] == "not measured"
    assert table["curve, curled: word F1"][1] == ""
    assert table["outline: mean IoU"][1:] == ["not measured", "", ""]


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


@pytest.mark.parametrize("page", FEATURES, ids=lambda page: page.name)
def test_what_is_missed_is_told_to_those_who_choose(page: Path) -> None:
    assert missed() in page.read_text(encoding="utf-8"), "script/bench quality --only ANY writes it anew"
