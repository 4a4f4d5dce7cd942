"""A driver's process does not outlive the service, whatever the driver is doing."""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from server.children.child import Child, start
from server.devices.adapters.sane import wire
from server.devices.adapters.sane.driver import spec_of
from tests.devices.sane import impatient_worker
from tests.devices.sane.backend import Faulty
from tests.patience import PATIENCE

HERE = Path(__file__).parent


def orders() -> list[wire.ToDriver]:
    """A scan, and that there is room for its first page."""
    scan = wire.ScanCommand("faulty:dev0", False, "ADF", "Color", 50, None, 10**7, {})
    return [scan, wire.PageCredit(), wire.PageCredit()]


@pytest.mark.parametrize("fault", ["open hang", "set hang", "start hang", "read:1:20 hang", "close hang"])
def test_a_process_ends_after_the_service(faulty: Faulty, fault: str) -> None:
    faulty.behave(f"fault={fault}", pages=1)
    place = fault.split(maxsplit=1)[0].partition(":")[0]
    child = start(Child, replace(spec_of(folders=[str(HERE)]), module=impatient_worker.__name__))
    try:
        for order in orders():
            child.send(wire.encode(order))
        _wait_for_hang(faulty, place)
        assert child.alive
    finally:
        ended = child.end(PATIENCE)
    assert ended.code != -signal.SIGKILL


def _wait_for_hang(faulty: Faulty, place: str) -> None:
    until = time.monotonic() + PATIENCE
    while not any(call.detail == "hang" for call in faulty.calls(place)):
        assert time.monotonic() < until
        time.sleep(0.02)
