"""Everything the service writes, on a disk that is full or read-only as the kernel itself says it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.faults.disk import Mount, filled, read_only, tmpfs
from tests.faults.writers import WRITERS
from tests.patience import PATIENCE

__all__ = ["tmpfs"]

pytestmark = pytest.mark.disks

STATES: dict[str, Callable[[Path], AbstractContextManager[None]]] = {
    "no block free": lambda disk: filled(disk, 0),
    "two blocks free": lambda disk: filled(disk, 2),
    "eight blocks free": lambda disk: filled(disk, 8),
    "read-only": read_only,
}

REFUSING = {"what retention removes": ("read-only",)}
"""States that refuse something; what only removes needs no block."""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", WRITERS)
def test_nothing_is_half_and_the_next_start_works(name: str, state: str, tmpfs: Mount) -> None:
    disk = tmpfs("size=512k")
    writer = WRITERS[name]
    writer.prepare(disk)
    with STATES[state](disk):
        command = [sys.executable, "-m", "tests.faults.writers", name, str(disk)]
        done = subprocess.run(
            command, cwd=ROOT, check=False, timeout=PATIENCE, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stderr
    notes = done.stdout.splitlines()
    if state in REFUSING.get(name, ("no block free", "read-only")):
        # What needs no disk may be done all the same, as revoking what was never decided.
        assert any(note.startswith(("-", "lost ", "removed 0")) for note in notes), (
            f"nothing was refused: {notes}"
        )
    writer.judge(disk, notes)
