"""A Debian for another processor, which is emulated: its programs run in namespaces of their own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.machine import CACHE
from tests.patience import PATIENCE

EMULATE = Path(__file__).with_name("emulate")
MIRROR = f"{os.environ.get('GAOPAI_DEBIAN', 'http://deb.debian.org')}/debian"
"""Without security updates, which the mirror has not for each processor of an old Debian."""
LONG = 18 * PATIENCE
"""Seconds for what an emulated processor does on a busy machine."""
UNSHARE = ("unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child")


@dataclass(frozen=True, slots=True)
class Processor:
    """A processor that is emulated.

    Attributes
    ----------
    name, debian
        As the kernel calls it, and as Debian does.
    number
        That of its programs (ELF), as two bytes for printf.
    package
        Pattern of the file that ``script/package --portable`` makes for it.
    suites
        Versions of Debian that it is tried on, the oldest first.
    holds
        As little of Debian as the package asks of a system.
    python, wheels
        The Python that the package brings, and options by which pip finds what that can install.
    """

    name: str
    debian: str
    number: str
    package: str
    suites: tuple[str, ...]
    holds: str
    python: str
    wheels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Emulated:
    """The files of a Debian, and a folder that its programs see as ``/srv``."""

    root: Path
    shared: Path
    emulator: str
    processor: Processor

    def command(self, *command: str) -> tuple[str | Path, ...]:
        """The command line that runs a command there."""
        return (*UNSHARE, EMULATE, self.root, self.shared, self.emulator, self.processor.number, *command)

    def run(self, *command: str, timeout: float = LONG, check: bool = True) -> str:
        """Run a command there, and return its output."""
        done = subprocess.run(
            self.command(*command), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=timeout, check=False,
        )  # fmt: skip
        assert done.returncode == 0 or not check, f"{command}: {done.stdout[-3000:]}{done.stderr[-1000:]}"
        return done.stdout

    @asynccontextmanager
    async def serving(self, *command: str) -> AsyncIterator[None]:
        """Run a command there until the block ends, which it has to survive."""
        process = await asyncio.create_subprocess_exec(*self.command(*command))
        try:
            yield
            assert process.returncode is None
        finally:
            # unshare waits for the one that it started, and hands no signal on.
            (started,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            os.kill(int(started), signal.SIGTERM)
            async with asyncio.timeout(PATIENCE):
                await process.wait()


def emulated(processor: Processor, suite: str, root: Path, shared: Path) -> Emulated:
    """A Debian, unpacked into `root`; or a skip with the reason."""
    names = (f"qemu-{processor.name}-static", f"qemu-{processor.name}")
    emulator = next(filter(None, map(shutil.which, names)), None)
    if emulator is None:
        pytest.skip(f"{names[1]} is not installed (qemu-user-static)")
    subprocess.run(["tar", "-xf", _files(processor, suite), "-C", root, "--exclude=./dev/*"], check=True)
    machine = Emulated(root, shared, emulator, processor)
    done = subprocess.run(
        machine.command("uname", "-m"), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.stdout.strip() != processor.name:
        pytest.skip(f"no emulator can be registered in namespaces here: {done.stderr.strip()[-300:]}")
    return machine


def _files(processor: Processor, suite: str) -> Path:
    """The tarball of a Debian for it; downloaded once, or a skip with the reason."""
    if shutil.which("mmdebstrap") is None:
        pytest.skip("mmdebstrap is not installed")
    CACHE.mkdir(parents=True, exist_ok=True)
    name = f"{suite}-{processor.debian}"
    tarball = CACHE / f"{name}.tar"
    part = CACHE / f"{name}.part.tar"
    if not tarball.exists():
        # Unpacked only: nothing of it has to run for that.
        what = ("--variant=extract", f"--architectures={processor.debian}", f"--include={processor.holds}")
        # A mirror may lag behind a suite that moves.
        lagging = '--aptopt=Acquire::Check-Valid-Until "false"'
        command = ["mmdebstrap", "--quiet", *what, lagging, suite, part, MIRROR]
        made = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        if made.returncode != 0:
            pytest.skip(f"Debian cannot be downloaded: {made.stderr.strip().splitlines()[-1:]}")
        part.rename(tarball)
    return tarball
