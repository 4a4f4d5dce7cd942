"""A root with a neighbour that nobody may reach, opened in both ways the sandbox knows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.storage.place import Opener, best_opener, held, open_by_kernel, open_by_steps
from server.storage.root import Storage
from tests.faults.disk import tmpfs

__all__ = ["tmpfs"]


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
