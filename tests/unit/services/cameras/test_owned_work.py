"""Looks at the frames of a camera while somebody owns it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import pytest

from server.devices.ports.camera import Frame, PixelFormat, Size
from server.services.cameras import owned_work
from server.services.cameras.owned_work import OwnedFrames
from server.streaming.looks import Pace
from server.streaming.pixels import BrokenFrame
from tests.patience import PATIENCE


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def look(frame: Frame, now: float) -> bytes:
    if not frame.data:
        raise BrokenFrame
    return frame.data


async def test_a_broken_frame_is_left_out_also_as_the_first(
    executor: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owned_work, "PACE", Pace(0.0, 0.0))
    contents = [b"", b"one", b"", b"two"]
    left = [Frame(number, 0.0, PixelFormat.MJPG, Size(8, 8), data) for number, data in enumerate(contents)]

    async def newest(timeout: float) -> Frame:
        return left.pop(0)

    desk = SimpleNamespace(owns=lambda client, camera: bool(left))
    frames = OwnedFrames(
        cast(Any, desk), cast(Any, None), cast(Any, None), cast(Any, SimpleNamespace(next=newest))
    )
    async with asyncio.timeout(PATIENCE):
        seen = [seen async for _, seen in frames.looks(executor, look)]
    assert seen == [b"one", b"two"]
