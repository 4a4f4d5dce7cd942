"""A root with a neighbour that nobody may reach, opened in both ways the sandbox knows."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.storage.beneath import Opener, best_opener, held, open_by_kernel, open_by_steps
from server.storage.root import Storage


@pytest.fixture(params=[open_by_kernel, open_by_steps], ids=["openat2", "walk"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    with held(os.open(tmp_path, os.O_PATH)) as top:
        if request.param is open_by_kernel and best_opener(top) is not open_by_kernel:
            pytest.skip("this kernel has no openat2")
    return request.param


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the root with one secret in it."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.jpg").write_bytes(b"secret")
    return folder


@pytest.fixture
def storage(tmp_path: Path, opener: Opener) -> Storage:
    return Storage(tmp_path / "root", opener=opener)


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
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
