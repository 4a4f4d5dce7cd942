"""All functions of the protocol by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from server.errors import LocalizedText
from server.protocol.function import Function
from server.protocol.messages import (
    archive,
    auto_capture,
    barcodes,
    buttons,
    camera_controls,
    cameras,
    captures,
    cards,
    composing,
    face_matching,
    faces,
    files,
    fingerprints,
    identity,
    processing,
    recording,
    scanners,
    service,
    texts,
)

STANDARD = "1.5"
"""Version of the interface standard."""


class Domain(NamedTuple):
    """Group of functions, with its title in the reference."""

    title: LocalizedText
    functions: tuple[Function, ...]


_CAMERAS = (
    *cameras.FUNCTIONS,
    *camera_controls.FUNCTIONS,
    *captures.FUNCTIONS,
    *auto_capture.FUNCTIONS,
    *recording.FUNCTIONS,
)
_FACES = (*faces.FUNCTIONS, *face_matching.FUNCTIONS)

DOMAINS = (
    Domain(LocalizedText("高拍仪", "Document camera"), _CAMERAS),
    Domain(LocalizedText("扫描仪", "Scanner"), scanners.FUNCTIONS),
    Domain(LocalizedText("证件", "Documents"), identity.FUNCTIONS),
    Domain(LocalizedText("识别", "Recognition"), (*barcodes.FUNCTIONS, *texts.FUNCTIONS)),
    Domain(LocalizedText("文件", "Files"), (*files.FUNCTIONS, *archive.FUNCTIONS)),
    Domain(LocalizedText("重新处理", "Working on pictures again"), processing.FUNCTIONS),
    Domain(LocalizedText("正反面", "Two sides"), composing.FUNCTIONS),
    Domain(LocalizedText("读卡", "Cards"), cards.FUNCTIONS),
    Domain(LocalizedText("指纹", "Fingerprints"), fingerprints.FUNCTIONS),
    Domain(LocalizedText("人脸", "Faces"), _FACES),
    Domain(LocalizedText("服务", "Service"), (*service.FUNCTIONS, *buttons.FUNCTIONS)),
)

_DECLARED = tuple(function for domain in DOMAINS for function in domain.functions)

CATALOGUE: Mapping[str, Function] = MappingProxyType({function.name: function for function in _DECLARED})
"""Every function by its canonical name, in the order of the standard, extras last."""

SPELLINGS: Mapping[str, Function] = MappingProxyType(
    {spelling: function for function in _DECLARED for spelling in (function.name, *function.spellings)}
)
"""Every function by each of its accepted names, case-sensitive."""


_ABOUT_CAMERAS = frozenset(function.name for function in (*_CAMERAS, *_FACES))


def is_about_cameras(function: Function) -> bool:
    """Return whether a function is about document or face cameras."""
    return function.name in _ABOUT_CAMERAS


SHORTEST = 4
"""Length from which a name with a letter too many, too few or another is taken for a mistake."""
LONG = 8
"""Length of a name from which two wrong letters are taken for a mistake, not one alone."""
LONGEST = 40
"""Length of a name above which it is compared with no other, in characters."""
MOST_KEYS = 6
"""Limit of the unknown keys of a request that are compared with the known ones, and so of those told."""


def resembling(keys: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """Return the keys that are not known and differ from a known one by case or by one or two letters."""
    strange = [key for key in keys if key not in known][:MOST_KEYS]
    if not strange:
        return ()
    lower = [name.lower() for name in known]
    return tuple(key for key in strange if any(_resembles(key.lower(), name) for name in lower))


def nearest(name: str, known: Collection[str]) -> str | None:
    """Return the known name that is nearest to `name`, up to case and two letters; None if none is near."""
    lower = name.lower()
    near = [each for each in known if _resembles(lower, each.lower())]
    return min(near, key=lambda each: _distance(lower, each.lower()), default=None)


def _resembles(key: str, name: str) -> bool:
    if key == name:
        return True
    longest = max(len(key), len(name))
    if min(len(key), len(name)) < SHORTEST or longest > LONGEST:
        return False
    most = 2 if len(name) >= LONG else 1
    # Each change of a letter adds or takes one letter, or both.
    if abs(len(key) - len(name)) > most or len(set(key) ^ set(name)) > 2 * most:
        return False
    return _distance(key, name) <= most


def _distance(one: str, other: str) -> int:
    """Return the least number of letters to insert, delete, replace or exchange with the next one."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, letter_of_other in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != letter_of_other))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == letter_of_other:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before = last
        last = line
    return last[-1]
