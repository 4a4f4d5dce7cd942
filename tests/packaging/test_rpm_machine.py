"""The .rpm, installed by rpm itself on a Debian that stands in for a distribution of its own.

No registry at hand has a whole distribution of rpm's. Here rpm has its own database, in which a package
made on the spot stands for the libraries that Debian's packages brought. The tests build on each other, in
this order.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.client import SCAN, SCAN_ENDS, ask, use
from tests.packaging.conftest import boot, configure, install_debians
from tests.packaging.installed import is_heard, logged_in, pids, traces
from tests.packaging.machine import Machine, base

pytestmark = [pytest.mark.package, pytest.mark.timeout(3000)]
SUITE = "bookworm"
RPM = ("rpm", "--force-debian")
"""Debian's rpm wants to be told that it is meant."""
STAND_IN = """
Name: debian
Version: 12
Release: 1
Summary: What Debian's own packages brought
License: none
BuildArch: noarch
Provides: glibc = {glibc}, libstdc++, zlib, util-linux, systemd, /bin/sh
%description
%files
"""


@pytest.fixture(scope="module")
def red(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A Debian with rpm, whose database knows what Debian's packages brought, and our package beside it."""
    folder = tmp_path_factory.mktemp("rpm")
    for machine in boot(base(SUITE), folder):
        install_debians(machine, ("rpm", "libsane1"), f"archives-{SUITE}-rpm")
        glibc = machine.run("sh", "-c", "ldd --version | sed -n '1s/.* //p'").strip()
        (folder / "debian.spec").write_text(STAND_IN.format(glibc=glibc))
        made = folder / "made"
        build = ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {made}", folder / "debian.spec"]
        subprocess.run(build, check=True, capture_output=True)
        (stand_in,) = made.rglob("*.rpm")
        (package,) = packages.glob("*.rpm")
        shutil.copy(stand_in, machine.root / "tmp/debian.rpm")
        shutil.copy(package, machine.root / "tmp/gaopai.rpm")
        machine.run("useradd", "--create-home", "clerk")
        yield machine


async def test_it_installs_with_what_it_requires_and_serves(red: Machine, port: int) -> None:
    refused = red.run(*RPM, "--install", "/tmp/gaopai.rpm", check=False)
    assert "glibc >= 2.28 is needed" in refused
    red.run(*RPM, "--install", "/tmp/debian.rpm")
    red.run(*RPM, "--install", "/tmp/gaopai.rpm", timeout=400)
    assert red.run(*RPM, "--verify", "gaopai") == ""
    assert "enabled" in red.run("systemctl", "--global", "is-enabled", "gaopai.service")
    configure(red, port)
    with logged_in(red):
        await use(port)
    assert not is_heard(port)


async def test_a_scanner_works_under_the_system_unit(red: Machine, port: int) -> None:
    red.run("systemctl", "start", "gaopai.service")
    scanners, page = await ask(port, *SCAN, until=SCAN_ENDS)
    assert "Noname frontend-tester" in scanners["scannerName"][0]
    assert page["result"] == 0


async def test_what_ran_starts_again_when_it_is_installed_anew(red: Machine, port: int) -> None:
    (before, *_) = pids(red)
    red.run(*RPM, "--upgrade", "--replacepkgs", "/tmp/gaopai.rpm", timeout=400)
    (answer,) = await ask(port, {"func": "GetServiceInfo"})
    assert answer["result"] == 0
    assert before not in pids(red)


def test_nothing_is_left_after_erasing(red: Machine, port: int) -> None:
    assert is_heard(port)
    red.run(*RPM, "--erase", "gaopai", timeout=400)
    assert not is_heard(port)
    assert pids(red) == []
    assert traces(red) == []
    assert "gaopai" not in red.run("systemctl", "list-unit-files")
