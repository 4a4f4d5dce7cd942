"""A kill, a full, a read-only or a failing disk at every system call of everything the service writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.faults.points import EVERY
from tests.faults.writers import WRITERS
from tests.patience import PATIENCE


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of fsyncs make a disk slow and prove nothing here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


@pytest.mark.long
@pytest.mark.parametrize("name", WRITERS)
def test_whatever_happens_at_whatever_call(name: str, base: Path) -> None:
    command = [sys.executable, "-m", "tests.faults.points", name, str(base)]
    done = subprocess.run(command, cwd=ROOT, check=True, timeout=3 * PATIENCE, capture_output=True, text=True)
    runs = [json.loads(line) for line in done.stdout.splitlines()]
    if "hindrance" in runs[0]:
        pytest.skip(runs[0]["hindrance"])
    assert runs[0]["status"] == 0
    assert len(runs) > runs[0]["calls"] // EVERY
    assert runs[0]["calls"] > 4
    for run in runs:
        notes = run["notes"]
        assert not any(note.startswith("!") for note in notes), (run["fault"], run["last"], notes)
        if "killed" in run["fault"]:
            assert run["killed"], run
        else:
            assert not run["killed"], run
        try:
            WRITERS[name].judge(base / str(run["folder"]), notes)
        except Exception as exc:
            exc.add_note(f"{run['fault']} ({run['last']}), promised: {notes}")
            raise
