"""A disk of a few blocks, which can be full or read-only as the kernel itself says it."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Mount = Callable[[str], Path]
BLOCK = 4096


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Mount]:
    """Mount a small file system in memory with the given options; undone at the end."""
    with contextlib.ExitStack() as mounts:

        def mount(options: str) -> Path:
            folder = tmp_path / "mounted"
            folder.mkdir(exist_ok=True)
            command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
            if subprocess.run(command, capture_output=True, check=False).returncode:
                pytest.skip("mounting needs root")
            mounts.callback(subprocess.run, ["umount", "-l", str(folder)], check=True)
            return folder

        yield mount


@contextlib.contextmanager
def filled(disk: Path, free: int) -> Iterator[None]:
    """Fill a disk until so many blocks are free; emptied at the end.

    Raises
    ------
    OSError
        There are fewer.
    """
    filler = disk / ".filler"
    with filler.open("wb") as file:
        left = os.statvfs(disk)
        file.write(bytes((left.f_bavail * left.f_frsize // BLOCK - free) * BLOCK))
    yield
    filler.unlink()


@contextlib.contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Let nobody write to a disk; undone at the end."""
    _remount(disk, "ro")
    yield
    _remount(disk, "rw")


def _remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)
