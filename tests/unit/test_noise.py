"""Tests that failed once are named and counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.noise import TOLERATED, main, passed_alone


@pytest.mark.parametrize(("count", "status"), [(0, 0), (TOLERATED, 0), (TOLERATED + 1, 1)])
def test_more_than_are_tolerated_are_a_failure(
    tmp_path: Path, count: int, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = tmp_path / "beside"
    alone = tmp_path / "alone"
    once = [f"tests/a.py::test_{number}" for number in range(count)]
    beside.write_text(json.dumps(dict.fromkeys([*once, "tests/b.py::test_broken"], True)))
    alone.write_text(json.dumps({"tests/b.py::test_broken": True}))
    assert passed_alone(beside, alone) == sorted(once)
    assert main([str(beside), str(alone), "--all"]) == status
    said = capsys.readouterr().out
    assert all(name in said for name in once)
    assert "test_broken" not in said
    assert main([str(beside), str(alone)]) == 0


def test_where_all_passed_there_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "beside").write_text('{"tests/a.py::test_it": true}')
    assert passed_alone(tmp_path / "beside", tmp_path / "alone") == ["tests/a.py::test_it"]
