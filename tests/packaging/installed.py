"""An installed package on a machine: its processes, its next version, and what is left of it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.packaging.machine import Machine


def pids(machine: Machine, python: str = "/usr/lib/gaopai/bin/python3") -> list[str]:
    """The processes of the package that run."""
    found = machine.run("grep", "-lsa", f"^{python}", *glob_cmdlines(machine), check=False)
    return re.findall(r"/proc/(\d+)/", found)


def glob_cmdlines(machine: Machine) -> list[str]:
    return [f"/proc/{path.name}/cmdline" for path in (machine.root / "proc").glob("[0-9]*")]


def send(signal: str, pid: str, machine: Machine) -> None:
    """A minimal Debian has no command kill beside that of its shell."""
    machine.run("sh", "-c", f"kill -s {signal} {pid}")


def status(machine: Machine, pid: str) -> dict[str, str]:
    """``/proc/PID/status``."""
    lines = machine.run("cat", f"/proc/{pid}/status").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def is_heard(port: int) -> bool:
    """True if anybody listens on the port; the network is this machine's."""
    table = Path("/proc/net/tcp").read_text().splitlines()
    return any(f":{port:04X} 00000000:0000 0A" in line for line in table)


@contextmanager
def logged_in(machine: Machine) -> Iterator[int]:
    """The number of the clerk's account, with a session of it and so a service; both end with the block."""
    account = machine.run("id", "-u", "clerk").strip()
    machine.run("loginctl", "enable-linger", "clerk")
    try:
        yield int(account)
    finally:
        machine.run("loginctl", "disable-linger", "clerk")
        machine.run("systemctl", "stop", f"user@{account}.service")


def newer(package: Path, folder: Path) -> Path:
    """The same package as the next version of it."""
    tree = folder / "tree"
    made = folder / "newer.deb"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^(Version: .*)$", r"\1.1", control.read_text(), flags=re.M))
    pack = ("dpkg-deb", "--root-owner-group", "-Znone", "--build")
    subprocess.run([*pack, tree, made], check=True, stdout=subprocess.DEVNULL)
    return made


def traces(machine: Machine) -> list[str]:
    """Files that bear the package's name, but for what dpkg and systemd remember of it."""
    places = ("/etc", "/usr", "/var/lib", "/run", "/opt")
    named = machine.run("find", *places, "-xdev", "-name", "*gaopai*", "-print").splitlines()
    return [path for path in named if not path.startswith(("/var/lib/dpkg", "/run/systemd"))]
