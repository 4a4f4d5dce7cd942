from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.errors import BadName, FileExists, PathOutside, StorageFailed, StorageFull
from server.storage import atomic, root
from server.storage.atomic import write_private
from server.storage.place import Opener
from server.storage.root import Storage
from tests.patience import PATIENCE


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_only_the_owner_sees_what_is_saved(storage: Storage) -> None:
    path = storage.save("sub/a.jpg", b"x")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (storage.root, path.parent, path)]
    assert modes == [0o700, 0o700, 0o600]


OTHER = "https://other.example"


def test_what_others_made_is_not_overwritten_unless_configured(storage: Storage, opener: Opener) -> None:
    storage.of(OTHER).save("a.jpg", b"first")
    with pytest.raises(FileExists, match=r"a\.jpg"):
        storage.save("a.jpg", b"second")
    assert files(storage.root) == {"a.jpg": b"first"}
    Storage(storage.root, overwrite="always", opener=opener).save("a.jpg", b"third")
    assert files(storage.root) == {"a.jpg": b"third"}


def test_check_foresees_what_save_would_meet(storage: Storage, opener: Opener) -> None:
    storage.of(OTHER).save("sub/a.jpg", b"x")
    (storage.root / "link.jpg").symlink_to("nowhere")
    (storage.root / "folder").symlink_to("sub")
    for name, error in {
        "sub/a.jpg": FileExists,
        "link.jpg": FileExists,
        "folder/a.jpg": PathOutside,
        "sub/a.jpg/b.jpg": BadName,
    }.items():
        for attempt in (storage.check, lambda name: storage.save(name, b"y")):
            with pytest.raises(error):
                attempt(name)
    storage.check("sub/b.jpg")
    storage.check("none/b.jpg")
    Storage(storage.root, overwrite="always", opener=opener).check("sub/a.jpg")
    storage.root.rename(storage.root.with_name("moved"))
    storage.check("a.jpg")
    assert not storage.root.exists()


def test_a_series_is_numbered_as_the_standard_says(storage: Storage) -> None:
    paths = storage.save_series("sub/capture.jpg", [b"a", b"b", b"c"])
    assert [path.name for path in paths] == ["capture.jpg", "capture1.jpg", "capture2.jpg"]
    assert files(storage.root) == {
        "sub/capture.jpg": b"a",
        "sub/capture1.jpg": b"b",
        "sub/capture2.jpg": b"c",
    }
    assert storage.save_series("none.jpg", []) == []


def test_a_series_is_saved_whole_or_not_at_all(storage: Storage) -> None:
    storage.of(OTHER).save("capture2.jpg", b"old")
    with pytest.raises(FileExists):
        storage.save_series("capture.jpg", [b"a", b"b", b"c"])
    assert files(storage.root) == {"capture2.jpg": b"old"}


def test_one_of_parallel_saves_wins(storage: Storage) -> None:
    def attempt(index: int) -> bytes | None:
        try:
            storage.of(f"https://{index}.example").save("new/a.jpg", content := b"%d" % index * 50_000)
        except FileExists:
            return None
        return content

    with ThreadPoolExecutor(16) as pool:
        winners = [content for content in pool.map(attempt, range(32)) if content is not None]
    assert files(storage.root) == {"new/a.jpg": winners[0]}
    assert len(winners) == 1


def test_a_file_system_without_noreplace_gets_the_same(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(atomic, "rename_noreplace", missing)
    storage.save_series("a.jpg", [b"a", b"b"])
    with pytest.raises(FileExists):
        storage.of(OTHER).save("a1.jpg", b"c")
    assert files(storage.root) == {"a.jpg": b"a", "a1.jpg": b"b"}
    assert storage.read("a.jpg", 9) == b"a"


def test_a_full_disk_leaves_nothing(tmpfs: Callable[[str], Path], opener: Opener) -> None:
    storage = Storage(tmpfs("size=256k"), opener=opener)
    storage.save("small.jpg", bytes(1000))
    for attempt in (
        lambda: storage.save("big.jpg", bytes(300_000)),
        lambda: storage.save_series("capture.jpg", [bytes(100_000)] * 3),
    ):
        with pytest.raises(StorageFull):
            attempt()
        assert list(files(storage.root)) == ["small.jpg"]


def test_a_read_only_disk_says_so(tmpfs: Callable[[str], Path], opener: Opener) -> None:
    root = tmpfs("size=256k")
    storage = Storage(root, opener=opener)
    subprocess.run(["mount", "-o", "remount,ro", str(root)], check=True)
    for name in ("a.jpg", "sub/a.jpg"):
        with pytest.raises(StorageFailed, match="Read-only"):
            storage.save(name, b"x")


@pytest.mark.parametrize(
    ("number", "error"), [(5, StorageFailed), (13, StorageFailed), (28, StorageFull), (122, StorageFull)]
)
@pytest.mark.parametrize("call", ["write", "fsync", "mkdir"])
def test_a_failing_disk_leaves_nothing(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, call: str, number: int, error: type[Exception]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(storage.root))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(error) as caught:
            storage.save("sub/a.jpg", b"x")
    assert str(storage.root) not in str(caught.value)
    assert files(storage.root) == {}


def test_a_folder_that_cannot_be_synced_gives_the_series_back(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def fail_on_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(5, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fail_on_folders)
    with pytest.raises(StorageFailed):
        storage.save_series("a.jpg", [b"a", b"b"])
    assert files(storage.root) == {}


@pytest.mark.parametrize("broken", [False, True])
def test_a_private_file_is_on_the_disk_and_so_is_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    """Else a power failure would undo a revocation; that a folder cannot be synced undoes nothing."""
    steps: list[str] = []
    real = os.fsync
    replace = Path.replace

    def sync(descriptor: int) -> None:
        steps.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        if broken and steps[-1] == "folder":
            raise OSError(5, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", lambda *paths: (steps.append("name"), replace(*paths))[1])
    write_private(tmp_path / "grants.json", b"{}")
    assert steps == ["file", "name", "folder"]
    assert (tmp_path / "grants.json").read_bytes() == b"{}"


def test_a_root_that_was_deleted_to_make_room_is_made_again(storage: Storage) -> None:
    storage.save("sub/a.jpg", b"x")
    shutil.rmtree(storage.root)
    storage.check("sub/a.jpg")
    assert storage.save("sub/a.jpg", b"y").read_bytes() == b"y"
    assert stat.S_IMODE(storage.root.stat().st_mode) == 0o700


def test_a_disk_that_is_gone_is_an_error_answer(tmp_path: Path, opener: Opener) -> None:
    storage = Storage(tmp_path / "disk" / "root", opener=opener)
    shutil.rmtree(tmp_path / "disk")
    for attempt in (storage.check, lambda name: storage.save(name, b"y")):
        with pytest.raises(StorageFailed):
            attempt("a.jpg")
    assert list(tmp_path.iterdir()) == []


REPOSITORY = Path(__file__).parents[3]
KILLED = """
import os, pathlib, signal, sys
from server.storage.root import Storage
storage, left = Storage(pathlib.Path(sys.argv[1])), int(sys.argv[2])

def deadly(call):
    def wrapper(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            if call is real_write:
                call(args[0], args[1][:5])
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)
    return wrapper

real_write = os.write
for name in ("open", "write", "fsync", "close", "unlink", "mkdir"):
    setattr(os, name, deadly(getattr(os, name)))
storage.save_series("sub/a.jpg", [b"0123456789", b"abcdefghij"])
"""


@pytest.mark.long
def test_a_killed_process_leaves_no_half_file(tmp_path: Path) -> None:
    whole = {"sub/a.jpg": b"0123456789", "sub/a1.jpg": b"abcdefghij"}
    interrupted = 0
    for calls in range(0, 40, 2):
        root = tmp_path / str(calls)
        child = subprocess.run(
            [sys.executable, "-c", KILLED, str(root), str(calls)],
            cwd=REPOSITORY,
            check=False,
            timeout=PATIENCE,
        )
        visible = {name: data for name, data in files(root).items() if not Path(name).name.startswith(".")}
        assert visible.items() <= whole.items()
        interrupted += len(files(root)) > len(visible)
        Storage(root)
        assert files(root) == visible
        if child.returncode == 0:
            break
    assert child.returncode == 0
    assert visible == whole
    assert interrupted


def test_only_abandoned_files_of_ours_are_swept(tmp_path: Path) -> None:
    ours = f".gaopai-{os.getpid()}-{'0' * 16}.part"
    old = f".gaopai-{os.getpid()}-{'1' * 16}.part"
    former = f".gaopai-{os.getpid()}-{'2' * 16}.part"
    kept = [ours, ".gaopai-1-zz.part", ".gaopai", "a.part", ".other-99-0000000000000000.part"]
    for name in (*kept, old, former):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (0, 0) if name != ours else None)
    # Of a process that had this one's number, as in a container that was started again.
    os.utime(tmp_path / former, (atomic._BEGUN - 1, atomic._BEGUN - 1))
    Storage(tmp_path)
    assert sorted(files(tmp_path)) == sorted(kept)


def test_the_quota_counts_what_is_there(tmp_path: Path, opener: Opener) -> None:
    (tmp_path / "old.jpg").write_bytes(bytes(50))
    storage = Storage(tmp_path, quota_bytes=100, opener=opener)
    storage.save("sub/new.jpg", bytes(50))
    with pytest.raises(StorageFull):
        storage.save("more.jpg", b"x")
    with pytest.raises(FileExists):
        storage.save("old.jpg", b"")
    (tmp_path / "old.jpg").unlink()
    storage.save_series("more.jpg", [bytes(25)] * 2)
    with pytest.raises(StorageFull):
        storage.save("last.jpg", b"x")


def test_a_growing_series_passes_over_names_that_are_taken(storage: Storage, opener: Opener) -> None:
    storage.of(OTHER).save("in/scan1.jpg", b"old")
    names = []
    number = 0
    for page in (b"1", b"2", b"3"):
        path, number = storage.save_next("in/scan.jpg", number, page)
        names.append((path.name, path.read_bytes()))
    # Number 2 is this very series' own, and is not replaced by its next page.
    assert names == [("scan.jpg", b"1"), ("scan2.jpg", b"2"), ("scan3.jpg", b"3")]
    assert number == 4
    assert files(storage.root)["in/scan1.jpg"] == b"old"
    replacing = Storage(storage.root, overwrite="always", opener=opener)
    assert replacing.save_next("in/scan.jpg", 1, b"newer") == (storage.root / "in/scan1.jpg", 2)


def test_a_growing_series_gives_up_in_the_end(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(root, "TAKEN_NAMES", 2)
    for name in ("scan.jpg", "scan1.jpg"):
        storage.of(OTHER).save(name, b"old")
    with pytest.raises(FileExists):
        storage.save_next("scan.jpg", 0, b"new")
