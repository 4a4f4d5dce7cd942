"""Checks of drivers, libraries and permissions for each kind of device."""

from __future__ import annotations

import ctypes
import shlex
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path

from server.cli.doctor.check import PACKAGED, Check, library, of_node, same, type_this
from server.cli.doctor.steps import RULE_FOLDERS, RULES
from server.cli.install import typed
from server.config import Config
from server.devices.access import GROUP, Account, DeviceKind, NodeAccess, open_node, try_node
from server.equipment import (
    button_permissions,
    camera_permissions,
    finger_interpreter,
    finger_permissions,
    resident_reader_permissions,
    scanner_permissions,
    smart_card_service,
)
from server.errors import LocalizedText

PRESENT = LocalizedText("已安装", "present")


def examine(config: Config) -> Iterator[Check]:
    """Check all kinds of devices."""
    yield udev_rules()
    yield from _cameras()
    yield from _scanners()
    yield from _resident_readers(config)
    yield from serial_ports(config)
    for name, table, section, look in (
        ("pcscd", "cards", config.cards, _smart_cards),
        ("libfprint", "fingers", config.fingers, _finger_sensors),
        ("buttons", "buttons", config.buttons, _buttons),
    ):
        yield from look(config) if section.enabled else [Check(name, True, _unused(f"[{table}] enabled"))]


def udev_rules(root: Path = Path("/")) -> Check:
    """Check for the udev rules that give the user at the seat access to devices."""
    found = next((root / folder / RULES for folder in RULE_FOLDERS if (root / folder / RULES).exists()), None)
    if found is not None:
        return Check("udev rules", True, same(str(found)))
    reason = LocalizedText(
        "没有 gaopai 的 udev 规则：设备只对用户组开放",
        "those of gaopai are not installed: devices are open to groups only",
    )
    remedy = type_this(shlex.join((*typed(), "doctor", "--fix")))
    return Check("udev rules", False, reason, remedy, optional=True)


def _cameras() -> Iterator[Check]:
    permissions = camera_permissions()
    if not permissions:
        reason = LocalizedText(
            "没有 /dev/video 设备；请接上摄像头，或使用 --demo",
            "no /dev/video node; plug a camera in, or use --demo",
        )
        yield Check("cameras", True, reason)
    yield from map(of_node, permissions)


def _scanners() -> Iterator[Check]:
    packages = "libsane1 sane-utils" if PACKAGED else "libsane-dev sane-utils"
    without = LocalizedText("扫描仪不可用", "no scanner can be used")
    yield _shared_library("libsane", "libsane.so.1", packages, without)
    yield _python_library("sane", "python-sane", without, "libsane-dev sane-utils")
    yield from map(of_node, scanner_permissions())


def _shared_library(name: str, file: str, packages: str, without: LocalizedText) -> Check:
    try:
        ctypes.CDLL(file)
    except OSError:
        reason = LocalizedText(f"没有安装 {name}：{without.zh}", f"{name} is not installed: {without.en}")
        return Check(name, False, reason, type_this(f"sudo apt install {packages}"), optional=True)
    return Check(name, True, PRESENT)


def _python_library(module: str, package: str, without: LocalizedText, packages: str = "") -> Check:
    try:
        version = import_module(module).__version__
    except ImportError as exc:
        reason = LocalizedText(f"{without.zh}：{exc}", f"{without.en}: {exc}")
        return Check(package, False, reason, library(package, packages), optional=True)
    return Check(package, True, same(str(version)))


def _resident_readers(config: Config) -> Iterator[Check]:
    with_it = LocalizedText("对应的身份证阅读器不可用", "no resident ID reader can be used with it")
    for module, package in (("serial", "pyserial"), ("usb", "pyusb")):
        yield _python_library(module, package, with_it)
    without = LocalizedText("USB 身份证阅读器不可用", "no USB resident ID reader can be used")
    yield _shared_library("libusb", "libusb-1.0.so.0", "libusb-1.0-0", without)
    yield from map(of_node, resident_reader_permissions(config))


def serial_ports(config: Config, root: Path = Path("/"), account: Account | None = None) -> Iterator[Check]:
    """Check each USB serial port that is not configured, as it may be a card reader's."""
    user = account or Account()
    named = {root / path.lstrip("/") for path in config.cards.samv}
    for node in sorted((*(root / "dev").glob("ttyUSB[0-9]*"), *(root / "dev").glob("ttyACM[0-9]*"))):
        if node not in named:
            yield of_node(_serial_port(node, user), optional=True)


def _serial_port(node: Path, account: Account) -> NodeAccess:
    command = f"sudo chgrp {GROUP} {node} && sudo chmod 660 {node}"
    closed = (
        LocalizedText("没有用户组可以读写该串口", "no group may read and write it"),
        LocalizedText(f"请执行 {command}", f"run: {command}"),
    )
    port = DeviceKind(LocalizedText("串口设备", "what is at the port"), lambda _, __: closed)
    return try_node(node, open_node, port, account)


def _smart_cards(config: Config) -> Iterator[Check]:
    pyscard = _pyscard()
    yield pyscard
    if not pyscard.ok:
        return  # the service cannot be checked without it
    yield of_node(smart_card_service(), optional=True)


def _pyscard() -> Check:
    try:
        return Check("pyscard", True, same(metadata.version("pyscard")))
    except metadata.PackageNotFoundError:
        reason = LocalizedText(
            "没有安装 pyscard：PC/SC 读卡器不可用", "no PC/SC reader can be used: pyscard is not installed"
        )
        remedy = library("pyscard", "pcscd libpcsclite-dev swig")
        return Check("pyscard", False, reason, remedy, optional=True)


def _finger_sensors(config: Config) -> Iterator[Check]:
    yield _libfprint(config)
    # Optional, as built-in sensors are among them, most of which give no images.
    yield from (of_node(node, optional=True) for node in finger_permissions())


def _libfprint(config: Config) -> Check:
    python = finger_interpreter(config)
    if python is None:
        reason = LocalizedText(
            "指纹仪不可用：这里没有能加载 libfprint 的 Python",
            "no fingerprint sensor can be used: no Python here loads libfprint's bindings",
        )
        remedy = type_this("sudo apt install libfprint-2-2 gir1.2-fprint-2.0 python3-gi")
        return Check("libfprint", False, reason, remedy, optional=True)
    return Check("libfprint", True, LocalizedText(f"由 {python} 运行", f"runs under {python}"))


def _buttons(config: Config) -> Iterator[Check]:
    yield from (of_node(node, optional=True) for node in button_permissions(config))


def _unused(key: str) -> LocalizedText:
    return LocalizedText(f"未使用：{key} 为 false", f"not used: {key} is false")
