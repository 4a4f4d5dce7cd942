"""USB modules: two pairs of pipes, and what is said when the device cannot be had."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator

import pytest

from tests.patience import PATIENCE

pytest.importorskip("usb", reason="pyusb is not installed")

import usb.core

from server.devices.adapters.samv.frame import SamCommand
from server.devices.adapters.samv.module import SamModule
from server.devices.adapters.samv.reader import SamvReader
from server.devices.adapters.samv.transaction import CorruptAnswer, NoAnswer, SamTransaction
from server.devices.adapters.samv.transports import UsbConnector
from server.devices.ports.card_reader import CardKind, CardReaderInfo
from server.errors import (
    DeviceBusy,
    DeviceFailed,
    DeviceGone,
    DevicePermission,
    DeviceTimeout,
    GaopaiError,
)
from tests.devices.samv.module import FIND, FINGERS, SELECT, Module, said
from tests.devices.samv.people import FINGERS as FEATURES
from tests.devices.samv.people import NAME, PORTRAIT, FakeCard, citizen
from tests.devices.samv.usb_bus import ADDRESS, BUS, UsbBus


@pytest.fixture
def bus(module: Module) -> UsbBus:
    return UsbBus(module)


@pytest.fixture
def connector(bus: UsbBus) -> UsbConnector:
    return UsbConnector(BUS, ADDRESS, "reader", bus)


@pytest.fixture
async def usb_reader(connector: UsbConnector) -> AsyncIterator[SamvReader]:
    reader = SamvReader(
        CardReaderInfo("samv:usb", "reader", frozenset({CardKind.RESIDENT})), SamModule(connector)
    )
    yield reader
    await reader.close()


@pytest.mark.parametrize("configured", [True, False])
async def test_a_card_is_read(usb_reader: SamvReader, bus: UsbBus, configured: bool) -> None:
    bus.configured = configured
    await usb_reader.wait(PATIENCE)
    card = await usb_reader.read()
    assert (card.name, card.portrait_wlt, card.finger_features) == (NAME, PORTRAIT, FEATURES)
    assert bus.claimed == {0, 1}
    await usb_reader.close()
    assert bus.claimed == set()


async def test_a_card_without_fingers(usb_reader: SamvReader, module: Module) -> None:
    module.put(FakeCard(citizen()))
    assert (await usb_reader.read()).finger_features == b""


def test_one_interface_may_have_all_pipes(module: Module) -> None:
    bus = UsbBus(module, ((0x02, 0x81, 0x06, 0x85),))
    transport = UsbConnector(BUS, ADDRESS, "reader", bus)()
    assert SamTransaction(transport).ask(SamCommand.FIND, 1).status == 0x9F
    transport.close()


def test_a_body_of_whole_packets(connector: UsbConnector, module: Module) -> None:
    module.will(FINGERS, said(0x90, bytes(4 * 64 - 4)))
    assert len(SamTransaction(connector()).ask(SamCommand.READ_FINGERS, 1).data) == 4 * 64 - 4


def test_what_is_left_from_before_is_passed_over(connector: UsbConnector, module: Module) -> None:
    transaction = SamTransaction(connector())
    module.will(SELECT, said(0x90, bytes(8))[:-1])
    with pytest.raises(CorruptAnswer):
        transaction.ask(SamCommand.SELECT, 0.2)
    module.will(SELECT, b"")
    with pytest.raises(NoAnswer):
        transaction.ask(SamCommand.SELECT, 0.2)
    assert transaction.ask(SamCommand.FIND, 1).status == 0x9F


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.EACCES, DevicePermission),
        (errno.EBUSY, DeviceBusy),
        (errno.ENODEV, DeviceGone),
        (errno.EPIPE, DeviceFailed),
    ],
)
def test_a_device_that_cannot_be_opened(
    connector: UsbConnector, bus: UsbBus, number: int, error: type[GaopaiError]
) -> None:
    bus.fault = number
    with pytest.raises(error, match="reader"):
        connector()


def test_a_device_that_another_program_has(connector: UsbConnector, bus: UsbBus) -> None:
    bus.claimed.add(1)
    with pytest.raises(DeviceBusy):
        connector()
    assert bus.claimed == {1}


def test_a_device_of_another_kind(module: Module) -> None:
    bus = UsbBus(module, ((0x02, 0x81),))
    with pytest.raises(DeviceFailed, match="interface"):
        UsbConnector(BUS, ADDRESS, "reader", bus)()
    assert bus.claimed == set()


def test_a_device_that_has_gone(connector: UsbConnector, bus: UsbBus) -> None:
    bus.plugged = False
    with pytest.raises(DeviceGone):
        connector()


def test_a_machine_without_libusb(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(**_: object) -> None:
        raise usb.core.NoBackendError("No backend available")

    monkeypatch.setattr(usb.core, "find", find)
    with pytest.raises(DeviceFailed, match="libusb"):
        UsbConnector(BUS, ADDRESS, "reader")()


async def test_a_plug_pulled(usb_reader: SamvReader, bus: UsbBus, module: Module) -> None:
    def pull() -> None:
        bus.plugged = False

    module.will(FINGERS, pull)
    with pytest.raises(DeviceGone):
        await usb_reader.read()
    assert bus.claimed == set()


async def test_a_module_that_takes_nothing(usb_reader: SamvReader, bus: UsbBus, module: Module) -> None:
    bus.stuck = True
    with pytest.raises(DeviceTimeout):
        await usb_reader.present()
    assert FIND not in module.commands
