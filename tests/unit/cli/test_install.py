"""Installing the service for one account, with a program that stands in for systemctl."""

from __future__ import annotations

import os
import pwd
import socket
import stat
import sys
from pathlib import Path

import pytest

from server.cli import install, main

ARGUMENTS = ["install", "--user"]


@pytest.fixture
def unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the unit goes; nothing is packaged."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(install, "PACKAGED", tmp_path / "packaged")
    monkeypatch.setattr(install, "EVERYBODY", tmp_path / "everybody/gaopai.service")
    monkeypatch.setattr(install, "SESSIONS", tmp_path / "sessions")
    return tmp_path / "config/systemd/user/gaopai.service"


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What systemctl was asked, a line each."""
    return _stand_in(tmp_path, monkeypatch, "")


def _stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, more: str) -> Path:
    program = folder / "bin/systemctl"
    asked = folder / "asked"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n{more}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return asked


def test_the_unit_starts_this_very_program(unit: Path, asked: Path) -> None:
    assert main(ARGUMENTS) == 0
    lines = unit.read_text().splitlines()
    assert f"ExecStart={sys.executable} -I -m server serve" in lines
    assert {"Type=notify", "NoNewPrivileges=yes", "MemoryDenyWriteExecute=yes"} <= set(lines)
    assert stat.S_IMODE(unit.stat().st_mode) == 0o600
    assert asked.read_text().splitlines() == [
        "--user daemon-reload",
        "--user enable gaopai.service",
        "--user restart gaopai.service",
    ]


def test_a_configuration_is_read_first_and_named_in_full(
    unit: Path, asked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / r"a 100% \1 $HOME"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("bad.toml").write_text("[server]\nport = 0.5\n")
    assert main([*ARGUMENTS, "--config", "bad.toml"]) == 2
    assert not unit.exists()
    Path("good.toml").write_text("[server]\nport = 8090\n")
    assert main([*ARGUMENTS, "--config", "good.toml"]) == 0
    assert rf'--config "{tmp_path}/a 100%% \\1 $$HOME/good.toml"' in unit.read_text()


def test_what_somebody_else_wrote_stays(unit: Path, asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\n")
    assert main(ARGUMENTS) == 1
    assert main([*ARGUMENTS, "--remove"]) == 1
    assert unit.read_text() == "[Service]\n"
    assert str(unit) in capsys.readouterr().err
    assert not asked.exists()


def test_the_package_comes_first(unit: Path, asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install.PACKAGED.write_text("")
    assert main(ARGUMENTS) == 1
    assert "package" in capsys.readouterr().err
    assert not unit.exists()


def test_removing_leaves_nothing(unit: Path, asked: Path) -> None:
    main(ARGUMENTS)
    asked.unlink()
    assert main([*ARGUMENTS, "--remove"]) == 0
    assert not unit.exists()
    assert asked.read_text().splitlines() == ["--user disable --now gaopai.service", "--user daemon-reload"]
    assert main([*ARGUMENTS, "--remove"]) == 0


def test_the_words_of_systemd_are_passed_on(
    unit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _stand_in(tmp_path, monkeypatch, "echo Failed to connect to bus >&2; exit 1")
    assert main(ARGUMENTS) == 1
    assert "systemctl --user daemon-reload: Failed to connect to bus" in capsys.readouterr().err


def test_without_systemd_it_says_how_to_start(
    unit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(ARGUMENTS) == 1
    assert "gaopai serve" in capsys.readouterr().err


def test_systemd_that_does_not_answer_is_given_up(
    unit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "SECONDS", 0.2)
    _stand_in(tmp_path, monkeypatch, "exec sleep 60")
    assert main(ARGUMENTS) == 1
    assert "no answer" in capsys.readouterr().err


ALL = ["install", "--all-users"]


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account is root's, and so is the program."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(install, "is_roots", lambda: True)


def test_every_account_gets_a_unit_that_it_can_read(unit: Path, asked: Path, as_root: None) -> None:
    assert main(ALL) == 0
    assert stat.S_IMODE(install.EVERYBODY.stat().st_mode) == 0o644
    assert not unit.exists()
    assert main(ARGUMENTS) == 1
    assert main([*ALL, "--remove"]) == 0
    assert not install.EVERYBODY.exists()
    assert asked.read_text().splitlines() == [
        "--global enable gaopai.service",
        "--global disable gaopai.service",
    ]


def test_the_configuration_of_every_account_is_roots_alone(
    unit: Path, asked: Path, as_root: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An account that can change it would choose what the service of all others does."""
    loose = tmp_path / "loose.toml"
    loose.write_text("")
    loose.chmod(0o666)
    (tmp_path / "link.toml").symlink_to(loose)
    for name in ("loose.toml", "link.toml"):
        assert main([*ALL, "--config", str(tmp_path / name)]) == 1
        assert "others than root can change it" in capsys.readouterr().err
        assert not install.EVERYBODY.exists()


def test_sessions_that_are_open_start_and_stop_it_too(
    unit: Path, asked: Path, as_root: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for account in (0, os.getuid()):
        (install.SESSIONS / f"{account}/systemd").mkdir(parents=True, exist_ok=True)
    account = pwd.getpwuid(os.getuid())
    monkeypatch.setattr(install, "_sessions", lambda: iter([(account, install.SESSIONS / "1000")]))
    (asked.parent / "bin/setpriv").write_text(f'#!/bin/sh\necho "$XDG_RUNTIME_DIR $@" >> {asked}\n')
    (asked.parent / "bin/setpriv").chmod(0o755)
    assert main(ALL) == 0
    assert main([*ALL, "--remove"]) == 0
    given = [line.partition("systemctl ")[2] for line in asked.read_text().splitlines() if "--reuid" in line]
    assert given == [
        "--user daemon-reload",
        "--user restart gaopai.service",
        "--user stop gaopai.service",
        "--user daemon-reload",
    ]
    rights = f"--reuid={account.pw_uid} --regid={account.pw_gid} --init-groups --no-new-privs"
    assert f"{install.SESSIONS}/1000 {rights}" in asked.read_text()


def test_only_managers_of_accounts_that_serve_count_as_sessions(unit: Path) -> None:
    sockets = []
    for name, listens in (("0", True), (str(os.getuid() or 1), True), ("65534", False)):
        (install.SESSIONS / name / "systemd").mkdir(parents=True)
        if listens:
            sockets.append(socket.socket(socket.AF_UNIX))
            sockets[-1].bind(str(install.SESSIONS / name / "systemd/private"))
    found = [runtime.name for _, runtime in install._sessions()]
    for each in sockets:
        each.close()
    assert found == [str(os.getuid() or 1)]


def test_a_program_that_others_can_change_is_not_run_by_all(
    unit: Path, asked: Path, as_root: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(install, "EVERYBODY", tmp_path / "everybody/gaopai.service")
    (tmp_path / "program").mkdir()
    (tmp_path / "program").chmod(0o777)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "program"))
    assert main(ALL) == 1
    assert not install.EVERYBODY.exists()


def test_all_accounts_are_for_root(unit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(ALL) == 2


def test_a_folder_with_its_own_python_is_started_by_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/gaopai.py").write_text("")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert install.program() == [f"{tmp_path}/bin/gaopai"]
    assert f"\nExecStart={tmp_path}/bin/gaopai serve\n" in install.unit(None)
