"""Uploads that wait, on the disk."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.services.upload import transfer as module
from server.services.upload.transfer import FILE, QueuedUpload, Upload, UploadQueue

SECRET = "11010119900307721X"
UPLOAD = Upload(
    url="https://oa.example.cn/up",
    page="https://oa.example.cn",
    params={"证件号": (SECRET, "2")},
    files=("甲/乙.jpg",),
    picture=b"\xff\xd8\xff" + SECRET.encode(),
    req_id=b"1.0",
    id="one",
)


@pytest.fixture
def entries(tmp_path: Path) -> Iterator[UploadQueue]:
    opened = UploadQueue(tmp_path, 4096)
    yield opened
    opened.close()


def waiting(upload_id: str, due: float) -> QueuedUpload:
    return QueuedUpload(Upload("https://a.cn/", None, {}, ("a.jpg",), id=upload_id), 1, 0.0, due)


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_what_is_kept_comes_back_as_it_was(entries: UploadQueue, tmp_path: Path) -> None:
    entry = QueuedUpload(UPLOAD, attempts=1, created=10.5, due=20.25)
    assert entries.add(entry)
    entries.close()
    again = UploadQueue(tmp_path, 4096)
    assert again.next(()) == entry
    again.close()


def test_the_earliest_comes_first_and_what_is_being_sent_not_at_all(entries: UploadQueue) -> None:
    for upload_id, due in (("late", 30.0), ("early", 10.0), ("middle", 20.0)):
        assert entries.add(waiting(upload_id, due))
    busy: list[str] = []
    while (entry := entries.next(busy)) is not None:
        busy.append(entry.upload.id)
    assert busy == ["early", "middle", "late"]
    entries.postpone("early", 7, 99.0)
    last = entries.next(["middle", "late"])
    assert last is not None
    assert (last.attempts, last.due) == (7, 99.0)


def test_its_files_are_the_owners_alone(entries: UploadQueue, tmp_path: Path) -> None:
    entries.add(QueuedUpload(UPLOAD, 1, 0.0, 0.0))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert FILE in modes
    assert set(modes.values()) == {0o600}


def test_what_was_sent_leaves_nothing_on_the_disk(entries: UploadQueue, tmp_path: Path) -> None:
    entries.add(QueuedUpload(UPLOAD, 1, 0.0, 0.0))
    assert SECRET.encode() in everything(tmp_path)
    entries.remove("one")
    assert entries.next(()) is None
    assert SECRET.encode() not in everything(tmp_path)


def test_the_bytes_that_wait_are_bounded(entries: UploadQueue) -> None:
    big = Upload("https://a.cn/", None, {}, picture=b"\xff\xd8\xff" + bytes(3000), id="big")
    assert entries.add(QueuedUpload(big, 1, 0.0, 0.0))
    second = Upload("https://a.cn/", None, {"note": "x" * 2000}, ("a.jpg",), id="second")
    assert not entries.add(QueuedUpload(second, 1, 0.0, 0.0))
    entries.remove("big")
    assert entries.add(QueuedUpload(second, 1, 0.0, 0.0))


def test_their_number_is_bounded(entries: UploadQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 2)
    assert [entries.add(of_page(page, 1)) for page in "abc"] == [True, True, False]


def of_page(page: str, number: int, size: int = 0) -> QueuedUpload:
    upload = Upload("https://a.cn/", page, {}, picture=bytes(size), id=f"{page} {number}")
    return QueuedUpload(upload, 1, 0.0, float(number))


def test_no_page_takes_the_room_of_another(entries: UploadQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ENTRIES", 40)
    added = {page: sum(entries.add(of_page(page, number)) for number in range(60)) for page in "abc"}
    assert added == {"a": 20, "b": 10, "c": 5}
    assert entries.add(of_page("d", 1))


def test_nor_its_bytes(entries: UploadQueue) -> None:
    assert sum(entries.add(of_page("a", number, 500)) for number in range(9)) == 4
    assert entries.add(of_page("b", 1, 1500))


def test_pages_that_have_their_share_are_passed_over(entries: UploadQueue) -> None:
    for page, number in (("a", 1), ("a", 2), ("b", 3)):
        entries.add(of_page(page, number))
    entries.add(waiting("nobody's", 4.0))
    pages: list[str | None] = []
    while (entry := entries.next((), pages)) is not None:
        pages.append(entry.upload.page)
    assert pages == ["a", "b", None]


def test_one_process_at_a_time_has_it(entries: UploadQueue, tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        UploadQueue(tmp_path, 4096)


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / FILE).symlink_to(target)
    with pytest.raises(OSError, match="symbolic"):
        UploadQueue(tmp_path / "folder", 4096)
    assert not target.exists()


def test_a_damaged_database_is_an_error_and_stays(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        UploadQueue(tmp_path, 4096)
    assert (tmp_path / FILE).read_bytes().startswith(b"no database")
