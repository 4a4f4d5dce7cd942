"""Failures are shown whatever the garbage collector does meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.service import REPOSITORY

FAILS = """
import ast, gc

class Logs:
    def __init__(self):
        self.me = self

    def __del__(self):
        # As a traceback that is logged does.
        ast.parse("a + b")

def test_fails():
    gc.set_threshold(3)
    left = [Logs() for _ in range(1000)]
    for each in left:
        each.others = left
    # Old by now: it is collected later, in the middle of other things.
    gc.disable()
    del left, each
    gc.enable()
    assert {"a": 1} == {"a": 2}

"""
MUCH = "".join(
    f"def f{number}(a, b=1):\n    return [a + b, {{'x': (1, {number})}}]\n" for number in range(800)
)


@pytest.mark.long
def test_garbage_that_logs_tracebacks_does_not_end_the_run(tmp_path: Path) -> None:
    path = tmp_path / "test_fails.py"
    path.write_text(FAILS + MUCH)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.failure_display", path],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "1 failed" in done.stdout, done.stdout[-2000:]
    assert done.returncode == 1
