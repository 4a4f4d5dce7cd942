"""Refusal of a value of the configuration, in words, and the key that it is about."""

from __future__ import annotations

import re

from server.errors import LocalizedText

_PLACE = re.compile(r"^(?P<why>.*?) - at `\$\.(?P<name>[\w.-]+)(?P<item>\[.*\])?`$", re.DOTALL)
"""A refusal by msgspec, and the key at its end."""
_KINDS = {
    "int": LocalizedText("整数", "a whole number"),
    "float": LocalizedText("数字", "a number"),
    "str": LocalizedText("文字", "text"),
    "bool": LocalizedText("true 或 false", "true or false"),
    "array": LocalizedText("列表", "a list"),
    "object": LocalizedText("表", "a table"),
    "null": LocalizedText("空", "nothing"),
}
_BOUNDS = {
    "<=": LocalizedText("不能大于 {bound}", "at most {bound}"),
    ">=": LocalizedText("不能小于 {bound}", "at least {bound}"),
    "<": LocalizedText("应小于 {bound}", "less than {bound}"),
    ">": LocalizedText("应大于 {bound}", "more than {bound}"),
}
_BOUND = re.compile(r"^Expected `[^`]*` (<=|>=|<|>) (\S+)$")
_LENGTH = re.compile(r"^Expected `(?:str|array)` of length (<=|>=) (\d+)$")
_KIND = re.compile(r"^Expected `([^`]+)`, got `(\w+)`$")
_CHOICE = re.compile(r"^Invalid enum value (.+)$", re.DOTALL)


def place_of(words: str) -> tuple[str, str]:
    """Return the key that a refusal names as ``table.key``, empty for none, and why it is refused."""
    found = _PLACE.match(words)
    return (found["name"], found["why"]) if found else ("", words)


def in_own_words(words: str) -> LocalizedText:
    """Return a refusal of msgspec's as a person says it; one that is not known, as it is."""
    name, why = place_of(words)
    said = _reason(why)
    if name == "" or said is None:
        return LocalizedText(words, words)
    return LocalizedText(f"{name}：{said.zh}。", f"{name} has to be {said.en}.")


def _reason(why: str) -> LocalizedText | None:
    if found := _BOUND.match(why):
        return _BOUNDS[found[1]].filled(bound=found[2])
    if found := _LENGTH.match(why):
        more = found[1] == ">="
        zh = f"{'至少' if more else '最多'} {found[2]} 个"
        return LocalizedText(zh, f"{'at least' if more else 'at most'} {found[2]} long")
    if found := _KIND.match(why):
        kinds = [_KINDS.get(kind.strip(), LocalizedText(kind, kind)) for kind in found[1].split("|")]
        return LocalizedText(
            f"应为{'或'.join(kind.zh for kind in kinds)}", " or ".join(kind.en for kind in kinds)
        )
    if found := _CHOICE.match(why):
        return LocalizedText(f"不认识 {found[1]}", f"one of its choices, not {found[1]}")
    return None
