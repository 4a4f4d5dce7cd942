"""The guides to the configuration list every key as it is declared, with its default, and no other."""

from __future__ import annotations

import re

import msgspec
import pytest

from server.config import Config
from tests.architecture.setting_texts import GUIDES, HEADING, Guide, guide_of, keys, tables

ROW = re.compile(r"^\| `(\w+)` \|")
NAMES = [guide.path.name for guide in GUIDES]


def documented(text: str) -> list[tuple[str, str]]:
    """Every key in a guide's tables, by the heading above."""
    found: list[tuple[str, str]] = []
    table = ""
    for line in text.splitlines():
        if heading := HEADING.match(line):
            table = heading[1]
        elif row := ROW.match(line):
            found.append((table, row[1]))
    return found


@pytest.mark.parametrize("guide", GUIDES, ids=NAMES)
def test_the_guide_is_as_the_keys_are_declared(guide: Guide) -> None:
    text = guide.path.read_text(encoding="utf-8")
    assert text == guide_of(guide, text), "python -m tests.architecture.setting_texts"


@pytest.mark.parametrize("guide", GUIDES, ids=NAMES)
def test_the_guide_lists_every_key_and_no_other(guide: Guide) -> None:
    declared = [(table, key.name) for table, section in tables().items() for key in keys(section)]
    assert sorted(documented(guide.path.read_text(encoding="utf-8"))) == sorted(set(declared))


@pytest.mark.parametrize("guide", GUIDES, ids=NAMES)
def test_every_table_of_the_file_has_a_heading(guide: Guide) -> None:
    text = guide.path.read_text(encoding="utf-8")
    names = {table.name for table in msgspec.structs.fields(Config)}
    assert {match[1] for line in text.splitlines() if (match := HEADING.match(line))} >= names


def test_a_row_that_somebody_wrote_by_hand_is_written_anew() -> None:
    head = "## `[metrics]`\n\nMore.\n\n"
    text = f"{head}| Key | Default | Meaning |\n| --- | --- | --- |\n| `other` | `1` | x |\n\nEnd.\n"
    for guide in GUIDES:
        written = guide_of(guide, text)
        assert written.startswith(f"{head}{guide.head}\n| --- | --- | --- |\n| `enabled` | `false` | ")
        assert "other" not in written and written.endswith(" |\n\nEnd.\n")
