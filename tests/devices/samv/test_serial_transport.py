"""Serial ports: the speed that is found, who else has them, and what is said when they go."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import time
import tty
from pathlib import Path

import pytest

from server.children.program import SELECTABLE
from server.devices.adapters.samv.frame import SamCommand
from server.devices.adapters.samv.module import SamModule
from server.devices.adapters.samv.reader import SamvReader
from server.devices.adapters.samv.transaction import SamTransaction
from server.errors import (
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DevicePermission,
    DeviceTimeout,
)
from server.runtime.background import failures
from tests.devices.samv.module import FIND, FINGERS, STATUS, Module
from tests.devices.samv.people import NAME
from tests.devices.samv.serial_port import SerialPort
from tests.patience import PATIENCE

serial = pytest.importorskip("serial", reason="pyserial is not installed")
from server.devices.adapters.samv.transports import SPEEDS, SerialConnector  # noqa: E402 - needs pyserial


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_speed_is_found_and_remembered(module: Module, speed: int) -> None:
    port = SerialPort(module, speed)
    connector = SerialConnector(port.path, "reader")
    try:
        for _ in range(2):
            transport = connector()
            assert SamTransaction(transport).ask(SamCommand.FIND, 1).status == 0x9F
            transport.close()
            # What a module hears at another speed is nothing to it.
            assert module.commands == [STATUS, FIND]
            module.commands.clear()
    finally:
        port.unplug()


def test_nobody_answers_at_any_speed() -> None:
    master, slave = os.openpty()
    try:
        with pytest.raises(DeviceTimeout, match="reader"):
            SerialConnector(Path(os.ttyname(slave)), "reader", SPEEDS[:2])()
    finally:
        os.close(master)
        os.close(slave)


def test_noise_at_the_right_speed_does_not_hide_the_module(module: Module, port: SerialPort) -> None:
    module.will(STATUS, b"\xaa\xaa\xaa\x96\x69\x00\x04\x00\x00\x90\x95")
    SerialConnector(port.path, "reader", SPEEDS[:1])().close()


def test_a_port_that_another_program_has(port: SerialPort) -> None:
    with serial.Serial(str(port.path), exclusive=True), pytest.raises(DeviceBusy, match="another program"):
        SerialConnector(port.path, "reader")()
    SerialConnector(port.path, "reader")().close()


def test_a_port_that_takes_nothing() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        _fill(slave)
        with pytest.raises(DeviceTimeout, match="1 seconds"):
            SerialConnector(Path(os.ttyname(slave)), "reader")()
    finally:
        os.close(master)
        os.close(slave)


def _fill(port: int) -> None:
    """Write until nothing is taken any more; what was is passed on a moment later."""
    os.set_blocking(port, False)
    waiting = select.poll()
    waiting.register(port, select.POLLOUT)
    while waiting.poll(200):
        with contextlib.suppress(BlockingIOError):
            os.write(port, bytes(1024))


def test_a_port_beyond_the_descriptors_of_select(port: SerialPort, many_files: None) -> None:
    """As while a thousand connections are open."""
    with contextlib.ExitStack() as others:
        for _ in range(SELECTABLE):
            others.callback(os.close, os.open(os.devnull, os.O_RDONLY))
        transport = SerialConnector(port.path, "reader")()
        assert SamTransaction(transport).ask(SamCommand.FIND, 1).status == 0x9F
        transport.close()


def test_a_port_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DeviceGone):
        SerialConnector(tmp_path / "ttyUSB9", "reader")()


def test_a_port_that_is_no_port(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeviceFailed):
        SerialConnector(tmp_path / "file", "reader")()


def test_a_port_that_is_not_ours(port: SerialPort, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DevicePermission):
        SerialConnector(port.path, "reader")()


async def test_a_plug_pulled_while_a_card_is_read(
    reader: SamvReader, module: Module, port: SerialPort
) -> None:
    module.will(FINGERS, b"")
    await reader.wait(PATIENCE)
    reading = asyncio.create_task(reader.read())
    while FINGERS not in module.commands:
        await asyncio.sleep(0.01)
    await asyncio.to_thread(port.unplug)
    with pytest.raises(DeviceGone):
        await reading
    with pytest.raises(DeviceGone):
        await reader.present()


async def test_a_port_that_nobody_uses_is_given_back(module: Module, port: SerialPort) -> None:
    sam = SamModule(SerialConnector(port.path, "reader"), idle=0.05)
    assert (await sam.ask(SamCommand.FIND, 1)).status == 0x9F
    await asyncio.to_thread(_take, port.path)
    assert (await sam.ask(SamCommand.FIND, 1)).status == 0x9F
    await sam.close()
    await sam.close()
    await asyncio.to_thread(_take, port.path)


async def test_a_port_that_cannot_be_given_back_is_reported(
    module: Module, port: SerialPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = SamModule(SerialConnector(port.path, "reader"), idle=0.01)
    assert (await sam.ask(SamCommand.FIND, 1)).status == 0x9F
    with monkeypatch.context() as patch:
        patch.setattr(sam, "_drop", lambda: 1 // 0)
        async with asyncio.timeout(PATIENCE):
            while not failures():
                await asyncio.sleep(0.005)
    assert [(worker.name, worker.error) for worker in failures()] == [
        ("release of an idle card reader", "ZeroDivisionError")
    ]
    assert (await sam.ask(SamCommand.FIND, 1)).status == 0x9F
    await sam.close()


def _take(path: Path) -> None:
    """Wait until a port is free."""
    for _ in range(1000):
        try:
            serial.Serial(str(path), exclusive=True).close()
            return
        except serial.SerialException:
            time.sleep(0.02)
    raise AssertionError("the port was not given back")


async def test_closing_ends_a_reading(reader: SamvReader) -> None:
    assert (await reader.read()).name == NAME
    await reader.close()
    await reader.close()
