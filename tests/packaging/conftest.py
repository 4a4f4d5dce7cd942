"""The package as script/package makes it, and a fresh machine for it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.machine import CACHE, REPOSITORY, CannotBoot, Machine, base, booted, own_suite
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
    return base(own_suite())


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
    yield from boot(tarball, tmp_path_factory.mktemp("machine"))


def boot(tarball: Path, folder: Path) -> Iterator[Machine]:
    """A machine that runs until the fixture ends, or a skip with the reason."""
    running = booted(tarball, folder)
    try:
        made = running.__enter__()
    except CannotBoot as exc:
        pytest.skip(f"no machine can be booted in namespaces here: {exc}")
    yield made
    running.__exit__(None, None, None)


@pytest.fixture(scope="session")
def port() -> int:
    """Where the installed service listens: its network is this machine's."""
    return free_port()


@pytest.fixture(scope="session")
def installed(machine: Machine, package: Path, port: int) -> Machine:
    """The machine with the package, SANE's own test scanner, and a clerk's account; nobody serves yet."""
    install(machine, package, BESIDE)
    configure(machine, port)
    machine.run("useradd", "--create-home", "clerk")
    return machine


def install(machine: Machine, package: Path, beside: tuple[str, ...], kept: str = "archives") -> None:
    """Install a package, and what else is named, of Debian's; or a skip with the reason."""
    shutil.copy(package, machine.root / "tmp" / package.name)
    install_debians(machine, (f"/tmp/{package.name}", *beside), kept)


def install_debians(machine: Machine, names: tuple[str, ...], kept: str) -> None:
    """Install packages, with what the folder `kept` has of Debian's, or a skip with the reason."""
    archives = machine.root / "var/cache/apt/archives"
    cached = CACHE / kept
    cached.mkdir(exist_ok=True)
    for deb in cached.glob("*.deb"):
        shutil.copy(deb, archives)
    if "Err:" in (said := machine.run("apt-get", "update", check=False, timeout=400)):
        pytest.skip(f"Debian's packages cannot be reached: {said[-300:]}")
    command = ("apt-get", "--quiet", "--yes", "--no-install-recommends", "install")
    machine.run(*command, *names, timeout=900)
    for deb in archives.glob("*.deb"):
        if not (cached / deb.name).exists():
            shutil.copy(deb, cached)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages that have a Python of their own, whose compiling takes minutes, once.

    The folder that ``GAOPAI_PACKAGES`` names, with packages that are to be released, or those made now, by
    the first of the processes that run the tests.
    """
    if given := os.environ.get("GAOPAI_PACKAGES"):
        return Path(given)
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    output = folder / "portable"
    with (folder / "portable.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not output.exists():
            _make_portable(folder / "portable.part").rename(output)
    return output


def _make_portable(output: Path) -> Path:
    """Make the packages in a folder, or a skip with the reason."""
    made = subprocess.run(
        [REPOSITORY / "script/package", "--portable", "--quick", "--output", output],
        capture_output=True, text=True, timeout=2400, check=False,
    )  # fmt: skip
    unreachable = ("cannot be fetched", "Failed to fetch", "error sending request")
    if any(words in made.stderr for words in unreachable):
        pytest.skip(f"what it is made of cannot be fetched: {made.stderr[-300:]}")
    assert made.returncode == 0, made.stderr[-3000:]
    return output


def configure(machine: Machine, port: int) -> None:
    """Give the installed service a demo camera and SANE's own test scanner."""
    machine.write("/etc/gaopai/gaopai.toml", CONFIG.format(port=port))
    machine.write("/etc/sane.d/dll.conf", "test\n")
