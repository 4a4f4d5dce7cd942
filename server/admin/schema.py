"""Keys of the configuration as the settings view shows them: type, limits and default of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from server.config import Config, Section
from server.runtime.reload import at_once

Kind = str


class Setting(msgspec.Struct, frozen=True, rename="camel"):
    """Key of the configuration.

    Attributes
    ----------
    table
        Name of the table, with a dot before that of an inner one.
    kind
        ``flag``, ``number``, ``text``, ``choice``, ``list``, or ``file`` for what only the file can say.
    choices
        Values of a choice.
    default
        Value where the file has none.
    at_once
        True if a reload applies it.
    """

    table: str
    key: str
    kind: Kind
    choices: tuple[Any, ...]
    default: Any
    at_once: bool
    whole: bool = False
    """True for a number without decimals."""


@cache
def settings() -> Mapping[tuple[str, str], Setting]:
    """Return all keys by table and name, in the order of their declaration."""
    return {(each.table, each.key): each for each in _settings("", Config)}


def _settings(above: str, section: type[Section]) -> Iterator[Setting]:
    described = inspect.type_info(section)
    assert isinstance(described, inspect.StructType)
    kinds = {field.name: field.type for field in described.fields}
    for field in msgspec.structs.fields(section):
        default = field.default
        if isinstance(default, Section):
            yield from _settings(f"{above}.{field.name}".lstrip("."), type(default))
        else:
            kind, choices, whole = _kind(kinds[field.name])
            top = above.partition(".")[0]
            now = at_once(f"{top}.{field.name}" if top else field.name) and "." not in above
            yield Setting(above, field.name, kind, choices, default, now, whole)


def _kind(described: inspect.Type) -> tuple[Kind, tuple[Any, ...], bool]:
    """Return the kind of a type, its choices, and whether its numbers are whole."""
    match described:
        case inspect.LiteralType():
            return "choice", tuple(described.values), False
        case inspect.VarTupleType(item_type=inspect.StrType()):
            return "list", (), False
        case inspect.UnionType():
            return _kind_of_union(described)
    return _SIMPLE.get(type(described), "file"), (), isinstance(described, inspect.IntType)


_SIMPLE: Mapping[type[inspect.Type], Kind] = {
    inspect.BoolType: "flag",
    inspect.IntType: "number",
    inspect.FloatType: "number",
    inspect.StrType: "text",
}


def _kind_of_union(described: inspect.UnionType) -> tuple[Kind, tuple[Any, ...], bool]:
    kinds = [_kind(each) for each in described.types if not isinstance(each, inspect.NoneType)]
    # Flags among choices are an older spelling of the same.
    chosen = [each for each in kinds if each[0] != "flag"] if len(kinds) > 1 else kinds
    if {kind for kind, _, _ in chosen} == {"choice"}:
        return "choice", tuple(value for _, values, _ in chosen for value in values), False
    return chosen[0] if len(chosen) == 1 else ("file", (), False)
