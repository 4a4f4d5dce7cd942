"""The whole service is killed while everybody works, and started again.

``script/bench reliability`` kills it 25 times, ``GAOPAI_LIVES`` as often as it says, ``GAOPAI_SOAK_SEED`` at
other moments.
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.reliability.killed import KINDS_OF_WORK, Ledger, is_whole, run_kill_cycles
from tests.extent import extent

LIVES = int(os.environ.get("GAOPAI_LIVES", extent(2, 3)))
SEED = os.environ.get("GAOPAI_SOAK_SEED", "1")


@pytest.mark.long
@pytest.mark.timeout(300 + 200 * LIVES)
async def test_what_was_promised_is_there_after_each_life(tmp_path: Path) -> None:
    ledger = await run_kill_cycles(tmp_path, LIVES, SEED)
    assert ledger.complaints == []
    assert ledger.survived == LIVES
    assert ledger.kept.keys() == {*KINDS_OF_WORK}
    assert ledger.uploads


def test_what_is_lost_or_half_is_told(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, files=[tmp_path / "a.jpg", tmp_path / "b.png"])
    picture = cv2.imencode(".jpg", np.zeros((200, 200, 3), np.uint8))[1].tobytes()
    (tmp_path / "a.jpg").write_bytes(picture[:-100])
    (tmp_path / ".gaopai-1-0.part").write_bytes(picture[:-100])
    for _ in range(2):
        # It is told once.
        ledger.judge()
        assert ledger.complaints == ["a.jpg is half a file", "b.png was promised and is lost"]


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_half_a_picture_is_not_whole(tmp_path: Path, suffix: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8)
    picture = cv2.imencode(suffix, noise)[1].tobytes()
    path = tmp_path / f"a{suffix}"
    path.write_bytes(picture)
    assert is_whole(path)
    path.write_bytes(picture[: len(picture) // 2])
    assert not is_whole(path)
