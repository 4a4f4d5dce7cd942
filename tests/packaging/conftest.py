"""The package as script/package makes it, and a fresh machine for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.machine import CACHE, REPOSITORY, CannotBoot, Machine, base, booted
from tests.service import free_port

BESIDE = ("libsane1", "ca-certificates", "libnss3-tools")
"""Of what the package recommends: what the tests use."""
CONFIG = """
[server]
port = {port}
[[cameras]]
adapter = "demo"
[[scanners]]
adapter = "sane"
device = "test:0"
"""


@pytest.fixture(scope="session")
def tarball() -> Path:
    """The Debian to install on; first of all, so that who may not boot one builds no package either."""
    return base()


@pytest.fixture(scope="session")
def package(tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package for the Python that runs the tests: what is compiled for them is in it."""
    for tool in ("dpkg-deb", "strip", "objdump"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    command = [REPOSITORY / "script/package", "--quick", "--python", sys.executable]
    made = subprocess.run(
        [*command, "--output", tmp_path_factory.mktemp("dist")],
        capture_output=True, text=True, timeout=1200, check=False,
    )  # fmt: skip
    if "Failed to fetch" in made.stderr or "error sending request" in made.stderr:
        pytest.skip("the package index cannot be reached")
    assert made.returncode == 0, made.stderr[-3000:]
    return Path(made.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="session")
def machine(tarball: Path, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A fresh machine; the package is built first, for a machine takes memory while it waits."""
    boot = booted(tarball, tmp_path_factory.mktemp("machine"))
    try:
        made = boot.__enter__()
    except CannotBoot as exc:
        pytest.skip(f"no machine can be booted in namespaces here: {exc}")
    yield made
    boot.__exit__(None, None, None)


@pytest.fixture(scope="session")
def port() -> int:
    """Where the installed service listens: its network is this machine's."""
    return free_port()


@pytest.fixture(scope="session")
def installed(machine: Machine, package: Path, port: int) -> Machine:
    """The machine with the package, SANE's own test scanner, and a clerk's account; nobody serves yet."""
    archives = machine.root / "var/cache/apt/archives"
    kept = CACHE / "archives"
    kept.mkdir(exist_ok=True)
    for deb in kept.glob("*.deb"):
        shutil.copy(deb, archives)
    shutil.copy(package, machine.root / "tmp" / package.name)
    if "Err:" in (said := machine.run("apt-get", "update", check=False, timeout=400)):
        pytest.skip(f"Debian's packages cannot be reached: {said[-300:]}")
    install = ("apt-get", "--quiet", "--yes", "--no-install-recommends", "install")
    machine.run(*install, f"/tmp/{package.name}", *BESIDE, timeout=900)
    for deb in archives.glob("*.deb"):
        if not (kept / deb.name).exists():
            shutil.copy(deb, kept)
    machine.write("/etc/gaopai/gaopai.toml", CONFIG.format(port=port))
    machine.write("/etc/sane.d/dll.conf", "test\n")
    machine.run("useradd", "--create-home", "clerk")
    return machine
