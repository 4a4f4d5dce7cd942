"""The station offers every value of an option, with names in both languages; the command keeps its words."""

from __future__ import annotations

import re
from enum import IntEnum
from pathlib import Path

import pytest
from msgspec import inspect

from server.cli import enhance
from server.protocol.export import model
from server.protocol.messages.pictures import ImageInfoRequest

_WEB = Path(__file__).parents[2] / "server" / "web"
_OPTION = re.compile(r"^  (\w+): \[([\d, ]+)\],$", re.MULTILINE)


def _offered() -> dict[str, set[int]]:
    text = (_WEB / "station" / "pictures" / "options.js").read_text(encoding="utf-8")
    return {name: {int(value) for value in values.split(",")} for name, values in _OPTION.findall(text)}


def _declared(option: str) -> set[object]:
    members = {member.name: member for member in model.members(model.described(ImageInfoRequest))}
    declared = members[option].type
    assert isinstance(declared, inspect.LiteralType)
    return set(declared.values)


def test_the_station_has_options() -> None:
    assert {"cropType", "imageType", "removalForeign"} <= set(_offered())


@pytest.mark.parametrize("option", sorted(_offered()))
def test_each_value_of_the_protocol_can_be_chosen(option: str) -> None:
    assert _offered()[option] == _declared(option)


@pytest.mark.parametrize("option", sorted(_offered()))
def test_each_value_has_a_name_in_both_languages(option: str) -> None:
    text = (_WEB / "texts" / "texts.js").read_text(encoding="utf-8")
    for value in _offered()[option]:
        assert len(re.findall(rf"^    {option}{value}: '.+',$", text, re.MULTILINE)) == 2, value


@pytest.mark.parametrize(
    ("offered", "published"),
    [
        (enhance.CROPS, "none single multi curve"),
        (enhance.IMAGE_TYPES, "original grey bw colour red-stamp blue-stamp photo receipt auto"),
        (enhance.FILLS, "none white surround"),
        (enhance.REMOVALS, "none fingers holes show-through"),
    ],
)
def test_words_of_the_command_that_scripts_use_stay(offered: dict[str, IntEnum], published: str) -> None:
    words = published.split()
    assert list(offered)[: len(words)] == words
    assert len(set(offered.values())) == len(offered)
