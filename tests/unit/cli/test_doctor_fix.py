"""`gaopai doctor --fix` lists steps, asks and takes them; `--undo` takes out its own alone."""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

import pytest

from server.cli import doctor, install, main
from server.cli.doctor import fix, steps
from server.cli.doctor.steps import MachineStep
from server.errors import LocalizedText

RULES = "etc/udev/rules.d/69-gaopai.rules"
CONFIGURATION = "etc/gaopai/gaopai.toml"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without anything of ours; the program is its root's, and so is the account."""
    monkeypatch.setattr(install, "PACKAGED", tmp_path / "usr/lib/systemd/user/gaopai.service")
    monkeypatch.setattr(install, "EVERYBODY", tmp_path / "etc/systemd/user/gaopai.service")
    monkeypatch.setattr(install, "SESSIONS", tmp_path / "run/user")
    monkeypatch.setattr(install, "is_roots", lambda: True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(steps, "GROUP", "root")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


def of_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The account is an ordinary one, to which the program belongs."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(install, "is_roots", lambda: False)


def names(found: list[MachineStep]) -> list[str]:
    return [step.what.en for step in found]


def wanted(machine: Path) -> list[MachineStep]:
    return list(steps.to_take(machine))


def test_root_gets_what_a_package_brings(machine: Path) -> None:
    found = wanted(machine)
    assert names(found) == ["rules for devices (udev)", "the configuration", "a service of every account"]
    assert all(step.root and step.why.zh and step.why.en for step in found)
    last = found[-1].commands[0]
    assert last[-4:] == ("install", "--all-users", "--config", str(machine / CONFIGURATION))


def test_an_account_gets_its_own_service_and_names_what_root_types(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_account(monkeypatch)
    rules, service = wanted(machine)
    assert (rules.root, service.root) == (True, False)
    assert rules.typed(False).startswith("sudo install -D -m 644 ")
    assert not rules.typed(True).startswith("sudo")
    assert service.commands[0][-2:] == ("install", "--user")


def test_the_group_is_made_where_there_is_none(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "GROUP", "nobody-has-this-group")
    assert ("groupadd", "--system", "--force", "nobody-has-this-group") in wanted(machine)[1].commands


def test_a_running_udev_is_told(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "run/udev").mkdir(parents=True)
    monkeypatch.setattr(shutil, "which", lambda name, path: f"/usr/bin/{name}")
    assert ("udevadm", "control", "--reload") in wanted(machine)[0].commands


def test_a_package_that_is_installed_leaves_nothing_to_do(machine: Path) -> None:
    for place in ("usr/lib/udev/rules.d/69-gaopai.rules", "usr/lib/systemd/user/gaopai.service"):
        (machine / place).parent.mkdir(parents=True)
        (machine / place).write_text("")
    assert wanted(machine) == []


def take(machine: Path, found: list[MachineStep], capsys: pytest.CaptureFixture[str]) -> str:
    assert fix.carry_out(found, "en", agreed=True)
    return capsys.readouterr().out


def without_service(found: list[MachineStep]) -> list[MachineStep]:
    return [step for step in found if "service" not in step.what.en]


def test_it_is_done_once_and_undone(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = take(machine, without_service(wanted(machine)), capsys)
    assert said.count(": done") == 2
    assert (machine / RULES).read_bytes() == steps.carried("69-gaopai.rules").read_bytes()
    assert (machine / RULES).stat().st_mode & 0o777 == 0o644
    assert (machine / CONFIGURATION).exists()
    assert without_service(wanted(machine)) == []
    assert "nothing to do" in take(machine, [], capsys)
    take(machine, list(steps.to_undo(machine)), capsys)
    assert [path for path in (machine / "etc").rglob("*") if path.is_file()] == []
    assert not (machine / "etc/gaopai").exists()
    assert list(steps.to_undo(machine)) == []


def test_rules_of_another_version_are_replaced(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (machine / RULES).parent.mkdir(parents=True)
    (machine / RULES).write_text("# older\n")
    found = without_service(wanted(machine))
    assert "replaced" in found[0].why.en
    take(machine, found, capsys)
    assert (machine / RULES).read_bytes() == steps.carried("69-gaopai.rules").read_bytes()


def test_a_configuration_that_somebody_wrote_stays(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (machine / CONFIGURATION).parent.mkdir(parents=True)
    (machine / CONFIGURATION).write_text("[server]\nport = 8090\n")
    assert "the configuration" not in names(wanted(machine))
    take(machine, list(steps.to_undo(machine)) or [], capsys)
    assert (machine / CONFIGURATION).read_text() == "[server]\nport = 8090\n"


def test_units_of_this_program_are_undone_and_no_others(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = install.EVERYBODY
    own = install.own().unit
    for path in (everybody, own):
        path.parent.mkdir(parents=True)
        path.write_text("[Service]\n")
    assert list(steps.to_undo(machine)) == []
    for path in (everybody, own):
        path.write_text(install.unit(None))
    assert names(list(steps.to_undo(machine))) == ["a service of every account"]
    assert "a service of every account" not in names(wanted(machine))
    of_account(monkeypatch)
    assert names(list(steps.to_undo(machine))) == ["a service of this account", "a service of every account"]
    assert "a service of this account" not in names(wanted(machine))


def test_a_unit_of_a_program_that_was_moved_is_written_anew(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install.EVERYBODY.parent.mkdir(parents=True)
    install.EVERYBODY.write_text(install.unit(None))
    monkeypatch.setattr(sys, "executable", "/opt/elsewhere/bin/python3")
    assert "a service of every account" in names(wanted(machine))


TEXT = LocalizedText("一步", "a step")


def writing(file: Path, root: bool = False) -> MachineStep:
    return MachineStep(TEXT, TEXT, (("touch", str(file)),), root)


@pytest.mark.parametrize(("answer", "taken"), [("y\n", True), ("是\n", True), ("\n", False), ("", False)])
def test_nothing_is_done_without_consent(
    answer: str,
    taken: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    assert fix.carry_out([writing(tmp_path / "made")], "en", agreed=False) is taken
    assert (tmp_path / "made").exists() is taken
    said = capsys.readouterr().out
    assert f"runs: touch {tmp_path}/made" in said
    assert ("nothing was changed" in said) is not taken


def test_what_root_has_to_do_is_told_and_the_rest_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    both = [writing(tmp_path / "of root", root=True), writing(tmp_path / "mine")]
    assert not fix.carry_out(both, "zh", agreed=True)
    assert f"需要 root，请执行: sudo touch '{tmp_path}/of root'" in capsys.readouterr().out
    assert not (tmp_path / "of root").exists()
    assert (tmp_path / "mine").exists()


def test_after_a_step_that_failed_none_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = MachineStep(TEXT, TEXT, (("sh", "-c", "echo no room >&2; exit 3"),), root=False)
    missing = MachineStep(TEXT, TEXT, ((str(tmp_path / "no-such-program"),),), root=False)
    for step in (broken, missing):
        assert not fix.carry_out([step, writing(tmp_path / "made")], "en", agreed=True)
    said = capsys.readouterr().out
    assert "a step: FAILED (no room)" in said
    assert "no-such-program: No such file or directory" in said
    assert not (tmp_path / "made").exists()


def test_the_doctor_says_in_the_end_what_it_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(steps, "to_take", lambda: [writing(tmp_path / "made")])
    monkeypatch.setattr(doctor, "examine", lambda _: iter([]))
    assert main(["doctor", "--fix", "--yes", "--language", "en"]) == 0
    monkeypatch.setattr(steps, "to_undo", lambda: [MachineStep(TEXT, TEXT, (("false",),), root=False)])
    assert main(["doctor", "--undo", "--yes", "--language", "en"]) == 1
    assert "a step: done" in capsys.readouterr().out
