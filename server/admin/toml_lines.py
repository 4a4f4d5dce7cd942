"""Changes of single keys in the text of a TOML file, whose comments and other lines stay as they are.

Whatever the text looks like, the result is parsed and compared with what was asked for: where the lines are
not such as this module knows, as with dotted keys, the change is refused, never done in another way.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = bool | int | float | str | list[str] | list[int]
Lines: TypeAlias = list[str]
END = object()


class NotByLine(Exception):
    """The text is not such that this key can be changed by its line."""


@dataclass(frozen=True, slots=True)
class KeyChange:
    """New value of a key.

    Attributes
    ----------
    table
        Names of the table, from the outermost.
    value
        None to leave the key out, so that its default holds.
    """

    table: tuple[str, ...]
    key: str
    value: Value | None


def changed(text: str, change: KeyChange) -> str:
    """Return the text of a valid TOML file with one key changed.

    Raises
    ------
    NotByLine
    """
    wanted = _wanted(tomllib.loads(text), change)
    new = "".join(_edited(_lines(text), change))
    try:
        if tomllib.loads(new) == wanted:
            return new
    except tomllib.TOMLDecodeError:
        pass
    raise NotByLine(change.key)


def _wanted(values: dict[str, Any], change: KeyChange) -> dict[str, Any]:
    """Return the values of the file after the change; a table that is left empty may stay."""
    values = deepcopy(values)
    table: Any = values
    for name in change.table:
        if change.value is None and name not in table:
            return values
        table = table.setdefault(name, {})
        if not isinstance(table, dict):
            raise NotByLine(change.key)
    if change.value is None:
        table.pop(change.key, None)
    else:
        table[change.key] = change.value
    return values


def _edited(lines: Lines, change: KeyChange) -> Lines:
    begin, end = _table(lines, change.table)
    found = next((at for at in range(begin, end) if _names(lines[at], change.key)), None)
    if found is not None:
        return _replaced(lines, found, change)
    if change.value is None:
        return lines
    line = f"{change.key} = {_written(change.value)}\n"
    if begin or not change.table:
        return [*_with_line_end(lines[:begin]), line, *lines[begin:]]
    return [*_with_line_end(lines), *(["\n"] if lines else []), f"[{'.'.join(change.table)}]\n", line]


def _table(lines: Lines, table: Sequence[str]) -> tuple[int, int]:
    """Return the lines of a table below its header; none at 0 if it has no header."""
    headers = [at for at, line in enumerate(lines) if re.match(r"\s*\[", line) and _is_complete(line)]
    if not table:
        return 0, next(iter(headers), len(lines))
    own = next((at for at in headers if _header_names(lines[at]) == list(table)), None)
    if own is None:
        return 0, 0
    return own + 1, next((at for at in headers if at > own), len(lines))


def _is_complete(line: str) -> bool:
    """Return whether a text is valid TOML by itself, and says something."""
    try:
        return bool(tomllib.loads(line))
    except tomllib.TOMLDecodeError:
        return False


def _header_names(line: str) -> list[str]:
    """Return the names in the header of a table; none for an array of tables."""
    names, inner = [], tomllib.loads(line)
    while isinstance(inner, dict) and inner:
        name, inner = next(iter(inner.items()))
        names.append(name)
    return names if isinstance(inner, dict) else []


def _names(line: str, key: str) -> bool:
    return (
        re.match(rf"""\s*(?:{re.escape(key)}|"{re.escape(key)}"|'{re.escape(key)}')\s*=""", line) is not None
    )


def _replaced(lines: Lines, at: int, change: KeyChange) -> Lines:
    end = next(_ends(lines, at), None)
    if end is None:
        raise NotByLine(change.key)
    if change.value is None:
        return [*lines[:at], *lines[end:]]
    old = lines[at:end]
    if isinstance(change.value, list) and (items := _items(old)) is not None:
        return [*lines[:at], old[0], *_item_lines(items, change.value), *items[END], old[-1], *lines[end:]]
    head = re.match(r"[^=]*=[ \t]*", old[0])
    line = f"{head[0] if head else ''}{_written(change.value)}{_comment(old)}"
    return [*lines[:at], line, *lines[end:]]


def _items(lines: Lines) -> dict[Any, Lines] | None:
    """Return the lines of each item, with the comments above it, and the comments at `END`.

    None unless each item has a line of its own.
    """
    items: dict[Any, Lines] = {}
    above: Lines = []
    if not re.search(r"=\s*\[\s*(#.*)?$", lines[0]) or not re.match(r"\s*\]", lines[-1]):
        return None
    for line in lines[1:-1]:
        try:
            values = tomllib.loads(f"x = [\n{line}]")["x"]
        except tomllib.TOMLDecodeError:
            return None
        if len(values) > 1 or not all(isinstance(value, str | int) for value in values):
            return None
        if values:
            items[values[0]] = [*above, _item_line(line)]
        above = [] if values else [*above, line]
    items[END] = above
    return items


def _item_line(line: str) -> str:
    """Return an item's line with a comma after the value, for others to follow."""
    end = _comment_at("x = [", line, "]")
    return f"{line[:end].rstrip(', ')},{line[end:]}"


def _item_lines(items: dict[Any, Lines], values: Sequence[Any]) -> Iterator[str]:
    last = next((lines[-1] for item, lines in items.items() if item is not END), "    ")
    indent = last[: len(last) - len(last.lstrip())]
    for value in values:
        yield from items.get(value, [f"{indent}{_written(value)},\n"])


def _ends(lines: Lines, at: int) -> Iterator[int]:
    """Yield the lines before which a value that begins in a line may end."""
    for end in range(at + 1, len(lines) + 1):
        if _is_complete("".join(lines[at:end])):
            yield end


def _comment(lines: Lines) -> str:
    """Return the comment after a value, with the end of its line."""
    return lines[-1][_comment_at("".join(lines[:-1]), lines[-1]) :]


def _comment_at(before: str, line: str, after: str = "") -> int:
    """Return where the comment of a line begins, or the line ends, after a value that is whole there."""
    places = (found.start() for found in re.finditer(r"\s*#", line))
    end = len(line.rstrip("\r\n"))
    return next((at for at in places if _is_complete(before + line[:at] + after)), end)


def _written(value: Value) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    # A string of JSON is one of TOML, but for the character DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _lines(text: str) -> Lines:
    # Not by `str.splitlines`, which knows line ends that are characters of a string in TOML.
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _with_line_end(lines: Lines) -> Lines:
    if lines and not lines[-1].endswith("\n"):
        return [*lines[:-1], f"{lines[-1]}\n"]
    return lines
