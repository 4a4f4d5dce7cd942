"""A Debian that was just installed, booted in namespaces here with systemd as its first process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
CACHE = REPOSITORY / ".cache/machine"
BOOT = Path(__file__).with_name("boot")
SUITES = {(3, 11): "bookworm", (3, 13): "trixie"}
"""The Debian whose Python is the one that the tests, and so the package, run under."""
BASE = "systemd-sysv,libpam-systemd,dbus"
NAMESPACES = ("--mount", "--pid", "--cgroup", "--uts", "--ipc")


class CannotBoot(Exception):
    """Namespaces, control groups or systemd do not work here; the text says which."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine, while it runs."""

    init: int
    """Its first process, as numbered here."""

    def run(self, *command: str | Path, timeout: float = 200, check: bool = True) -> str:
        """Run a command there as root, and return its output."""
        inside = ["nsenter", "--target", str(self.init), *NAMESPACES, "--", "/usr/bin/env", "-i"]
        environ = ("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "DEBIAN_FRONTEND=noninteractive")
        done = subprocess.run(
            [*inside, *environ, *map(str, command)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False,
        )  # fmt: skip
        assert done.returncode == 0 or not check, f"{command}: {done.stdout[-3000:]}"
        return done.stdout

    def write(self, path: str, text: str) -> None:
        """Put a file there."""
        (self.root / path.lstrip("/")).write_text(text, encoding="utf-8")

    @property
    def root(self) -> Path:
        """Its files, as seen from here."""
        return Path(f"/proc/{self.init}/root")


def own_suite() -> str:
    """The Debian whose Python runs the tests, or a skip with the reason."""
    suite = SUITES.get(sys.version_info[:2])
    if suite is None:
        pytest.skip(f"no Debian has Python {sys.version_info[0]}.{sys.version_info[1]}")
    return suite


def base(suite: str) -> Path:
    """The tarball of a minimal Debian; downloaded once, or a skip with the reason."""
    if os.geteuid() != 0:
        pytest.skip("only root may install a Debian in namespaces")
    for tool in ("mmdebstrap", "unshare", "nsenter", "dpkg-deb"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    CACHE.mkdir(parents=True, exist_ok=True)
    tarball = CACHE / f"{suite}.tar"
    part = CACHE / f"{suite}.part.tar"
    if not tarball.exists():
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={BASE}", suite, part]
        made = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        if made.returncode != 0:
            pytest.skip(f"Debian cannot be downloaded: {made.stderr.strip().splitlines()[-1:]}")
        part.rename(tarball)
    return tarball


@contextmanager
def booted(tarball: Path, folder: Path) -> Iterator[Machine]:
    """Boot a machine; it ends, with all that runs there, when the block does.

    Raises
    ------
    CannotBoot
    """
    # It ends with the tests, also where these are killed.
    unshare = ("setpriv", "--pdeathsig=KILL", "unshare", *NAMESPACES, "--fork", "--kill-child")
    root = folder / "root"
    root.mkdir()
    with (folder / "boot.log").open("wb") as log:
        outer = subprocess.Popen(
            [*unshare, BOOT, root, tarball], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield Machine(_init_of(outer, folder / "boot.log"))
    finally:
        outer.kill()
        outer.wait(30)


def _init_of(outer: subprocess.Popen[bytes], log: Path) -> int:
    """The first process once it is systemd and has started everything."""
    for _ in range(600):
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        if children and Path(f"/proc/{children[0]}/comm").read_text().strip() == "systemd":
            state = Machine(int(children[0])).run("systemctl", "is-system-running", "--wait", check=False)
            if state.strip().splitlines()[-1:] in (["running"], ["degraded"]):
                return int(children[0])
        try:
            outer.wait(0.1)
            break
        except subprocess.TimeoutExpired:
            continue
    raise CannotBoot(log.read_text(errors="replace").strip()[-500:])
