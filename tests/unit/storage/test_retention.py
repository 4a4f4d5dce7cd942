"""Retention: what goes when its days are over, and what never does."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from server.archive import RECORD_SUFFIXES
from server.config import StorageConfig
from server.errors import FileExists, PathOutside
from server.storage import retention
from server.storage.clock import SeenClock
from server.storage.retention import DAY
from server.storage.root import Storage
from tests.patience import PATIENCE
from tests.unit.storage.test_ownership import ONE, records, root

__all__ = ["root"]

NOW = time.time()
Told = list[tuple[str, int, int]]


@pytest.fixture
def storage(root: Path, tmp_path: Path) -> Storage:
    (tmp_path / "beside").mkdir()
    return Storage(root, folders=[tmp_path / "beside"])


def save(storage: Storage, *names: str, profile: str = "") -> None:
    view = storage.of(ONE, profile)
    for name in names:
        view.save(name, name.encode())


def rules(storage: Storage, **rules: object) -> None:
    storage.retention.renew(msgspec.convert(rules, StorageConfig))


def gone(storage: Storage, days: float, spared: Collection[Path] = ()) -> Told:
    """Remove what is due so many days from now; return what was told."""
    told: Told = []
    storage.retention.remove_due(NOW + days * DAY, lambda *what: told.append(what), spared)
    return told


def left(storage: Storage) -> set[str]:
    """The visible files below the root."""
    return {
        str(path.relative_to(storage.root))
        for path in storage.root.rglob("*")
        if path.is_file() and ".gaopai" not in path.parts
    }


def test_nothing_goes_unless_somebody_says_so(storage: Storage) -> None:
    save(storage, "a.jpg")
    assert gone(storage, 10_000) == []
    assert storage.usage()[0].going == ()
    assert left(storage) == {"a.jpg"}


def test_a_file_goes_when_its_days_are_over_and_its_record_with_it(storage: Storage) -> None:
    save(storage, "a.jpg", "b/c.jpg")
    rules(storage, keep_days=30)
    assert gone(storage, 29) == []
    assert gone(storage, 31) == [("due", 2, 12), ("removed", 2, 12)]
    assert (left(storage), records(storage.root)) == (set(), [])
    assert (storage.root / "b").is_dir()


def test_a_profile_comes_before_a_folder_and_the_deepest_folder_before_all(
    storage: Storage, tmp_path: Path
) -> None:
    names = ["x.jpg", "in/a.jpg", "in/drafts/b.jpg", f"{tmp_path}/beside/c.jpg"]
    save(storage, *names)
    save(storage, "in/drafts/kept.jpg", "in/week.jpg", profile="contract")
    save(storage, "in/week.jpg", profile="week")
    rules(
        storage,
        keep_days=30,
        folder_days={"in": 100, "in/drafts": 3, str(tmp_path / "beside"): 5},
        profile_days={"contract": 0, "week": 7},
    )
    for days, names in (
        (4, {"x.jpg", "in/a.jpg", "in/drafts/kept.jpg", "in/week.jpg"}),
        (8, {"x.jpg", "in/a.jpg", "in/drafts/kept.jpg"}),
        (31, {"in/a.jpg", "in/drafts/kept.jpg"}),
        (10_000, {"in/drafts/kept.jpg"}),
    ):
        gone(storage, days)
        assert left(storage) == names
    assert not list((tmp_path / "beside").glob("*.jpg"))


def test_what_is_held_is_neither_removed_nor_replaced(storage: Storage) -> None:
    save(storage, "case/a.jpg", "b.jpg", "c.jpg")
    rules(storage, keep_days=1, hold=["case", "b.jpg"])
    assert gone(storage, 9) == [("due", 1, 5), ("removed", 1, 5)]
    view = storage.of(ONE)
    for name in ("case/a.jpg", "b.jpg"):
        with pytest.raises(FileExists):
            view.save(name, b"new")
        with pytest.raises(FileExists):
            view.check(name)
        assert not view.remove(name)
    rules(storage, keep_days=1)
    view.save("b.jpg", b"new")
    assert view.remove("case/a.jpg")


def test_the_forecast_counts_what_goes_when(storage: Storage) -> None:
    save(storage, "a.jpg", "b/c.jpg", "soon/d.jpg")
    rules(storage, keep_days=20, folder_days={"b": 0, "soon": 3})
    home, _ = storage.usage()
    assert {one.days: (one.files, one.size) for one in home.going} == {
        **{0: (0, 0), 1: (0, 0), 7: (1, 10), 30: (2, 15)},
        None: (1, 7),
    }


def test_a_disk_that_takes_nothing_keeps_the_files(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    save(storage, "zhang-san.jpg")
    rules(storage, keep_days=1)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "zhang-san.jpg")

    with monkeypatch.context() as patch:
        patch.setattr(retention.os, "unlink", refused)
        assert gone(storage, 9) == [("due", 1, 13), ("removed", 0, 0)]
    assert left(storage) == {"zhang-san.jpg"}
    assert "Permission denied" in caplog.text
    assert "zhang" not in caplog.text


@pytest.mark.parametrize("name", ["../x", "/dev/sda"])
def test_a_rule_about_elsewhere_is_refused_and_changes_nothing(storage: Storage, name: str) -> None:
    save(storage, "a.jpg")
    rules(storage, hold=["a.jpg"])
    for wrong in ({"hold": [name]}, {"folder_days": {name: 1}}):
        with pytest.raises(PathOutside):
            rules(storage, **wrong)
    assert not storage.of(ONE).remove("a.jpg")


async def test_a_clock_that_was_set_ahead_removes_nothing_for_a_pause(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(retention, "FIRST_SECONDS", 0)
    monkeypatch.setattr(retention, "PAUSE_SECONDS", 0)
    save(storage, "a.jpg")
    rules(storage, keep_days=1)
    clock = SimpleNamespace(time=lambda: time.time() + 9 * DAY)
    monkeypatch.setattr(retention, "time", SimpleNamespace(**{**vars(time), "time": clock.time}))
    asked = []
    told = []
    done = asyncio.Event()

    async def waiting() -> Collection[Path]:
        asked.append(len(caplog.records))
        return ()

    def tell(*what: object) -> None:
        told.append(what)
        if what[0] == "removed":
            loop.call_soon_threadsafe(done.set)

    loop = asyncio.get_running_loop()
    running = asyncio.create_task(
        storage.retention.run(tell, waiting, SeenClock(storage.own_folder, lambda: True))
    )
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    running.cancel()
    assert "the clock was set ahead" in caplog.text
    assert asked[0] > 0
    assert told == [("due", 1, 5), ("removed", 1, 5)]


async def test_a_clock_that_is_ahead_at_the_start_removes_nothing_until_it_is_believed(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As of a computer whose battery is dead: no leap is seen while the service runs."""
    monkeypatch.setattr(retention, "FIRST_SECONDS", 0)
    monkeypatch.setattr(retention, "PAUSE_SECONDS", 0.01)
    save(storage, "a.jpg")
    rules(storage, keep_days=30)
    told = []
    synchronised = [False]
    rounds = []

    def asked() -> bool:
        rounds.append(1)
        return synchronised[0]

    async def waiting() -> Collection[Path]:
        return ()

    async def run(until: Callable[[], bool]) -> None:
        seen = SeenClock(storage.own_folder, asked)
        running = asyncio.create_task(storage.retention.run(lambda *what: told.append(what), waiting, seen))
        async with asyncio.timeout(PATIENCE):
            while not until():
                await asyncio.sleep(0.01)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running

    await run((storage.root / ".gaopai" / "clock").exists)
    years = 10 * 365 * DAY
    later = SimpleNamespace(
        **{
            **vars(time),
            "time": lambda: time.time() + years,
            "clock_gettime": lambda clock: time.clock_gettime(clock) + years,
        }
    )
    monkeypatch.setattr(retention, "time", later)
    await run(lambda: len(rounds) > 3)
    assert left(storage) == {"a.jpg"}
    assert not told
    assert "3650 days after" in caplog.text
    synchronised[0] = True
    await run(lambda: ("removed", 1, 5) in told)
    assert left(storage) == set()


@pytest.mark.parametrize(
    ("days", "believed", "noted"), [(9, True, True), (11, False, False), (-400, True, False)]
)
def test_the_time_that_was_seen_is_kept(tmp_path: Path, days: int, believed: bool, noted: bool) -> None:
    kept = SeenClock(lambda: tmp_path, lambda: False)
    assert kept.is_plausible(NOW)
    now = NOW + days * DAY
    assert kept.is_plausible(now) is believed
    assert (tmp_path / "clock").read_text() == f"{now if noted else NOW:.0f}\n"
    # An administrator who knows that the clock is right says so.
    (tmp_path / "clock").unlink()
    assert kept.is_plausible(now)


def save_pair(storage: Storage, name: str) -> None:
    """A file with its record beside it, as a request with one saves it."""
    record = {f"{name.rpartition('/')[2]}{suffix}": [b"record"] for suffix in RECORD_SUFFIXES}
    storage.of(ONE).recording(lambda _, __: record).save(name, b"file")


@pytest.mark.parametrize("held", ["a.jpg", "a.jpg.json", "a.jpg.xml"])
def test_a_file_and_its_record_are_held_together(storage: Storage, held: str) -> None:
    save_pair(storage, "a.jpg")
    save_pair(storage, "b.jpg")
    rules(storage, keep_days=1, hold=[held])
    gone(storage, 2)
    assert left(storage) == {"a.jpg", "a.jpg.json", "a.jpg.xml"}
    with pytest.raises(FileExists):
        save_pair(storage, "a.jpg")


def test_a_folder_that_is_named_like_a_record_is_held(storage: Storage) -> None:
    save(storage, "2026.07.json/a.jpg", "b.jpg")
    rules(storage, keep_days=1, hold=["2026.07.json"])
    gone(storage, 2)
    assert left(storage) == {"2026.07.json/a.jpg"}


def test_a_file_and_its_record_go_in_one_pass(storage: Storage) -> None:
    """Though one was written after the other: they have one time."""
    save_pair(storage, "in/a.jpg")
    times = {path.stat().st_mtime_ns for path in storage.root.rglob("a.jpg*")}
    assert len(times) == 1
    rules(storage, keep_days=30)
    end = times.pop() / 1e9 + 30 * DAY
    for moment, count in ((end - 3, 3), (end + 3, 0)):
        storage.retention.remove_due(moment, lambda *_: None)
        assert len(left(storage)) == count
