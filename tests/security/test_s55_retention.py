"""S55: retention removes ordinary files that the service recorded, and nothing else by whatever name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from server.storage.retention import DAY
from server.storage.root import Storage
from tests.unit.storage.test_ownership import ONE, root
from tests.unit.storage.test_retention import NOW, gone, left, rules, save, storage

__all__ = ["root", "storage"]


def test_what_the_service_did_not_make_stays(storage: Storage, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jpg").write_bytes(b"secret")
    save(storage, "a.jpg", "twice.jpg")
    (storage.root / "copied.jpg").write_bytes(b"copied")
    (storage.root / "link.jpg").symlink_to(outside / "secret.jpg")
    (storage.root / "folder").symlink_to(outside)
    os.mkfifo(storage.root / "pipe.jpg")
    os.link(storage.root / "twice.jpg", storage.root / "again.jpg")
    rules(storage, keep_days=1)
    assert gone(storage, 9)[1] == ("removed", 1, 5)
    assert left(storage) == {"copied.jpg", "link.jpg", "twice.jpg", "again.jpg"}
    assert (outside / "secret.jpg").read_bytes() == b"secret"
    assert (storage.root / "pipe.jpg").exists()


def test_a_name_that_leads_elsewhere_by_then_is_left_alone(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exchanged between the look and the removal: by a link, by a younger file, by a linked folder."""
    save(storage, "link.jpg", "new.jpg", "in/a.jpg")
    rules(storage, keep_days=1)
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    straight = storage.retention._remove

    def exchanged(*arguments: object) -> tuple[int, int]:
        (storage.root / "link.jpg").unlink()
        (storage.root / "link.jpg").symlink_to(secret)
        storage.of(ONE).save("new.jpg", b"new")
        os.utime(storage.root / "new.jpg", (NOW + 9 * DAY, NOW + 9 * DAY))
        (storage.root / "in").rename(storage.root / ".moved")
        (storage.root / "in").symlink_to(storage.root / ".moved")
        return straight(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(storage.retention, "_remove", exchanged)
    assert gone(storage, 9) == [("due", 3, 23), ("removed", 0, 0)]
    assert secret.exists()
    assert (storage.root / "new.jpg").read_bytes() == b"new"
    assert (storage.root / ".moved" / "a.jpg").exists()


def test_a_file_of_a_wrong_clock_or_one_that_is_waited_for_stays(storage: Storage) -> None:
    save(storage, "old.jpg", "sent.jpg")
    rules(storage, keep_days=1)
    os.utime(storage.root / "old.jpg", (0, 0))
    assert gone(storage, 9, {storage.root / "sent.jpg"}) == []
    assert left(storage) == {"old.jpg", "sent.jpg"}
