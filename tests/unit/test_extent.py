"""A sample keeps every so many cases of a test that is marked so, and all of every other one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import pytest

from tests import extent


@dataclass(frozen=True)
class Case:
    """An item that pytest collected."""

    nodeid: str
    step: int | None = None

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        assert name == "sampled"
        return None if self.step is None else pytest.Mark(name, (self.step,), {}, _ispytest=True)


CASES = [
    *(Case(f"a.py::test_many[{number}]", 3) for number in range(7)),
    *(Case(f"a.py::test_few[{number}]", 3) for number in range(2)),
    *(Case(f"a.py::test_other[{number}]") for number in range(4)),
    Case("a.py::test_one", 3),
]


@pytest.mark.parametrize(("exhaustive", "left"), [(False, [1, 2, 4, 5, 8]), (True, [])])
def test_what_is_left_out(exhaustive: bool, left: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extent, "EXHAUSTIVE", exhaustive)
    assert extent.left_out(cast(list[pytest.Item], CASES)) == {CASES[number] for number in left}
