"""What `gaopai doctor` says of a machine: port, folder, desktop, time, rules, serial ports."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from server.access import listeners, socket_table
from server.cli.doctor import devices, machine
from server.cli.doctor.check import Check
from server.config import Config, DialectsConfig, LimitsConfig, ServerConfig, StorageConfig
from server.config.dialects import EloamConfig
from server.devices.access import Account


def made(check: Check) -> tuple[bool, str, str]:
    """What a check says in English."""
    return check.ok, check.reason.en, check.remedy.en


def proc(folder: Path, port: int, uid: int = 33, readable: bool = True) -> Path:
    """The kernel's tables with one listener, of the program ``nginx`` with process number 77."""
    (folder / "net").mkdir(parents=True)
    listener = (
        f"   0: 0100007F:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {uid:5} 0 4711 1"
    )
    other = f"   1: 0100007F:{port:04X} 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0 0 12 1"
    (folder / "net/tcp").write_text(f"  sl  local_address\n{other}\n{listener}\n")
    process = folder / "77"
    (process / "fd").mkdir(parents=True)
    (process / "comm").write_text("nginx\n")
    (process / "fd/5").symlink_to("socket:[4711]" if readable else "socket:[1]")
    return folder


def test_the_program_that_listens_is_named(tmp_path: Path) -> None:
    holder = socket_table.holder_of("127.0.0.1", 8082, proc(tmp_path, 8082))
    assert (holder.en, holder.zh) == ("nginx (process 77)", " nginx（进程 77）")


def test_of_another_account_only_its_name_is_known(tmp_path: Path) -> None:
    holder = socket_table.holder_of("127.0.0.1", 8082, proc(tmp_path, 8082, uid=0, readable=False))
    assert holder.en == "a program of root"


def test_a_service_that_hides_its_descriptors_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = proc(tmp_path, 8082, uid=1000, readable=False)
    process = folder / "77"
    (process / "comm").write_text("gaopai\n")
    (process / "status").write_text("Name:\tgaopai\nUid:\t1000\t1000\t1000\t1000\n")
    assert "process" not in socket_table.holder_of("127.0.0.1", 8082, folder).en

    def refused(path: Path) -> object:
        raise PermissionError(path)

    monkeypatch.setattr(Path, "iterdir", refused)
    assert socket_table.holder_of("127.0.0.1", 8082, folder).en == "gaopai (process 77)"
    (process / "status").write_text("Name:\tgaopai\nUid:\t1001\t1001\t1001\t1001\n")
    assert "process" not in socket_table.holder_of("127.0.0.1", 8082, folder).en


@pytest.mark.parametrize(
    ("lacking", "said", "remedy"),
    [
        (["Landlock"], "a decoder changes no file", "Linux 5.13"),
        (["seccomp"], "it reaches no files but its own", "CONFIG_SECCOMP_FILTER"),
        (["Landlock", "seccomp"], "its memory is bounded", "Linux 5.13"),
    ],
)
def test_what_holds_of_a_confinement_that_lacks_something_is_told(
    lacking: list[str], said: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine.platform, "release", lambda: "4.19.0-loongson")
    check = machine.confinement(lacking)
    assert not check.ok and check.optional
    assert f"no {' and no '.join(lacking)} (Linux 4.19.0-loongson" in check.reason.en
    assert said in check.reason.en and remedy in check.remedy.en
    assert "仍然有效" in check.reason.zh and remedy in check.remedy.zh


def test_a_whole_confinement_is_told() -> None:
    assert machine.confinement([]).ok


def test_an_account_without_a_name_is_told_by_its_number(tmp_path: Path) -> None:
    holder = socket_table.holder_of("127.0.0.1", 8082, proc(tmp_path, 8082, 4000111, readable=False))
    assert holder.en == "a program of 4000111"


def test_without_tables_it_is_another_program(tmp_path: Path) -> None:
    assert socket_table.holder_of("127.0.0.1", 8082, tmp_path).en == "another program"


def test_a_port_that_is_taken_names_this_very_program() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        check = next(machine.ports(Config(server=ServerConfig(port=port))))
    ok, reason, remedy = made(check)
    assert not ok
    assert f"(process {os.getpid()})" in reason
    assert remedy


def test_a_name_that_another_program_answers_at_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "has_v6", lambda: True)
    monkeypatch.setattr(machine, "holder_of", lambda *_: machine.LocalizedText("nginx", "nginx (process 7)"))
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        own, companion = machine.ports(Config(server=ServerConfig(port=port)))
    assert own.ok
    assert (companion.name, companion.ok, companion.optional) == ("localhost", False, True)
    assert companion.reason.en == f"::1 port {port} is taken by nginx (process 7)"


def test_the_port_of_a_dialect_is_checked_where_it_is_enabled() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        dialects = DialectsConfig(eloam=EloamConfig(enabled=True, port=port))
        *_, check = machine.ports(Config(dialects=dialects))
        off = [check.name for check in machine.ports(Config())]
    ok, reason, remedy = made(check)
    assert check.name == "dialect eloam"
    assert not ok
    assert f"(process {os.getpid()})" in reason
    assert "[dialects.eloam] port" in remedy
    assert not any(name.startswith("dialect") for name in off)


def test_another_service_of_ours_is_stopped_by_systemd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        machine, "holder_of", lambda *_: machine.LocalizedText("gaopai", "gaopai (process 5)")
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        check = next(machine.ports(Config(server=ServerConfig(port=taken.getsockname()[1]))))
    assert "systemctl --user stop gaopai.service" in check.remedy.en
    assert "systemctl --user stop gaopai.service" in check.remedy.zh


def test_a_folder_that_is_missing_is_not_made(tmp_path: Path) -> None:
    root = tmp_path / "pictures/here"
    assert machine.storage(Config(storage=StorageConfig(root=str(root)))).ok
    assert not root.parent.exists()


def test_a_folder_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    check = machine.storage(Config(storage=StorageConfig(root=str(tmp_path / "file/pictures"))))
    assert made(check)[:2] == (False, f"{tmp_path}/file is not a folder")


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.os, "access", lambda *_: False)  # root may write everywhere
    ok, reason, remedy = made(machine.storage(Config(storage=StorageConfig(root=str(tmp_path)))))
    assert not ok
    assert f"may not write to {tmp_path}" in reason
    assert remedy.startswith("sudo install -d -m 700 -o ")


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * 2**20))
    ok, reason, remedy = made(machine.storage(Config(storage=StorageConfig(root=str(tmp_path)))))
    assert (ok, reason) == (False, f"the disk of {tmp_path} has 5 MiB left")
    assert f"df -h {tmp_path}" in remedy


def test_too_few_files_for_all_connections() -> None:
    config = Config(limits=LimitsConfig(connections=1000))
    ok, reason, remedy = made(machine.open_files(config, 1024))
    assert not ok
    assert "only 1024" in reason
    assert "1256" in reason
    assert "nofile 1256" in remedy
    assert machine.open_files(config, 1256).ok
    assert machine.open_files(Config()).ok


def test_a_clock_before_the_program_was_made() -> None:
    ok, reason, remedy = made(machine.clock(0))
    assert not ok
    assert "19" in reason
    assert remedy == "sudo timedatectl set-ntp true"
    assert machine.clock().ok


@pytest.mark.parametrize(
    ("program", "environment", "ok", "remedy"),
    [
        ("zenity", {"DISPLAY": ":0"}, True, ""),
        ("kdialog", {"WAYLAND_DISPLAY": "wayland-0"}, True, ""),
        ("zenity", {}, False, "gaopai allow"),
        ("nothing", {"DISPLAY": ":0"}, False, "sudo apt install zenity"),
    ],
)
def test_a_desktop_to_ask_at(
    tmp_path: Path, program: str, environment: dict[str, str], ok: bool, remedy: str
) -> None:
    (tmp_path / program).write_text("#!/bin/sh\n")
    (tmp_path / program).chmod(0o755)
    check = machine.desktop({**environment, "PATH": str(tmp_path)})
    assert check.ok == ok
    assert remedy in check.remedy.en
    assert check.optional or ok


def test_rules_for_udev_are_found_where_they_may_lie(tmp_path: Path) -> None:
    missing = devices.udev_rules(tmp_path)
    assert (missing.ok, missing.optional) == (False, True)
    assert missing.remedy.en.endswith("doctor --fix")
    rules = tmp_path / "lib/udev/rules.d/69-gaopai.rules"
    rules.parent.mkdir(parents=True)
    rules.write_text("")
    assert devices.udev_rules(tmp_path).reason.en == str(rules)


def test_serial_ports_that_may_not_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dev").mkdir()
    for name in ("ttyUSB0", "ttyACM1", "ttyS0"):
        (tmp_path / "dev" / name).write_text("")
        (tmp_path / "dev" / name).chmod(0o600)

    def denied(path: str) -> None:
        raise PermissionError(13, "denied", path)

    monkeypatch.setattr(devices, "open_node", denied)
    found = list(devices.serial_ports(Config(), tmp_path, Account("clerk", frozenset())))
    assert [Path(check.name).name for check in found] == ["ttyACM1", "ttyUSB0"]
    assert all(check.optional and not check.ok for check in found)
    assert "sudo chgrp dialout" in found[0].remedy.en
