"""A little of the fuzzing, always the same cases."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from imgcore.jpeg import Workspace
from tests.extent import extent
from tests.fuzz.damage import damaged, wholesome
from tests.fuzz.differential import compare
from tests.fuzz.jpeg import Tight, attack, run


@pytest.mark.long
def test_damage_is_survived() -> None:
    random = Random(7)
    used = Workspace()
    bases = wholesome()
    for _ in range(extent(500, 1200)):
        attack(damaged(random.choice(bases), random), random, used)


def test_whole_jpegs_are_what_libjpeg_turbo_makes_of_them() -> None:
    random = Random(8)
    used = Workspace()
    for _ in range(extent(100, 250)):
        compare(random, used)


def test_a_case_depends_on_its_number_only(tmp_path: Path) -> None:
    note = tmp_path / "case"
    assert run(3, range(40, 46), 60, note) == run(3, range(40, 43), 60, note) + run(
        3, range(43, 46), 60, note
    )
    assert note.read_text() == "3 45\n"


def test_few_bytes_hold_little_memory(tmp_path: Path) -> None:
    """One case of these, of 881 bytes, held 5.8 MB when it was turned."""
    assert run(1795966229, range(1868, 1880), 60, tmp_path / "case")


def test_reading_what_was_in_memory_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tests.fuzz.jpeg.work", lambda name, data, space, *_: bytes([isinstance(space, Tight)])
    )
    with pytest.raises(AssertionError, match="in memory before"):
        attack(b"", Random(1), Workspace())
