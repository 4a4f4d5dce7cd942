"""The guide to the configuration lists every key that is declared, with its default, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import get_args

import msgspec
import pytest

from server.config import Config, Scanner, Section
from server.equipment import CAMERA_ADAPTERS
from tests.architecture.tree import ROOT

GUIDES = {"docs/configuration.md": ("required", "none"), "docs/configuration.zh.md": ("必填", "无")}
"""The guides, and how each says that a key has no default, or a default of nothing."""
HEADING = re.compile(r"^#+ `(?:\[+)?([^`\]]+)(?:\]+)?`$")
ROW = re.compile(r"^\| `(\w+)` \| `?([^`|]+)`? \|")

Key = tuple[str, str]


def declared(required: str, nothing: str) -> dict[Key, str]:
    """Every key by its table, with its default as the guide writes it."""
    return dict(_declared(required, nothing))


def _declared(required: str, nothing: str) -> Iterator[tuple[Key, str]]:
    sections: list[tuple[str, type[Section]]] = [
        *((f'adapter = "{adapter.name}"', adapter.options) for adapter in CAMERA_ADAPTERS),
        *((f'adapter = "{kind.__struct_config__.tag}"', kind) for kind in get_args(Scanner)),
    ]
    sections += _tables("", Config)
    for name, section in sections:
        for field in msgspec.structs.fields(section):
            factory = field.default_factory
            default = field.default if factory is msgspec.NODEFAULT else factory()
            if isinstance(default, Section):
                continue
            yield (name, field.name), _shown(default, required, nothing)


def _tables(above: str, section: type[Section]) -> Iterator[tuple[str, type[Section]]]:
    """The tables in a table, and those in these, by their whole names."""
    for field in msgspec.structs.fields(section):
        if isinstance(field.default, Section):
            yield above + field.name, type(field.default)
            yield from _tables(f"{above}{field.name}.", type(field.default))


def _shown(default: object, required: str, nothing: str) -> str:
    if default is msgspec.NODEFAULT:
        return required
    return nothing if default is None else json.dumps(default)


def documented(text: str) -> dict[Key, str]:
    """Every key in the guide's tables, by the heading above."""
    found: dict[Key, str] = {}
    section = ""
    for line in text.splitlines():
        if heading := HEADING.match(line):
            section = heading[1]
        elif row := ROW.match(line):
            found[section, row[1]] = row[2].strip()
    return found


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guide_lists_every_key_with_its_default(guide: str) -> None:
    text = (ROOT / guide).read_text(encoding="utf-8")
    assert documented(text) == declared(*GUIDES[guide])


def test_every_table_of_the_file_has_a_heading() -> None:
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    tables = {table.name for table in msgspec.structs.fields(Config)}
    assert {match[1] for line in text.splitlines() if (match := HEADING.match(line))} >= tables
