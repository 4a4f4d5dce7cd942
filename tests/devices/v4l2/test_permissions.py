"""What the doctor says about each node."""

import errno
import grp
import os

import pytest

from server.devices.access import Account
from server.devices.adapters.v4l2 import node_access
from server.devices.adapters.v4l2.stream import OTHER_PROGRAM, holder

CLERK = Account("clerk", frozenset({100}))


def ask(machine, kernel, account=CLERK):
    (found,) = node_access(machine.root, kernel, account)
    return found


def group(monkeypatch, members=()):
    """Let the node's group be `video`, with these members in the group file."""
    video = grp.struct_group(("video", "x", 44, list(members)))
    monkeypatch.setattr(grp, "getgrgid", lambda _number: video)
    monkeypatch.setattr(grp, "getgrnam", lambda _name: video)


@pytest.fixture
def denied(machine, kernel):
    machine("video0")
    (machine.root / "dev/video0").chmod(0o660)
    kernel.denied["video0"] = errno.EACCES
    return machine.root / "dev/video0"


def test_a_node_that_opens_is_fine(machine, kernel):
    machine("video0")
    found = ask(machine, kernel)
    assert (found.ok, found.remedy.en) == (True, "")
    assert kernel.opened == {}


def test_an_account_outside_the_group_is_told_the_command(machine, kernel, denied, monkeypatch):
    group(monkeypatch)
    found = ask(machine, kernel)
    assert not found.ok
    assert "sudo usermod -aG video clerk" in found.remedy.en
    assert "sudo usermod -aG video clerk" in found.remedy.zh


def test_a_member_since_the_login_is_told_to_log_in_again(machine, kernel, denied, monkeypatch):
    group(monkeypatch, ["clerk"])
    found = ask(machine, kernel)
    assert "usermod" not in found.remedy.en
    assert "log out" in found.remedy.en


def test_a_member_who_is_denied_is_told_of_the_policy(machine, kernel, denied, monkeypatch):
    group(monkeypatch)
    found = ask(machine, kernel, Account("clerk", frozenset({denied.stat().st_gid})))
    assert "policy" in found.reason.en


def test_a_node_no_group_may_write(machine, kernel, denied, monkeypatch):
    group(monkeypatch)
    denied.chmod(0o600)
    assert "udev" in ask(machine, kernel).remedy.en


@pytest.mark.parametrize(
    ("number", "word"), [(errno.EPERM, "--device"), (errno.EBUSY, "close"), (errno.EIO, "unplug")]
)
def test_other_reasons_have_their_own_remedy(machine, kernel, number, word):
    machine("video0")
    kernel.denied["video0"] = number
    assert word in ask(machine, kernel).remedy.en


def test_no_nodes_no_lines(machine, kernel):
    assert node_access(machine.root, kernel, CLERK) == ()


def test_the_running_account_is_known():
    assert Account().name
    assert os.getegid() in Account().groups


def process(root, number, name, *files):
    described = root / "proc" / str(number)
    (described / "fd").mkdir(parents=True)
    (described / "comm").write_text(f"{name}\n")
    for index, file in enumerate(files):
        (described / "fd" / str(index)).symlink_to(file)


def test_the_program_that_holds_a_node_is_named(tmp_path):
    process(tmp_path, 4000001, "bash", "/dev/null")
    process(tmp_path, 4000002, "che{se", "/dev/null", "/dev/video77")
    assert holder("/dev/video77", tmp_path).fill("en", {}) == "che{se"
    assert holder("/dev/video78", tmp_path) == OTHER_PROGRAM
