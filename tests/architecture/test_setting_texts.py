"""The settings view says of each key what is declared."""

from __future__ import annotations

import re
from collections import Counter

from server.admin.settings import settings
from tests.architecture.setting_texts import TO, module
from tests.architecture.tree import ROOT


def test_the_texts_are_those_of_the_keys() -> None:
    assert TO.read_text(encoding="utf-8") == module(), "python -m tests.architecture.setting_texts"


def test_every_setting_has_a_text() -> None:
    texts = set(re.findall(r'^  "([^"]+)": \["', TO.read_text(encoding="utf-8"), re.MULTILINE))
    assert {f"{table}.{key}" for table, key in settings() if table} <= texts


def test_every_table_has_a_title_in_both_languages() -> None:
    """Without one the settings stay empty."""
    texts = (ROOT / "server/web/admin/texts.js").read_text(encoding="utf-8")
    titles = Counter(re.findall(r"'table-([a-z]*)':", texts))
    assert {part for table, _ in settings() for part in table.split(".")} == set(titles)
    assert set(titles.values()) == {2}
