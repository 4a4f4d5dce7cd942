"""A Debian for ARM whose programs an emulated processor runs, in namespaces of its own."""

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
HOLDS = "base-files,coreutils,dash,libc-bin,libstdc++6,zlib1g"
"""As little as the package asks of a system; libc-bin has the locale C.UTF-8 of Debian 11."""
LONG = 6 * PATIENCE
"""Seconds for what an emulated processor does on a busy machine."""
UNSHARE = ("unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child")


@dataclass(frozen=True, slots=True)
class Emulated:
    """The files of a Debian, and a folder that its programs see as ``/srv``."""

    root: Path
    shared: Path
    emulator: str

    def command(self, *command: str) -> tuple[str | Path, ...]:
        """The command line that runs a command there."""
        return (*UNSHARE, EMULATE, self.root, self.shared, self.emulator, *command)

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


def emulated(suite: str, root: Path, shared: Path) -> Emulated:
    """A Debian, unpacked into `root`; or a skip with the reason."""
    emulator = shutil.which("qemu-aarch64-static")
    if emulator is None:
        pytest.skip("qemu-aarch64-static is not installed (qemu-user-static)")
    subprocess.run(["tar", "-xf", _files(suite), "-C", root, "--exclude=./dev/*"], check=True)
    machine = Emulated(root, shared, emulator)
    done = subprocess.run(
        machine.command("uname", "-m"), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.stdout.strip() != "aarch64":
        pytest.skip(f"no emulator can be registered in namespaces here: {done.stderr.strip()[-300:]}")
    return machine


def _files(suite: str) -> Path:
    """The tarball of a Debian for ARM; downloaded once, or a skip with the reason."""
    if shutil.which("mmdebstrap") is None:
        pytest.skip("mmdebstrap is not installed")
    CACHE.mkdir(parents=True, exist_ok=True)
    tarball, part = CACHE / f"{suite}-arm64.tar", CACHE / f"{suite}-arm64.part.tar"
    if not tarball.exists():
        # Unpacked only: nothing of it has to run for that.
        what = ("--variant=extract", "--architectures=arm64", f"--include={HOLDS}")
        command = ["mmdebstrap", "--quiet", *what, suite, part, MIRROR]
        made = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        if made.returncode != 0:
            pytest.skip(f"Debian cannot be downloaded: {made.stderr.strip().splitlines()[-1:]}")
        part.rename(tarball)
    return tarball
