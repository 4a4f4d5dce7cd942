"""Which readers are listed, and that one which stays is the same with its port."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from server.devices import access as usb
from server.devices.adapters.samv import finder as finder_module
from server.devices.adapters.samv.finder import SerialReaderFinder, UsbReaderFinder, node_access
from server.devices.ports.card_reader import CardKind
from server.errors import DeviceGone, DriverMissing
from tests.devices.samv.module import Module
from tests.devices.samv.people import NAME
from tests.devices.samv.serial_port import SerialPort
from tests.patience import PATIENCE


@pytest.fixture(autouse=True)
def libraries() -> None:
    pytest.importorskip("serial", reason="pyserial is not installed")
    pytest.importorskip("usb", reason="pyusb is not installed")


def plug_in(root: Path, port: str, usb_id: str = "0400:c35a", address: int = 5, product: str = "") -> Path:
    """A USB device as the kernel describes it."""
    vendor, code = usb_id.split(":")
    folder = root / "sys/bus/usb/devices" / port
    folder.mkdir(parents=True)
    attributes = {"idVendor": vendor, "idProduct": code, "busnum": "1", "devnum": str(address)}
    if product:
        attributes["product"] = product
    for name, value in attributes.items():
        (folder / name).write_text(value + "\n")
    (folder.parent / f"{port}:1.0").mkdir()
    node = root / f"dev/bus/usb/001/{address:03}"
    node.parent.mkdir(parents=True, exist_ok=True)
    node.touch()
    return node


def pull_out(root: Path, port: str) -> None:
    for attribute in (folder := root / "sys/bus/usb/devices" / port).iterdir():
        attribute.unlink()
    folder.rmdir()


async def test_usb_readers_are_found_by_their_make(tmp_path: Path) -> None:
    plug_in(tmp_path, "1-1", "046d:0825", 4)
    plug_in(tmp_path, "1-2", "0400:C35A", 5)
    plug_in(tmp_path, "1-3", "0400:c35a", 6, "Reader 3")
    plug_in(tmp_path, "1-4", "0400:c35a", 7, "Reader 3")
    finder = UsbReaderFinder(root=tmp_path)
    infos = [reader.info for reader in await finder.find()]
    assert [info.name for info in infos] == ["SAM-V USB", "Reader 3", "Reader 3 (2)"]
    assert [info.id for info in infos] == ["samv:1-2.5", "samv:1-3.6", "samv:1-4.7"]
    assert infos[0].kinds == {CardKind.RESIDENT}
    await finder.close()


async def test_other_makes_can_be_named(tmp_path: Path) -> None:
    plug_in(tmp_path, "1-1", "10c4:ea60")
    finder = UsbReaderFinder(["10C4:EA60"], root=tmp_path)
    assert len(await finder.find()) == 1
    await finder.close()


async def test_a_usb_reader_plugged_in_again_is_another(tmp_path: Path) -> None:
    plug_in(tmp_path, "1-2", address=5)
    finder = UsbReaderFinder(root=tmp_path)
    finder.acknowledge_change()
    (first,) = await finder.find()
    assert await finder.find() == [first]
    assert not finder.acknowledge_change()
    pull_out(tmp_path, "1-2")
    plug_in(tmp_path, "2-2", address=6)
    assert finder.acknowledge_change()
    (second,) = await finder.find()
    assert second.info.id != first.info.id
    await finder.close()


async def test_a_serial_reader_is_listed_while_its_port_is_there(tmp_path: Path) -> None:
    node = tmp_path / "dev/ttyUSB0"
    node.parent.mkdir()
    finder = SerialReaderFinder(["/dev/ttyUSB0", "/dev/ttyS9"], root=tmp_path)
    assert await finder.find() == []
    node.touch()
    assert finder.acknowledge_change()
    (reader,) = await finder.find()
    assert (reader.info.id, reader.info.name) == (f"samv:{node}", "SAM-V ttyUSB0")
    node.unlink()
    assert finder.acknowledge_change()
    with pytest.raises(DeviceGone):
        await reader.present()
    assert await finder.find() == []
    await finder.close()


async def test_a_found_reader_reads_and_keeps_its_port(port: SerialPort, module: Module) -> None:
    finder = SerialReaderFinder([str(port.path)])
    (reader,) = await finder.find()
    await reader.wait(PATIENCE)
    (same,) = await finder.find()
    assert same is reader
    assert (await same.read()).name == NAME
    await finder.close()


@pytest.mark.parametrize("make", [lambda: SerialReaderFinder(["/dev/null"]), UsbReaderFinder])
async def test_a_missing_library_is_said(make: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(make)
    finder = make()
    assert finder.missing() is None
    find_spec = importlib.util.find_spec
    hidden = ("serial", "usb")
    monkeypatch.setattr(finder_module, "find_spec", lambda name: None if name in hidden else find_spec(name))
    assert isinstance(finder.missing(), DriverMissing)
    assert await finder.find() == ()
    await finder.close()


def test_the_doctor_looks_at_every_reader(tmp_path: Path) -> None:
    usb_node = plug_in(tmp_path, "1-2")
    port = tmp_path / "dev/ttyUSB0"
    port.touch()
    found = node_access(["/dev/ttyUSB0", "/dev/ttyUSB1"], root=tmp_path)
    assert [(one.path, one.ok) for one in found] == [
        (str(port), True),
        (str(tmp_path / "dev/ttyUSB1"), False),
        (str(usb_node), True),
    ]


def test_a_usb_reader_that_is_roots_gets_a_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    plug_in(tmp_path, "1-2").chmod(0o600)
    monkeypatch.setattr(usb, "open_node", refuse)
    (found,) = node_access(root=tmp_path)
    assert not found.ok
    for text in (found.remedy.zh, found.remedy.en):
        assert 'ATTR{idVendor}=="0400", ATTR{idProduct}=="c35a"' in text
        assert "udevadm control --reload" in text
