"""Days on which documents end."""

from __future__ import annotations

from datetime import date

import pytest

from imgcore.checks.dates import has_passed

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("until", "passed"),
    [
        ("20260330", True),
        ("20260331", False),
        ("20360331", False),
        ("长期", False),
        ("02/26", True),
        ("03/26", False),
        ("01/35", False),
        ("13/26", None),
        ("20261331", None),
        ("", None),
    ],
)
def test_the_last_day_still_counts(until: str, passed: bool | None) -> None:
    assert has_passed(until, TODAY) is passed
