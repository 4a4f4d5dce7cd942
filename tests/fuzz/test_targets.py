"""A little of the fuzzing of every target: its seeds, damaged seeds, and anything."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.extent import extent
from tests.fuzz.table import TARGETS

SLOW = {"pdf", "merged", "finders"}
"""Milliseconds an input, with what writes the file."""


@st.composite
def damaged(draw: st.DrawFn, seeds: list[bytes], longest: int) -> bytes:
    """A seed with some bytes changed, cut out or doubled, or cut short."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        injury = draw(st.integers(0, 3))
        if injury == 0:
            data[at : at + 1] = draw(st.binary(max_size=4))
        elif injury == 1:
            del data[at : at + draw(st.integers(1, 64))]
        elif injury == 2:
            data[at:at] = data[at : at + draw(st.integers(1, 64))]
        else:
            del data[at:]
    return bytes(data[:longest])


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_survived(name: str) -> None:
    seeds = TARGETS[name].seeds()
    assert seeds
    for seed in seeds:
        TARGETS[name].attack(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_damage_is_survived(name: str) -> None:
    target = TARGETS[name]

    @settings(
        max_examples=extent(20, 40) if name in SLOW else extent(60, 150),
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(list(target.seeds()), target.longest) | st.binary(max_size=200))
    def attack(data: bytes) -> None:
        target.attack(data)

    attack()
