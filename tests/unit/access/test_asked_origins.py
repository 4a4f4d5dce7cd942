"""Origins that were refused are noted, the newest first, and no more than a few."""

from __future__ import annotations

import pytest

from server.access.grants import LONGEST, MOST, AskedOrigins


def test_the_newest_comes_first_with_its_count_and_age() -> None:
    now = [100.0]
    asked = AskedOrigins(lambda: now[0])
    for seconds, origin in enumerate(
        ("https://a.example.cn", "https://b.example.cn", "https://a.example.cn")
    ):
        now[0] = 100.0 + seconds
        asked.note(origin)
    now[0] = 110.0
    told = [(each.origin, each.count, each.seconds_ago) for each in asked.all()]
    assert told == [("https://a.example.cn", 2, 8.0), ("https://b.example.cn", 1, 9.0)]


def test_a_flood_pushes_out_the_oldest_alone() -> None:
    asked = AskedOrigins()
    for number in range(MOST + 5):
        asked.note(f"https://n{number}.example.cn")
    found = [each.origin for each in asked.all()]
    assert len(found) == MOST and found[0] == f"https://n{MOST + 4}.example.cn"


@pytest.mark.parametrize(
    "origin",
    [
        *("", "null", "file://", "chrome-extension://abc", "https://A.example.cn", "https://a.example.cn/"),
        *("https://a.example.cn:443", "https://a b", "https://a.example.cn\u202e", "https://*.example.cn"),
        f"https://{'x' * LONGEST}.example.cn",
    ],
)
def test_what_no_page_has_is_passed_over(origin: str) -> None:
    asked = AskedOrigins()
    asked.note(origin)
    assert list(asked.all()) == []
