"""The service lives on, and says nothing of internal errors, whatever frames it is sent."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.extent import extent
from tests.fuzz import frames
from tests.service import running


@pytest.mark.long
@pytest.mark.parametrize("seed", range(extent(2, 8)))
def test_any_frames_are_survived(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    with running(tmp_path, "[limits]\nconnections = 64\n") as service:
        before = service.mib()
        for _ in range(extent(40, 200)):
            frames.said(service.port, frames.conversation(chance))
        with frames.connected(service.port) as line:
            line.sendall(frames.frame(1, b'{"func":"GetVersion","reqId":"alive"}'))
            answer = line.recv(1 << 16)
        assert b"alive" in answer
        assert service.mib() < before + 50
    assert "Traceback" not in service.log
    assert " ERROR " not in service.log
