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


@pytest.fixture
def ext4(tmp_path: Path) -> Iterator[Path]:
    """Mount a small file system on a file of its own; undone at the end."""
    image = tmp_path / "ext4.img"
    folder = tmp_path / "ext4"
    folder.mkdir()
    image.write_bytes(b"")
    os.truncate(image, 8 << 20)
    for command in (
        ["mkfs.ext4", "-q", "-m", "0", str(image)],
        ["mount", "-o", "loop", str(image), str(folder)],
    ):
        try:
            done = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            done = False
        if not done:
            pytest.skip(f"{command[0]} does not work here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


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
        blocks = left.f_bavail * left.f_frsize // BLOCK - free
        if free:
            file.write(bytes(blocks * BLOCK))
        # Some file systems have more than they say, or less.
        with contextlib.suppress(OSError):
            while not free:
                os.write(file.fileno(), bytes(1024))
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
