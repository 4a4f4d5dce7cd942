"""The station and the command offer every value of an option; the station has names in both languages."""

from __future__ import annotations

import re
from enum import IntEnum
from pathlib import Path

import pytest
from msgspec import inspect

from imgcore.settings import Crop, Fill, ImageType, Removal
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
    ("offered", "kinds"),
    [
        (enhance.CROPS, Crop),
        (enhance.IMAGE_TYPES, ImageType),
        (enhance.FILLS, Fill),
        (enhance.REMOVALS, Removal),
    ],
)
def test_the_command_offers_every_value_but_what_is_drawn_by_hand(
    offered: dict[str, IntEnum], kinds: type[IntEnum]
) -> None:
    assert set(offered.values()) == {kind for kind in kinds if kind is not Crop.MANUAL}
