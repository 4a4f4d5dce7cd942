"""What the doctor says about each USB scanner."""

from __future__ import annotations

import grp
import os
from pathlib import Path

import pytest
import pyudev

from server.devices.access import Account, NodeAccess
from server.devices.adapters.sane import finder
from server.devices.adapters.sane.finder import node_access, usb_scanners

CLERK = Account("clerk", frozenset({100}))
SCANNER = 107


@pytest.fixture
def node(tmp_path: Path) -> Path:
    node = tmp_path / "001"
    node.touch(0o600)
    return node


@pytest.fixture
def denied(node: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node that the kernel keeps to root, in a machine that has SANE's group."""

    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(finder, "open_node", refuse)
    group = grp.struct_group(("scanner", "x", SCANNER, []))
    monkeypatch.setattr(grp, "getgrnam", lambda _: group)
    return node


def ask(node: Path, account: Account = CLERK) -> NodeAccess:
    (found,) = node_access((node,), account)
    return found


def test_a_scanner_that_opens_is_fine(node: Path) -> None:
    found = ask(node)
    assert (found.path, found.ok, found.remedy.en) == (str(node), True, "")


def test_an_account_outside_the_group_is_told_the_command(denied: Path) -> None:
    found = ask(denied)
    assert not found.ok
    assert "sudo usermod -aG scanner clerk" in found.remedy.en
    assert "sudo usermod -aG scanner clerk" in found.remedy.zh


def test_a_member_who_is_denied_lacks_the_rules(denied: Path) -> None:
    assert "libsane1" in ask(denied, Account("clerk", frozenset({SCANNER}))).remedy.en


def test_a_machine_without_the_group_lacks_the_rules(denied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> grp.struct_group:
        raise KeyError(name)

    monkeypatch.setattr(grp, "getgrnam", unknown)
    assert "libsane1" in ask(denied).remedy.en


def test_a_node_of_another_group_names_that(denied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    denied.chmod(0o660)
    group = grp.struct_group(("lp", "x", os.getegid(), []))
    monkeypatch.setattr(grp, "getgrgid", lambda _: group)
    assert "sudo usermod -aG lp clerk" in ask(denied).remedy.en


def test_a_node_that_vanished(tmp_path: Path) -> None:
    assert "unplug the scanner" in ask(tmp_path / "gone").remedy.en


def test_a_machine_without_udev_has_no_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError("no libudev")

    monkeypatch.setattr(pyudev, "Context", missing)
    assert list(usb_scanners()) == []
