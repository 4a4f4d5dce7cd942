"""S13: what is saved is whole, private, within the quota, and replaces nothing."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import msgspec
import pytest

from server.config import Config
from server.errors import BadName, BadSuffix, FileExists, PathOutside, StorageFull
from server.storage import place
from server.storage.place import open_by_kernel, open_by_steps
from server.storage.root import Overwrite, Storage
from tests.functional.conftest import Running
from tests.functional.page import connect
from tests.security.hostile_paths import everything, hostile, lay_traps, renamed


@pytest.fixture
def config(config: Config) -> Config:
    storage = msgspec.structs.replace(config.storage, overwrite="never")
    return msgspec.structs.replace(config, storage=storage)


async def test_a_capture_is_private_and_replaces_nothing(service: Running) -> None:
    async with connect(service.url) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await page.must("CameraCapture", devNum=0, imagePath="case/1/a.jpg")
        saved = service.root / "case/1/a.jpg"
        first = saved.read_bytes()
        again = await page.ask("CameraCapture", devNum=0, imagePath="case/1/a.jpg")
    assert again["result"] == FileExists.code
    assert saved.read_bytes() == first
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    for folder in (service.root, service.root / "case", service.root / "case/1"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in saved.parent.iterdir()] == ["a.jpg"]


def test_the_quota_holds(tmp_path: Path) -> None:
    storage = Storage(tmp_path, quota_bytes=1000)
    storage.save("a.jpg", bytes(700))
    with pytest.raises(StorageFull):
        storage.save("b.jpg", bytes(301))
    with pytest.raises(StorageFull):
        storage.save_series("c.jpg", [bytes(200), bytes(200)])
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]
    (tmp_path / "a.jpg").unlink()
    storage.save("b.jpg", bytes(1000))


@pytest.mark.parametrize("step", ["write", "fsync", "rename"])
def test_a_disk_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    storage = Storage(tmp_path)

    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if step == "rename":
        monkeypatch.setattr("server.storage.atomic.rename_noreplace", fails)
    else:
        monkeypatch.setattr(os, step, fails)
    with pytest.raises(StorageFull):
        storage.save("a.jpg", b"\xff\xd8\xff")
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("opener", [open_by_kernel, open_by_steps])
@pytest.mark.parametrize("overwrite", ["own", "never", "always"])
def test_hostile_paths_are_written_by_neither_way(
    tmp_path: Path, opener: place.Opener, overwrite: Overwrite
) -> None:
    outside = tmp_path / "outside"
    root = tmp_path / "root"
    outside.mkdir()
    (outside / "secret.jpg").write_bytes(b"secret")
    storage = Storage(root, overwrite, opener=opener)
    lay_traps(root, outside)
    replaced = {"symbolic link", "hard link", "device below", "pipe below", "process, below"}
    replaced |= {"absolute, symbolic link", "absolute, hard link"}
    for what, path in hostile(root, outside).items():
        try:
            storage.save(path, b"new")
        except (PathOutside, BadName, BadSuffix, FileExists):
            assert not (overwrite == "always" and what in replaced)
        else:
            # The name itself is replaced where that is allowed, never what it led to.
            assert overwrite == "always"
            assert what in replaced
    for what, (path, below) in renamed(root, outside).items():
        storage.save(path.replace("secret", what), b"new")
        assert (root / below.replace("secret", what)).read_bytes() == b"new"
    assert everything(outside) == {str(outside / "secret.jpg"): b"secret"}
