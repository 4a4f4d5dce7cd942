"""How the values pages send become those the messages declare.

Each function takes a decoded JSON value and gives the canonical one where the page's form
is accepted, and the value itself where it is not: the strict check that follows refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeGuard

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
_SWITCH = {"true": True, "false": False, "1": True, "0": False}
_EDGES = ("left", "top", "right", "bottom")
_SIDES = (*_EDGES, "width", "height")


def same(value: object) -> object:
    """Text: no other form is accepted."""
    return value


def integer(value: object) -> object:
    """``"12"`` and ``12.0`` as 12; true is no number."""
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def number(value: object) -> object:
    """``"0.7"`` as 0.7."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return value


def switch(value: object) -> object:
    """``"true"``, ``"False"``, ``"1"``, 1 and 0 as a boolean."""
    if isinstance(value, str):
        return _SWITCH.get(value.lower(), value)
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    return value


def paths(value: object) -> object:
    """``"a.jpg;b.jpg"`` as a list; empty parts are left out."""
    if isinstance(value, str):
        return [part for part in value.split(";") if part]
    return value


def form(value: object) -> object:
    """Form parameters as text: numbers in decimal, true and false by name, null empty."""
    if isinstance(value, Mapping):
        return {name: _field(item) for name, item in value.items()}
    return value


def _field(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def rectangle(value: object) -> object:
    """A crop rectangle as left, top, right, bottom.

    Accepts an object with these or with left, top, width, height; an array of four; an
    array of objects that together hold the keys; ``"l,t,r,b"``. Empty means not given.
    """
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",", 4)] if value.strip() else None
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = _from_array(value)
    if isinstance(value, Mapping):
        return _from_object(value) if value else None
    return value


def _from_array(items: Sequence[object]) -> object:
    if any(isinstance(item, Mapping) for item in items):
        return {key: side for item in items if isinstance(item, Mapping) for key, side in item.items()}
    if len(items) == len(_EDGES):
        return dict(zip(_EDGES, items, strict=True))
    return items or None


def _from_object(sides: Mapping[object, object]) -> dict[str, object]:
    found = {key: integer(sides[key]) for key in _SIDES if key in sides}
    for far, near, length in (("right", "left", "width"), ("bottom", "top", "height")):
        start, extent = found.get(near), found.pop(length, None)
        if far not in found and _is_integer(start) and _is_integer(extent):
            found[far] = start + extent
    return found


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
