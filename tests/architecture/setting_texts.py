"""Texts of the configuration's keys: tables of the guides, and the texts of the settings view.

    .venv/bin/python -m tests.architecture.setting_texts

writes all of them from the keys as they are declared; tests compare them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from server.config import Config, Doc, Scanner, Section
from server.config.targets import TargetConfig
from server.equipment import CAMERA_ADAPTERS
from tests.architecture.tree import ROOT

TO = ROOT / "server" / "web" / "admin" / "setting-texts.js"
HEADING = re.compile(r"^#+ `(?:\[+)?([^`\]]+)(?:\]+)?`$")
HEAD = """\
/** Meaning of each key of the configuration, Chinese and English, as it is declared. */
export const SETTING_TEXTS = {
"""


class Guide(NamedTuple):
    """A guide to the configuration, and its words for what a table says of keys."""

    path: Path
    head: str
    required: str
    nothing: str
    is_chinese: bool


GUIDES = (
    Guide(ROOT / "docs/configuration.zh.md", "| 键 | 默认值 | 含义 |", "必填", "无", True),
    Guide(ROOT / "docs/configuration.md", "| Key | Default | Meaning |", "required", "none", False),
)


def tables() -> dict[str, type[Section]]:
    """Return the tables that have keys of their own, by the headings of the guides."""
    cameras = {f'adapter = "{adapter.name}"': adapter.options for adapter in CAMERA_ADAPTERS}
    scanners = {f'adapter = "{kind.__struct_config__.tag}"': kind for kind in get_args(Scanner)}
    targets = {f'adapter = "{kind.__struct_config__.tag}"': kind for kind in get_args(TargetConfig)}
    return {**cameras, **scanners, **targets, **dict(_tables("", Config))}


def _tables(above: str, section: type[Section]) -> Iterator[tuple[str, type[Section]]]:
    """Yield the tables in a table, and those in these, by their whole names; of tables that all have names
    of their own, what each of them has.
    """
    hints = get_type_hints(section)
    for field in msgspec.structs.fields(section):
        named = get_args(hints[field.name])[1:] if get_origin(hints[field.name]) is dict else ()
        if named and isinstance(named[0], type) and issubclass(named[0], Section):
            yield above + field.name, named[0]
        if isinstance(field.default, Section):
            yield above + field.name, type(field.default)
            yield from _tables(f"{above}{field.name}.", type(field.default))


class Key(NamedTuple):
    """A key as it is declared: its default, `msgspec.NODEFAULT` where it has none, and its meaning."""

    name: str
    default: object
    chinese: str
    english: str


def keys(section: type[Section]) -> Iterator[Key]:
    """Yield the keys of a table that are no tables themselves."""
    hints = get_type_hints(section, include_extras=True)
    for field in msgspec.structs.fields(section):
        factory = field.default_factory
        default = field.default if factory is msgspec.NODEFAULT else factory()
        if isinstance(default, Section):
            continue
        declared = [each for each in getattr(hints[field.name], "__metadata__", ()) if isinstance(each, Doc)]
        assert declared, f"{section.__name__}.{field.name} is not documented: Doc(zh, en)"
        yield Key(field.name, default, *declared[-1])


def guide_of(guide: Guide, text: str) -> str:
    """Return a guide's text with the table below each heading as its keys are declared."""
    lines: list[str] = []
    waiting: list[str] = []
    for line in text.splitlines():
        if heading := HEADING.match(line):
            waiting = _rows(guide, tables()[heading[1]]) if heading[1] in tables() else []
        if not line.startswith("|"):
            lines.append(line)
        elif waiting:
            lines += waiting
            waiting = []
    return "\n".join([*lines, ""])


def _rows(guide: Guide, section: type[Section]) -> list[str]:
    rows = [guide.head, "| --- | --- | --- |"]
    for key in keys(section):
        meaning = (key.chinese if guide.is_chinese else key.english).replace("|", "\\|")
        rows.append(f"| `{key.name}` | {_shown(guide, key.default)} | {meaning} |")
    return rows if len(rows) > 2 else []


def _shown(guide: Guide, default: object) -> str:
    if default is msgspec.NODEFAULT:
        return guide.required
    return guide.nothing if default is None else f"`{json.dumps(default)}`"


def plain(markdown: str) -> str:
    """Markdown without links and code marks."""
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", markdown).replace("`", "").strip()


def module() -> str:
    """Return the text of the settings view's module."""
    lines = [
        f"  {json.dumps(f'{table}.{key.name}')}: "
        f"{json.dumps([plain(key.chinese), plain(key.english)], ensure_ascii=False)},\n"
        for table, section in tables().items()
        if " " not in table
        for key in keys(section)
    ]
    return f"{HEAD}{''.join(lines)}}};\n"


if __name__ == "__main__":
    TO.write_text(module(), encoding="utf-8")
    for guide in GUIDES:
        guide.path.write_text(guide_of(guide, guide.path.read_text(encoding="utf-8")), encoding="utf-8")
    print(TO, *(guide.path for guide in GUIDES))
