"""Meanings of the configuration's keys for the settings view, taken from the guides in both languages.

    .venv/bin/python -m tests.architecture.setting_texts

writes ``server/web/admin/setting-texts.js``; a test compares it with the guides.
"""

from __future__ import annotations

import json
import re

from tests.architecture.tree import ROOT

TO = ROOT / "server" / "web" / "admin" / "setting-texts.js"
GUIDES = ("docs/configuration.zh.md", "docs/configuration.md")
HEADING = re.compile(r"^#+ `(?:\[+)?([^`\]]+)(?:\]+)?`$")
ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$")
HEAD = """\
/** Meaning of each key of the configuration, Chinese and English, from the guides to it. */
export const SETTING_TEXTS = {
"""


def meanings(guide: str) -> dict[str, str]:
    """Descriptions of keys in a guide, by ``table.key``, as plain text."""
    found: dict[str, str] = {}
    table = ""
    for line in (ROOT / guide).read_text(encoding="utf-8").splitlines():
        if heading := HEADING.match(line):
            table = heading[1]
        elif (row := ROW.match(line)) and " " not in table:
            found[f"{table}.{row[1]}"] = plain(row[2])
    return found


def plain(markdown: str) -> str:
    """Markdown without links and code marks."""
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", markdown).replace("`", "").replace("\\|", "|").strip()


def module() -> str:
    """The module's text."""
    chinese, english = map(meanings, GUIDES)
    lines = [
        f"  {json.dumps(name)}: {json.dumps([chinese[name], english[name]], ensure_ascii=False)},\n"
        for name in english
    ]
    return f"{HEAD}{''.join(lines)}}};\n"


if __name__ == "__main__":
    TO.write_text(module(), encoding="utf-8")
    print(TO)
