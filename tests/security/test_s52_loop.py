"""S52: what keeps the event loop is seen: which function, how often and for how long."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest

from server.cli.doctor.running import LoopKept, event_loop
from server.connection.own_pages import health
from server.runtime import background as loop_watch
from server.runtime.background import LoopWatch
from tests.patience import PATIENCE


def keep_the_loop() -> None:
    """Keep the thread that runs this for longer than a page would not notice."""
    time.sleep(3 * loop_watch.NOTICED_SECONDS)


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """This module counts among those of the service."""
    monkeypatch.setattr(loop_watch, "_OURS", ("server", "tests"))


@pytest.mark.usefixtures("ours")
async def test_who_keeps_the_loop_is_named_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    watch = LoopWatch(lambda: True)
    watch.start()
    try:
        async with asyncio.timeout(PATIENCE):
            with caplog.at_level(logging.WARNING):
                while not any(name.endswith("keep_the_loop") for name in watch.counts):
                    keep_the_loop()
                    await asyncio.sleep(0.1)
    finally:
        watch.stop()
    seconds, _ = watch.longest
    assert seconds > loop_watch.LONGEST_SECONDS
    assert "keep_the_loop" in caplog.text
    told = health(0, watch)
    assert told["status"] == "ok" and "loopKept" in told


async def test_a_loop_that_waits_is_kept_by_nobody() -> None:
    watch = LoopWatch(lambda: True)
    watch.start()
    await asyncio.sleep(0.3)
    watch.stop()
    assert not [name for name in watch.counts if name.startswith("server")]
    assert health(0, None)["status"] == "ok"


def test_doctor_tells() -> None:
    check = event_loop(LoopKept(3, 700, "server.protocol.codec.decode"))
    assert not check.ok and check.optional
    assert "700 ms" in check.reason.en and "codec.decode" in check.reason.zh
