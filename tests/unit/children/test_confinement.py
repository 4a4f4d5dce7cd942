"""The filter of system calls gives, on every processor, the verdicts that its rules say."""

from __future__ import annotations

import errno
import os
import re
import socket
from pathlib import Path

import pytest

from server.children.confinement import Profile, enforcement, landlock, seccomp
from server.children.confinement import seccomp as system_calls
from server.children.confinement.seccomp import ARCHITECTURES, COMPUTING, MEDDLING

OWN = 4711
PARENT = 815
ALLOW = 0x7FFF0000
REFUSE = 0x50000 | errno.EPERM
UNKNOWN = 0x50000 | errno.ENOSYS
GENERIC = (Path("/usr/include/asm-generic/unistd.h"), r"#define __NR(?:3264)?_(\w+)\s+(\d+)")
HEADERS = {
    "x86_64": (Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), r"#define __NR_(\w+) (\d+)"),
    "aarch64": GENERIC,
    "loongarch64": GENERIC,
}
RENAMED = {"newfstatat": "fstatat"}
"""In the generic header, which gives the name of 32 bits where both have one number."""
COMPUTER = Profile()
DRIVER = Profile(writes=("/dev/bus/usb",), families=("AF_NETLINK",))
STARTER = Profile(families=("AF_INET", "AF_UNIX"), programs=True)


def verdict(profile: Profile, machine: str, name: str, *arguments: int, audit: int = 0) -> int:
    """Run a profile's filter on a call, as the kernel does."""
    architecture = ARCHITECTURES[machine]
    number = architecture.numbers[name] if name in architecture.numbers else int(name)
    data = {0: number, 4: audit or architecture.audit}
    data |= {16 + 8 * at: value & 0xFFFFFFFF for at, value in enumerate((*arguments, 0, 0, 0, 0, 0, 0)[:6])}
    steps = seccomp.assembled(profile, architecture, OWN, PARENT)
    at = 0
    accumulator = 0
    while True:
        step = steps[at]
        holds = {0x15: accumulator == step.constant, 0x25: accumulator > step.constant,
                 0x35: accumulator >= step.constant}.get(step.operation)  # fmt: skip
        if step.operation == 0x06:
            return step.constant
        if step.operation == 0x20:
            accumulator = data[step.constant]
        elif step.operation == 0x54:
            accumulator &= step.constant
        at += 1 + (0 if holds is None else step.if_true if holds else step.if_false)


machines = pytest.mark.parametrize("machine", ARCHITECTURES)


@machines
def test_numbers_are_those_of_the_kernel(machine: str) -> None:
    header, pattern = HEADERS[machine]
    if not header.exists():
        pytest.skip(f"{header} is not installed: apt install linux-libc-dev")
    stated = {name: int(number) for name, number in re.findall(pattern, header.read_text())}
    for name, number in ARCHITECTURES[machine].numbers.items():
        said = stated.get(name, stated.get(RENAMED.get(name, "")))
        # A header may be older than a call.
        assert said == number or (said is None and number > max(stated.values())), name


@machines
@pytest.mark.parametrize("profile", [Profile(), DRIVER, STARTER], ids=["computing", "driver", "starter"])
def test_what_meddles_is_refused_by_every_profile(machine: str, profile: Profile) -> None:
    for name in MEDDLING:
        if name in ARCHITECTURES[machine].numbers:
            assert verdict(profile, machine, name) == REFUSE, name


@machines
def test_what_computes_goes_on(machine: str) -> None:
    judged = {"open", "openat", "ioctl", "prctl", "kill", "tgkill", "clone", "clone3", "prlimit64"}
    for name in set(COMPUTING) & ARCHITECTURES[machine].numbers.keys() - judged:
        assert verdict(Profile(), machine, name) == ALLOW, name


@machines
def test_arguments_decide(machine: str) -> None:
    def judged(name: str, *arguments: int, profile: Profile = COMPUTER) -> bool:
        return verdict(profile, machine, name, *arguments) == ALLOW

    assert judged("openat", -100, 0, os.O_RDONLY | os.O_CLOEXEC)
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC):
        assert not judged("openat", -100, 0, flags)
    assert judged("kill", OWN)
    assert not judged("kill", PARENT)
    assert judged("kill", OWN + 1, profile=STARTER)
    assert not judged("kill", PARENT, profile=STARTER)
    assert not judged("kill", -1, profile=STARTER)
    assert judged("clone", 0x3D0F00)
    assert not judged("clone", 17)
    assert judged("clone", 17, profile=STARTER)
    assert not judged("clone", 0x10000000 | 17, profile=STARTER)
    assert judged("socket", socket.AF_NETLINK, profile=DRIVER)
    assert not judged("socket", socket.AF_INET, profile=DRIVER)
    assert judged("socket", socket.AF_INET, profile=STARTER)
    assert not judged("socket", socket.AF_NETLINK, profile=STARTER)
    assert judged("prlimit64", 0)
    assert not judged("prlimit64", PARENT, profile=STARTER)
    assert not judged("ioctl", 0, 0x5412, profile=STARTER)
    assert judged("ioctl", 0, 0xC0185500, profile=DRIVER)
    for profile in (DRIVER, STARTER):
        assert judged("execve", profile=profile) == profile.programs


@machines
def test_what_is_not_known_has_another_way(machine: str) -> None:
    assert verdict(Profile(), machine, "clone3") == UNKNOWN
    assert verdict(Profile(), machine, "999") == UNKNOWN
    assert verdict(Profile(), machine, "socket") == REFUSE


@machines
def test_another_interface_is_refused(machine: str) -> None:
    for profile in (Profile(), DRIVER, STARTER):
        assert verdict(profile, machine, "read", audit=0x40000003) == REFUSE
    if machine == "x86_64":
        assert verdict(STARTER, machine, str(0x40000000)) == REFUSE


@machines
def test_the_number_of_a_processor_is_that_of_its_programs(machine: str) -> None:
    """Those of ELF, with the marks of 64 bits and of little-endian words."""
    of_elf = {"x86_64": 62, "aarch64": 183, "loongarch64": 258}
    assert ARCHITECTURES[machine].audit == 0xC0000000 | of_elf[machine]


def test_an_unknown_processor_is_told_to_have_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_calls.platform, "machine", lambda: "riscv64")
    assert not seccomp.available()
    assert "seccomp" in enforcement.lacking()


@pytest.mark.parametrize(("number", "offered"), [(errno.ENOSYS, 0), (errno.EOPNOTSUPP, 0), (errno.EPERM, 0)])
def test_a_kernel_without_landlock(monkeypatch: pytest.MonkeyPatch, number: int, offered: int) -> None:
    def refused(*_: object) -> int:
        raise OSError(number, "")

    monkeypatch.setattr(landlock, "_call", refused)
    assert landlock.version() == offered


def test_another_failure_is_no_absence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise OSError(errno.EINVAL, "")

    monkeypatch.setattr(landlock, "_call", refused)
    with pytest.raises(OSError, match=str(errno.EINVAL)):
        landlock.version()
