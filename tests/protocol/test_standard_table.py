"""The table of the standard's examples says what they mean."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from server.protocol.codec import decode

FOLDER = Path(__file__).parents[2] / "docs" / "protocol"
ROW = re.compile(r"\| ([0-9.]+[^|]*) \| `(.+?)` \| (\w+) `(.+?)` \| .+ \|")


def rows(language: str) -> list[tuple[str, ...]]:
    """Section, message, function and fields of each row."""
    page = (FOLDER / f"standard.{language}.md").read_text(encoding="utf-8")
    return [match.groups() for match in map(ROW.fullmatch, page.splitlines()) if match]


@pytest.mark.parametrize("row", rows("en"), ids=lambda row: row[2])
def test_an_example_means_what_the_table_says(row: tuple[str, ...]) -> None:
    _, message, function, fields = row
    call = decode(message)
    assert call.function.name == function
    assert call.request == msgspec.convert(json.loads(fields), call.function.request)


def test_both_languages_have_the_same_rows() -> None:
    assert rows("en") == rows("zh")
    assert len(rows("en")) == 24
