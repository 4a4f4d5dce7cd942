"""Files remember the origin that made them, on file systems that keep attributes and on those that do not."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.errors import FileExists, FileMissing, FileOfAnotherOrigin, StorageFull
from server.storage import atomic
from server.storage.ownership import ATTRIBUTE, RECORDS
from server.storage.root import Overwrite, Storage

ONE = "https://one.example"
OTHER = "https://other.example"


@pytest.fixture(params=["attributes", "records", "ramfs"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A root on a file system that keeps attributes, on one that is said not to, on one that does not."""
    folder = tmp_path / "root"
    folder.mkdir()
    if request.param == "records":
        monkeypatch.setattr(os, "setxattr", _unsupported)
        monkeypatch.setattr(os, "getxattr", _unsupported)
    if request.param != "ramfs":
        yield folder
        return
    if subprocess.run(["mount", "-t", "ramfs", "ramfs", str(folder)], check=False).returncode:
        pytest.skip("mounting needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def storage(root: Path) -> Storage:
    return Storage(root)


def records(root: Path) -> list[Path]:
    """The records that are no attributes."""
    return sorted(root.joinpath(*RECORDS).glob("*"))


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("case/Contract.PDF", "case/contract.pdf"),
        ("case/contrat.pdf", "case/contract.pdf"),
        ("cases/contract.pdf", "case/contract.pdf"),
        ("case/contract8.pdf", None),
        ("case/page8.jpg", None),
        ("theirs/secrets.pdf", None),
        ("laid/form.pdf", None),
        ("case/none/contract.pdf", None),
    ],
)
def test_a_file_that_is_missing_names_the_own_one_that_was_meant(
    storage: Storage, asked: str, meant: str | None
) -> None:
    storage.of(ONE).save("case/contract.pdf", b"one")
    storage.of(ONE).save("case/page7.jpg", b"one")
    storage.of(OTHER).save("theirs/secret.pdf", b"other")
    (storage.root / "laid").mkdir()
    (storage.root / "laid/forms.pdf").write_bytes(b"nobody")
    with pytest.raises(FileMissing) as missing:
        storage.of(ONE).read(asked, 9)
    assert missing.value.values["nearest"] == meant
    assert (f"Did you mean {meant}?" in str(missing.value)) is (meant is not None)


def test_only_its_origin_reads_a_file(storage: Storage) -> None:
    storage.of(ONE).save("a.jpg", b"one")
    assert storage.of(ONE).read("a.jpg", 9) == b"one"
    for origin in (OTHER, None, f"{ONE}:8443", "null"):
        with pytest.raises(FileOfAnotherOrigin, match=r"a\.jpg"):
            storage.of(origin).read("a.jpg", 9)
    storage.of(None).save("b.jpg", b"a program's")
    assert storage.of(None).read("b.jpg", 9 + 3) == b"a program's"
    with pytest.raises(FileOfAnotherOrigin):
        storage.of(ONE).read("b.jpg", 9)


def test_its_origin_may_replace_a_file_and_no_other(storage: Storage) -> None:
    storage.of(ONE).save("a.jpg", b"first")
    for attempt in (lambda: storage.of(OTHER).check("a.jpg"), lambda: storage.of(OTHER).save("a.jpg", b"x")):
        with pytest.raises(FileExists):
            attempt()
    assert storage.of(ONE).read("a.jpg", 9) == b"first"
    storage.of(ONE).check("a.jpg")
    for again in (b"second, longer", b"third", b"fourt"):
        storage.of(ONE).save("a.jpg", again)
        assert storage.of(ONE).read("a.jpg", 99) == again
        with pytest.raises(FileOfAnotherOrigin):
            storage.of(OTHER).read("a.jpg", 99)
    assert [path.name for path in storage.root.iterdir() if not path.name.startswith(".")] == ["a.jpg"]
    assert len(records(storage.root)) <= 1


def test_it_is_remembered_over_restarts(root: Path) -> None:
    Storage(root).of(ONE).save("case/a.jpg", b"first")
    after = Storage(root)
    with pytest.raises(FileOfAnotherOrigin):
        after.of(OTHER).read("case/a.jpg", 9)
    with pytest.raises(FileExists):
        after.of(OTHER).save("case/a.jpg", b"x")
    after.of(ONE).save("case/a.jpg", b"second")
    assert after.of(ONE).read("case/a.jpg", 9) == b"second"


def test_what_an_administrator_lays_there_is_read_by_all_and_replaced_by_none(storage: Storage) -> None:
    (storage.root / "form.jpg").write_bytes(b"form")
    for origin in (ONE, OTHER, None):
        assert storage.of(origin).read("form.jpg", 9) == b"form"
        with pytest.raises(FileExists):
            storage.of(origin).save("form.jpg", b"x")
    # A page's file is taken away, and another one laid in its place.
    storage.of(ONE).save("a.jpg", b"first")
    (storage.root / "a.jpg").unlink()
    (storage.root / "a.jpg").write_bytes(b"the administrator's")
    with pytest.raises(FileExists):
        storage.of(ONE).save("a.jpg", b"x")
    assert storage.of(OTHER).read("a.jpg", 99) == b"the administrator's"


def test_a_copy_is_whose_makes_it(storage: Storage) -> None:
    made = storage.of(ONE).save("a.jpg", b"first")
    shutil.copyfile(made, storage.root / "copy.jpg")
    assert storage.of(OTHER).read("copy.jpg", 9) == b"first"


def test_an_attribute_moves_with_its_file(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    made = storage.of(ONE).save("a.jpg", b"first")
    made.rename(tmp_path / "b.jpg")
    assert storage.of(ONE).read("b.jpg", 9) == b"first"
    with pytest.raises(FileOfAnotherOrigin):
        storage.of(OTHER).read("b.jpg", 9)
    # It does not name the origin to who finds the disk, and fits into an inode.
    assert len(os.getxattr(tmp_path / "b.jpg", ATTRIBUTE)) == 32


@pytest.mark.parametrize("forged", [b"", b"x", b"\0" * 32, b"\xff" * 4000])
def test_a_record_that_means_nothing_opens_nothing(tmp_path: Path, forged: bytes) -> None:
    storage = Storage(tmp_path)
    os.setxattr(storage.of(ONE).save("a.jpg", b"first"), ATTRIBUTE, forged)
    for origin in (ONE, OTHER, None):
        with pytest.raises(FileOfAnotherOrigin):
            storage.of(origin).read("a.jpg", 9)
        with pytest.raises(FileExists):
            storage.of(origin).save("a.jpg", b"x")


@pytest.mark.parametrize(("overwrite", "own", "other"), [("never", False, False), ("always", True, True)])
def test_overwriting_is_configured(root: Path, overwrite: Overwrite, own: bool, other: bool) -> None:
    storage = Storage(root, overwrite)
    for origin, may in ((ONE, own), (OTHER, other)):
        (root / "a.jpg").unlink(missing_ok=True)
        storage.of(ONE).save("a.jpg", b"first")
        if may:
            storage.of(origin).save("a.jpg", b"again")
            assert storage.of(origin).read("a.jpg", 9) == b"again"
            continue
        with pytest.raises(FileExists):
            storage.of(origin).save("a.jpg", b"again")


def test_sharing_lets_all_read_and_none_replace(root: Path) -> None:
    storage = Storage(root, sharing=True)
    storage.of(ONE).save("a.jpg", b"first")
    assert storage.of(OTHER).read("a.jpg", 9) == b"first"
    with pytest.raises(FileExists):
        storage.of(OTHER).save("a.jpg", b"x")


def test_a_series_is_replaced_whole_or_not_at_all(storage: Storage) -> None:
    storage.of(ONE).save_series("a.jpg", [b"0", b"1"])
    storage.of(OTHER).save("a2.jpg", b"other's")
    with pytest.raises(FileExists):
        storage.of(ONE).save_series("a.jpg", [b"new 0", b"new 1", b"new 2"])
    assert [storage.of(ONE).read(name, 9) for name in ("a.jpg", "a1.jpg")] == [b"0", b"1"]
    assert storage.of(OTHER).read("a2.jpg", 9) == b"other's"


def test_what_was_replaced_comes_back_where_a_later_name_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Storage(tmp_path)
    storage.of(ONE).save_series("a.jpg", [b"0", b"1"])
    straight = atomic.rename_noreplace

    def full(folder: int, old: str, new: str) -> None:
        if new == "a2.jpg":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        straight(folder, old, new)

    monkeypatch.setattr(atomic, "rename_noreplace", full)
    with pytest.raises(StorageFull):
        storage.of(ONE).save_series("a.jpg", [b"new 0", b"new 1", b"new 2"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.jpg": b"0", "a1.jpg": b"1"}


def test_a_file_system_that_cannot_exchange_names_replaces_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(atomic, "rename_exchange", missing)
    storage = Storage(tmp_path)
    for content in (b"first", b"second"):
        storage.of(ONE).save("a.jpg", content)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.jpg": b"second"}


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").mkdir()
    for overwrite in ("own", "always"):
        with pytest.raises(Exception, match=r"exists|folder"):
            Storage(tmp_path, overwrite).save("a.jpg", b"x")  # type: ignore[arg-type]
    assert (tmp_path / "a.jpg").is_dir()
    assert len(list(tmp_path.iterdir())) == 1


def test_records_of_files_that_are_gone_are_removed_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "setxattr", _unsupported)
    monkeypatch.setattr(os, "getxattr", _unsupported)
    storage = Storage(tmp_path)
    for name in ("kept.jpg", "gone.jpg", "changed.jpg", "sub/gone.jpg"):
        storage.of(ONE).save(name, b"x")
    assert len(records(tmp_path)) == 4
    (tmp_path / "gone.jpg").unlink()
    (tmp_path / "changed.jpg").write_bytes(b"longer")
    shutil.rmtree(tmp_path / "sub")
    after = Storage(tmp_path)
    assert len(records(tmp_path)) == 1
    assert after.of(ONE).read("kept.jpg", 9) == b"x"
    with pytest.raises(FileOfAnotherOrigin):
        after.of(OTHER).read("kept.jpg", 9)


def test_a_record_that_cannot_be_written_costs_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "setxattr", full)
    with pytest.raises(StorageFull):
        Storage(tmp_path).of(ONE).save("a.jpg", b"x")
    assert list(tmp_path.iterdir()) == []


def _unsupported(*_: object) -> None:
    raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))
