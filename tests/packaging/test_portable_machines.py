"""The package with a Python of its own on old and new Debian, from installing it to removing it.

The tests of a machine build on each other, in this order.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.packaging.client import SCAN, SCAN_ENDS, ask, use
from tests.packaging.conftest import CONFIG, boot, configure, install
from tests.packaging.installed import is_heard, logged_in, newer, pids, traces
from tests.packaging.machine import Machine, base
from tests.patience import PATIENCE

pytestmark = [pytest.mark.package, pytest.mark.timeout(3000)]


DEBIANS = ("bullseye", "bookworm", "trixie") if os.environ.get("GAOPAI_PACKAGES") else ("bullseye", "trixie")
"""Packages that are to be released are tried on the one between, too, where others are tried by `rpm`."""


@pytest.fixture(scope="module", params=DEBIANS)
def old(
    request: pytest.FixtureRequest, packages: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """A Debian that was just installed, without a Python."""
    yield from boot(base(request.param), tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def suite(old: Machine) -> str:
    return old.run("sh", "-c", ". /etc/os-release; echo $VERSION_CODENAME").strip()


@asynccontextmanager
async def served(machine: Machine, *command: str) -> AsyncIterator[None]:
    """A command that the clerk runs until the block ends."""
    account = ("setpriv", "--reuid=clerk", "--regid=clerk", "--init-groups", "env", "HOME=/srv/clerk")
    inside = ("nsenter", f"--target={machine.init}", "--all", "--", *account)
    process = await asyncio.create_subprocess_exec(*inside, *command, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield
    finally:
        # nsenter waits for the one that it started, and hands no signal on.
        (started,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(started), signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            await process.wait()


def unpack(tarball: Path, folder: Path) -> None:
    subprocess.run(["tar", "--zstd", "-xf", tarball, "-C", folder], check=True)


async def test_the_folder_serves_where_it_lies(old: Machine, suite: str, packages: Path, port: int) -> None:
    assert "python" not in old.run("sh", "-c", "ls /usr/bin /usr/local/bin")
    old.run("useradd", "--create-home", "--home-dir", "/srv/clerk", "clerk")
    (tarball,) = packages.glob("*.tar.zst")
    await asyncio.to_thread(unpack, tarball, old.root / "srv/clerk")
    (command,) = (old.root / "srv/clerk").glob("*/bin/gaopai")
    inside = f"/{command.relative_to(old.root)}"
    async with served(old, inside, "serve", "--demo", "--port", str(port)):
        await use(port)
    assert not is_heard(port)
    old.run("rm", "-r", f"/srv/clerk/{command.parents[1].name}")


STORE = "/opt/apps/org.gaopai.gaopai/files/bin/"


async def test_what_the_stores_layout_has_no_scripts_for_is_done_with_consent(
    old: Machine, packages: Path, port: int
) -> None:
    (package,) = packages.glob("org.gaopai.gaopai_*.deb")
    shutil.copy(package, old.root / "tmp/store.deb")
    old.run("dpkg", "--install", "/tmp/store.deb")
    fix = (f"{STORE}gaopai", "doctor", "--fix", "--yes", "--language", "en")
    clerk = old.run("setpriv", "--reuid=clerk", "--regid=clerk", "--init-groups", *fix, check=False)
    assert "needs root; type: sudo install -D -m 644" in clerk
    assert ": done" not in clerk
    said = old.run(*fix)
    assert said.count(": done") >= 3
    assert "FAILED" not in said
    assert "ok      udev rules: /etc/udev/rules.d/69-gaopai.rules" in said
    old.write("/etc/gaopai/gaopai.toml", CONFIG.format(port=port))
    with logged_in(old):
        await use(port)
        assert pids(old, f"{STORE}python3")
    assert not is_heard(port)
    assert "there is nothing to do" in old.run(*fix)


async def test_what_was_done_for_it_is_undone_while_it_runs(old: Machine, port: int) -> None:
    with logged_in(old):
        await ask(port, {"func": "GetServiceInfo"})
        said = old.run(f"{STORE}gaopai", "doctor", "--undo", "--yes", "--language", "en")
        assert "FAILED" not in said
        assert not is_heard(port)
    # A configuration that somebody wrote stays.
    old.run("rm", "-r", "/etc/gaopai")
    old.run("dpkg", "--purge", "org.gaopai.gaopai")
    old.run("mkdir", "-p", "/opt")
    assert traces(old) == []


async def test_the_package_is_installed_and_serves(
    old: Machine, suite: str, packages: Path, port: int
) -> None:
    (package,) = packages.glob("gaopai_*.deb")
    install(old, package, ("libsane1",), f"archives-{suite}")
    configure(old, port)
    said = old.run("gaopai", "doctor", "--json", "--config", "/etc/gaopai/gaopai.toml", check=False)
    checks = {check["name"]: check for check in json.loads(said)["checks"]}
    assert [name for name, check in checks.items() if not check["ok"] and not check["optional"]] == []
    assert checks["kernels"]["reason"] == "compiled"
    fixed = old.run("gaopai", "doctor", "--fix", "--yes", "--language", "en", check=False)
    assert fixed.startswith("there is nothing to do")
    with logged_in(old):
        await use(port)
    assert not is_heard(port)


async def test_a_scanner_works_under_the_system_unit(old: Machine, port: int) -> None:
    old.run("systemctl", "start", "gaopai.service")
    scanners, page = await ask(port, *SCAN, until=SCAN_ENDS)
    assert "Noname frontend-tester" in scanners["scannerName"][0]
    assert page["result"] == 0


async def test_an_upgrade_starts_again_what_ran(
    old: Machine, packages: Path, port: int, tmp_path: Path
) -> None:
    (before, *_) = pids(old)
    (package,) = packages.glob("gaopai_*.deb")
    shutil.copy(newer(package, tmp_path), old.root / "tmp/newer.deb")
    old.run("apt-get", "--quiet", "--yes", "install", "/tmp/newer.deb", timeout=400)
    (answer,) = await ask(port, {"func": "GetServiceInfo"})
    assert answer["result"] == 0
    assert before not in pids(old)


def test_nothing_is_left_after_purging(old: Machine, port: int) -> None:
    assert is_heard(port)
    old.run("apt-get", "--quiet", "--yes", "purge", "gaopai", timeout=400)
    assert not is_heard(port)
    assert pids(old) == []
    assert traces(old) == []
    assert "gaopai" not in old.run("systemctl", "list-unit-files")
