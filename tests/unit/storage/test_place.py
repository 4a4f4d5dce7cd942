from __future__ import annotations

import contextlib
import ctypes
import os
import threading
from pathlib import Path

import pytest

from server.errors import BadName, FileMissing, FileUnreadable, GaopaiError, PathOutside, PictureTooLarge
from server.storage import place
from server.storage.place import Opener
from server.storage.root import Overwrite, Storage
from tests.patience import PATIENCE


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_links_to_outside_lead_nowhere(storage: Storage, outside: Path) -> None:
    (storage.root / "folder").symlink_to(outside)
    (storage.root / "file.jpg").symlink_to(outside / "secret.jpg")
    (storage.root / "new.jpg").symlink_to(outside / "new.jpg")
    for name in ("folder/secret.jpg", "file.jpg", "new.jpg"):
        with pytest.raises(PathOutside):
            storage.read(name, 99)
    with pytest.raises(PathOutside):
        storage.save("folder/new.jpg", b"x")
    with pytest.raises(PathOutside):
        storage.save("folder/deeper/new.jpg", b"x")
    assert names(outside) == ["secret.jpg"]


def test_links_within_the_root_are_refused_too(storage: Storage) -> None:
    storage.save("real/a.jpg", b"x")
    (storage.root / "link").symlink_to("real")
    with pytest.raises(PathOutside):
        storage.read("link/a.jpg", 99)


@pytest.mark.parametrize("overwrite", ["own", "never", "always"])
def test_a_link_is_never_written_through(
    tmp_path: Path, outside: Path, opener: Opener, overwrite: Overwrite
) -> None:
    storage = Storage(tmp_path / "root", overwrite, opener=opener)
    (storage.root / "soft.jpg").symlink_to(outside / "secret.jpg")
    os.link(outside / "secret.jpg", storage.root / "hard.jpg")
    for name in ("soft.jpg", "hard.jpg"):
        try:
            assert not storage.save(name, b"x").is_symlink()
        except GaopaiError:
            assert overwrite != "always"
    assert (outside / "secret.jpg").read_bytes() == b"secret"


def test_a_hard_link_is_not_read(storage: Storage, outside: Path) -> None:
    os.link(outside / "secret.jpg", storage.root / "hard.jpg")
    with pytest.raises(PathOutside):
        storage.read("hard.jpg", 99)


def exchange(first: Path, second: Path) -> None:
    """Swap two names in one step (RENAME_EXCHANGE), so that each always exists."""
    paths = [(ctypes.c_int(-100), ctypes.c_char_p(bytes(path))) for path in (first, second)]
    place._call("renameat2", *paths[0], *paths[1], ctypes.c_uint(2))


def test_a_folder_swapped_for_a_link_catches_nobody(storage: Storage, outside: Path, tmp_path: Path) -> None:
    folder = storage.root / "sub"
    link = tmp_path / "link"
    storage.save("sub/secret.jpg", b"x")
    link.symlink_to(outside)
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            exchange(folder, link)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for index in range(150):
            with contextlib.suppress(GaopaiError):
                storage.save(f"sub/{index}.jpg", b"x")
            with contextlib.suppress(GaopaiError):
                assert storage.read("sub/secret.jpg", 9) == b"x"
    finally:
        done.set()
        thread.join(PATIENCE)
    assert names(outside) == ["secret.jpg"]


def test_only_ordinary_files_are_read(storage: Storage) -> None:
    (storage.root / "folder.jpg").mkdir()
    os.mkfifo(storage.root / "pipe.jpg")
    with pytest.raises(BadName, match="folder"):
        storage.read("folder.jpg", 9)
    with pytest.raises(FileUnreadable, match="ordinary"):
        storage.read("pipe.jpg", 9)
    with pytest.raises(FileMissing):
        storage.read("none.jpg", 9)
    with pytest.raises(FileMissing):
        storage.read("none/none.jpg", 9)
    with pytest.raises(BadName, match="not a folder"):
        storage.save("pipe.jpg/a.jpg", b"x")


def test_reading_is_bounded(storage: Storage) -> None:
    storage.save("a.jpg", b"12345")
    assert storage.read("a.jpg", 5) == b"12345"
    with pytest.raises(PictureTooLarge):
        storage.read("a.jpg", 4)


def test_no_descriptor_is_left_open(storage: Storage, outside: Path) -> None:
    (storage.root / "link").symlink_to(outside)
    (storage.root / "folder.jpg").mkdir()
    storage.save("sub/sub/a.jpg", b"x")
    before = names(Path("/proc/self/fd"))
    for name in ("link/a.jpg", "sub/sub/a.jpg", "folder.jpg", "sub/sub/a.jpg/a.jpg", "none/a.jpg"):
        with contextlib.suppress(GaopaiError):
            storage.read(name, 99)
        with contextlib.suppress(GaopaiError):
            storage.save(name, b"x")
    assert len(names(Path("/proc/self/fd"))) == len(before)
