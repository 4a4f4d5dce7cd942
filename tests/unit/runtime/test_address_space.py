"""Address space of a process that works for strangers."""

from __future__ import annotations

import subprocess
import sys

from server.runtime import address_space

PROGRAM = """
from server.runtime.address_space import bound_this_process, room

bound_this_process()
with room(64 << 20):
    kept = bytearray(16 << 20)
    try:
        bytearray(128 << 20)
    except MemoryError:
        print("refused")
print(len(kept), len(bytearray(128 << 20)))
"""


def test_a_process_that_is_bounded_gets_the_room_of_each_piece_of_work() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["refused", str(16 << 20), str(128 << 20)]


def test_others_are_not_bounded() -> None:
    with address_space.room(1 << 20):
        assert len(bytearray(64 << 20)) == 64 << 20
