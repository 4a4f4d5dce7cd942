"""The few words that systemd hears."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from server.runtime import systemd
from tests.patience import PATIENCE


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """The socket of a service manager, and what it would set as ``NOTIFY_SOCKET``."""
    path = str(tmp_path / "notify")
    name = path if request.param == "path" else f"@{path}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(name.replace("@", "\0", 1))
        ear.settimeout(PATIENCE)
        yield ear, name


def test_a_message_reaches_the_socket(manager: tuple[socket.socket, str]) -> None:
    ear, name = manager
    assert systemd.notify(systemd.READY, {"NOTIFY_SOCKET": name})
    assert ear.recv(100) == b"READY=1"


def test_without_systemd_nothing_is_sent() -> None:
    assert not systemd.notify(systemd.READY, {})


def test_a_manager_that_is_gone_is_logged_and_survived(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert not systemd.notify(systemd.READY, {"NOTIFY_SOCKET": str(tmp_path / "gone")})
    assert "could not be told READY (No such file or directory)" in caplog.text


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "60000000"}, 20.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}, 1.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_heartbeat_is_a_part_of_the_watchdogs_time(
    environ: dict[str, str], seconds: float | None
) -> None:
    assert systemd.heartbeat_seconds(environ) == seconds


async def test_a_life_is_told_in_order(manager: tuple[socket.socket, str]) -> None:
    ear, name = manager
    app = web.Application()
    steps = []

    async def devices(_: web.Application) -> AsyncIterator[None]:
        steps.append("found")
        yield

    app.cleanup_ctx.append(devices)
    systemd.supervise(app, {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "30000"})
    runner = web.AppRunner(app)
    await runner.setup()
    assert steps == ["found"]
    assert ear.recv(100) == b"READY=1"
    ear.setblocking(False)
    seen = {await _next(ear) for _ in range(3)}
    assert seen == {b"WATCHDOG=1"}
    await runner.cleanup()
    rest = []
    while (message := _waiting(ear)) is not None:
        rest.append(message)
    assert b"STOPPING=1" in rest


async def _next(ear: socket.socket) -> bytes:
    async with asyncio.timeout(PATIENCE):
        return await asyncio.get_running_loop().sock_recv(ear, 100)


def _waiting(ear: socket.socket) -> bytes | None:
    try:
        return ear.recv(100)
    except BlockingIOError:
        return None
