"""A network camera whose connection fails in ways that nobody foresaw is given up, and that is known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from server.devices.adapters.network.camera import Patience, Pump
from server.devices.adapters.network.entry import Link
from server.runtime.background import failures
from tests.fakes.failing import TEXT
from tests.patience import PATIENCE


class BrokenLink:
    """A connection that fails when it is read."""

    def picture(self, timeout: float) -> None:
        raise ValueError(TEXT)

    def close(self) -> None:
        pass


def _refused() -> Link:
    raise ValueError(TEXT)


@pytest.mark.parametrize("connect", [_refused, BrokenLink], ids=["connect", "picture"])
async def test_who_waits_for_a_picture_is_told(
    connect: Callable[[], Link], caplog: pytest.LogCaptureFixture
) -> None:
    pump = Pump(connect, None, Patience())
    assert await asyncio.to_thread(pump.take, PATIENCE) is None
    assert pump.ended
    async with asyncio.timeout(PATIENCE):
        while not failures():
            await asyncio.sleep(0.002)
    assert [(worker.name, worker.count) for worker in failures()] == [("network camera", 1)]
    assert TEXT not in caplog.text
