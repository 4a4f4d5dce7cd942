"""Checks on a terminal: in groups, with a word and a colour each, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from server.cli.doctor import scanners
from server.cli.doctor.check import Check
from server.errors import Language, LocalizedText

MACHINE = LocalizedText("本机", "This machine")
PROGRAM = LocalizedText("程序和库", "Programs and libraries")
SERVICE = LocalizedText("服务", "The service")
DEVICES = LocalizedText("设备", "Devices")
MODELS = LocalizedText("模型", "Models")
_NAMES = {
    SERVICE: (
        "configuration",
        "port",
        "localhost",
        "sharing",
        "users",
        "token",
        "certificate",
        "service",
        "background work",
        "event loop",
        "audit trail",
        "web pages",
    ),
    MACHINE: ("time", "storage", "open files", "desktop", "confinement"),
    DEVICES: ("udev rules", "cameras", "scanners", "buttons", "pcscd"),
    MODELS: ("face comparison", "face liveness", "text", "tesseract"),
}
GROUPS = {name: group for group, names in _NAMES.items() for name in names}
"""Group of each check by its name; libraries are in that of programs, nodes in that of devices."""
ORDER = (SERVICE, MACHINE, PROGRAM, DEVICES, MODELS)
COLOURS = {"ok": "32", "without": "33", "missing": "31"}
ESCAPE = "\x1b["


def group_of(check: Check) -> LocalizedText:
    """Return the group that a check stands in."""
    is_device = check.name.startswith(("/", scanners.PREFIX))
    return GROUPS.get(check.name, DEVICES if is_device else PROGRAM)


def show(checks: Sequence[Check], language: Language, coloured: bool) -> None:
    """Print all checks, and in the last line what they come to."""
    place = {group: number for number, group in enumerate(ORDER)}
    arranged = sorted(checks, key=lambda check: place[group_of(check)])
    for group, members in groupby(arranged, group_of):
        title = group.zh if language == "zh" else group.en
        print(f"{ESCAPE}1m{title}{ESCAPE}0m" if coloured else title)
        for check in members:
            print(_painted(check, language) if coloured else check.lines(language))
        print()
    print(closing(checks, language))


def closing(checks: Sequence[Check], language: Language) -> str:
    """Return what the checks come to, in one line."""
    missing = sum(not check.ok and not check.optional for check in checks)
    without = sum(not check.ok and check.optional for check in checks)
    text = LocalizedText("一切正常", "All is well")
    if missing:
        en = f"{missing} missing: the service will not work"
        text = LocalizedText(f"缺少 {missing} 项，服务不能正常工作", en)
    elif without:
        text = LocalizedText(f"可以使用；{without} 项未启用", f"It works, without {without} of its functions")
    return text.zh if language == "zh" else text.en


def _painted(check: Check, language: Language) -> str:
    """Return a check with its first word in colour."""
    state = "ok" if check.ok else "without" if check.optional else "missing"
    word, _, rest = check.lines(language).partition(" ")
    return f"{ESCAPE}{COLOURS[state]}m{word}{ESCAPE}0m {rest}"
