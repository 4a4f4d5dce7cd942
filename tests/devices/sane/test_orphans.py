"""A driver's process does not outlive the service, whatever the driver is doing."""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import pytest

from server.devices.adapters.sane import wire
from tests.devices.sane.backend import Faulty
from tests.patience import PATIENCE

START = "import sys; from server.devices.adapters.sane import worker; worker.HELD_SECONDS = 2; worker.main()"


def started(line: socket.socket) -> subprocess.Popen[bytes]:
    """The process as the service starts it, a little less patient."""
    return subprocess.Popen([sys.executable, "-c", START, str(line.fileno())], pass_fds=(line.fileno(),))


def orders() -> list[wire.ToDriver]:
    """A scan, and that there is room for its first page."""
    return [wire.Scan("faulty:dev0", False, "ADF", "Color", 50, None, 10**7, {}), wire.More(), wire.More()]


@pytest.mark.parametrize("fault", ["open hang", "set hang", "start hang", "read:1:20 hang", "close hang"])
def test_a_process_ends_after_the_service(faulty: Faulty, fault: str) -> None:
    faulty.behave(f"fault={fault}", pages=1)
    place = fault.split(maxsplit=1)[0].partition(":")[0]
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = started(theirs)
    try:
        with ours:
            for order in orders():
                ours.send(wire.encode(order))
            _wait_for_hang(faulty, place)
            assert process.poll() is None
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()


def _wait_for_hang(faulty: Faulty, place: str) -> None:
    until = time.monotonic() + PATIENCE
    while not any(call.detail == "hang" for call in faulty.calls(place)):
        assert time.monotonic() < until
        time.sleep(0.02)
