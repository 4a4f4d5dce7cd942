"""What has to come is waited for as long as `tests.patience` says; no test asserts on a duration."""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import ROOT, shown

BOUND = re.compile(r"asyncio\.(?:timeout|wait_for)\((?:.*, )?\d[\d_.]*\)")
ELAPSED = re.compile(r"assert\b.*(?:monotonic|perf_counter|time\.time)\(\) *-")
NOTHING_COMES = "raises(TimeoutError)"


def impatient(text: str) -> list[str]:
    """The lines that have a bound of their own, though something is to come, or that judge a duration."""
    lines = text.splitlines()
    pairs = zip(["", *lines], lines, strict=False)
    bounds = [line for before, line in pairs if BOUND.search(line) and NOTHING_COMES not in before]
    return [line.strip() for line in (*bounds, *filter(ELAPSED.search, lines))]


def test_no_wait_has_a_bound_of_its_own() -> None:
    paths = (ROOT / "tests").rglob("*.py")
    found = {shown(path): impatient(path.read_text(encoding="utf-8")) for path in paths}
    found.pop("tests/architecture/test_patience.py")
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("async with asyncio.timeout(PATIENCE):", 0),
        ("async with asyncio.timeout(10):", 1),
        ("await asyncio.wait_for(answer(), 0.5)", 1),
        ("await receiver.wait_for(1)", 0),
        ("with pytest.raises(TimeoutError):\n    async with asyncio.timeout(1):", 0),
        ("assert time.monotonic() - begun < 2", 1),
        ("assert time.monotonic() < end", 0),
    ],
)
def test_impatience_is_noticed(text: str, count: int) -> None:
    assert len(impatient(text)) == count
