"""The settings view says of each key what the guides say."""

from __future__ import annotations

import re
from collections import Counter

from server.admin.settings import settings
from tests.architecture.setting_texts import GUIDES, TO, meanings, module
from tests.architecture.tree import ROOT


def test_the_texts_are_those_of_the_guides() -> None:
    assert TO.read_text(encoding="utf-8") == module(), "python -m tests.architecture.setting_texts"


def test_every_key_has_a_meaning_in_both_languages() -> None:
    named = {f"{table}.{key}" for table, key in settings() if table}
    for guide in GUIDES:
        assert named <= set(meanings(guide))


def test_every_table_has_a_title_in_both_languages() -> None:
    """Without one the settings stay empty."""
    texts = (ROOT / "server/web/admin/texts.js").read_text(encoding="utf-8")
    titles = Counter(re.findall(r"'table-([a-z]*)':", texts))
    assert {part for table, _ in settings() for part in table.split(".")} == set(titles)
    assert set(titles.values()) == {2}
