"""S38: the audit trail cannot be made to forget by floods, nor to lie about what a disk did not take."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from server import config as configuration
from server.access.activity import ActivityRecorder
from server.app import audit_of
from server.cli import main
from server.config import Config, ConfigError
from server.telemetry import line_quota
from server.telemetry.audit import AuditTrail
from server.telemetry.chain import follow
from server.telemetry.line_quota import BURST_MINUTES, KINDS, NEWEST, OTHERS, REFUSED, SOURCES, LineQuota
from server.telemetry.trail_files import NAME, RotatingFiles, opened_lines, trail_files
from tests.faults.disk import Mount, filled, tmpfs
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import connect
from tests.patience import PATIENCE

__all__ = ["tmpfs"]

MIB = 1 << 20


def told(folder: Path) -> list[dict[str, Any]]:
    """All lines of a trail, oldest first."""
    lines = []
    for path in trail_files(folder):
        with opened_lines(path) as opened:
            lines += [json.loads(line) for line in opened]
    return lines


def verdict(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """What ``gaopai audit verify`` says."""
    code = main(["audit", "verify", str(folder)])
    return code, capsys.readouterr().out


class Clock:
    """A monotonic clock in the test's hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


# Floods --------------------------------------------------------------------------------------


def request(origin: str | None, func: str = "GetServiceInfo", result: int = 0) -> dict[str, object]:
    return {"time": "t", "event": "request", "origin": origin, "func": func, "result": result}


def test_a_flood_of_one_origin_leaves_what_was_before_and_what_others_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of 50,000 lines, more than five small files hold, the trail keeps some hundred, and the sum."""
    audit = AuditTrail(RotatingFiles(tmp_path, MIB, 5))
    audit.write(request(OTHER, "ReadIDCardInfo"))
    for number in range(50_000):
        audit.write(request(ALLOWED, "GetServiceInfo" if number % 5 else "OpenCamera", number % 5 and 2002))
    audit.write(request(OTHER, "FingerMatch"))
    audit.close()
    assert audit.lost == 0
    lines = told(tmp_path)
    assert [line["func"] for line in lines if line["origin"] == OTHER] == ["ReadIDCardInfo", "FingerMatch"]
    sums = [line for line in lines if line["event"] == "more"]
    kept = [line for line in lines if line["event"] == "request" and line["origin"] == ALLOWED]
    assert len(kept) < 2 * 60 * BURST_MINUTES
    assert len(kept) + sum(line["lines"] for line in sums) == 50_000
    kinds = sums[-1]["kinds"]
    assert set(kinds) == {"OpenCamera 0", "GetServiceInfo 2002"}
    assert sum(kinds.values()) == sums[-1]["lines"]
    assert verdict(tmp_path, capsys)[0] == 0


def test_the_quota_comes_back_and_sums_are_due_every_minute() -> None:
    clock = Clock()
    quota = LineQuota(6, clock)
    assert [quota.admits(request(ALLOWED)) for _ in range(61)] == [True] * 60 + [False]
    assert (quota.pending, quota.sums()) == (True, [])
    clock.now = 9.9
    assert not quota.admits(request(ALLOWED))
    clock.now = 10.1
    assert quota.admits(request(ALLOWED))
    clock.now = line_quota.SUMMARY_SECONDS + 0.1
    (told,) = quota.sums()
    assert told == {
        "event": "more", "origin": ALLOWED, "lines": 2, "since": "t", "kinds": {"GetServiceInfo 0": 2},
    }  # fmt: skip
    assert (quota.pending, quota.sums(final=True)) == (False, [])
    clock.now += 3600
    assert sum(quota.admits(request(ALLOWED)) for _ in range(100)) == 60


def test_many_origins_are_bounded_and_still_counted() -> None:
    quota = LineQuota(1, Clock())
    admitted = sum(quota.admits(request(f"https://{number}.example")) for number in range(5000))
    assert admitted == SOURCES + BURST_MINUTES
    (told,) = quota.sums(final=True)
    assert (told["origin"], told["lines"]) == (OTHERS, 5000 - admitted)


def test_kinds_are_bounded() -> None:
    quota = LineQuota(1, Clock())
    for number in range(1000):
        quota.admits(request(ALLOWED, result=number))
    (told,) = quota.sums(final=True)
    kinds = told["kinds"]
    assert isinstance(kinds, Mapping)
    assert len(kinds) == KINDS + 1
    assert sum(kinds.values()) == told["lines"] == 1000 - BURST_MINUTES


def test_the_services_own_lines_have_no_quota() -> None:
    quota = LineQuota(1, Clock())
    assert all(quota.admits({"event": "start"}) for _ in range(1000))


def refusal(origin: str, time: str = "t") -> dict[str, object]:
    return {"time": time, "event": "refuse", "origin": origin, "reason": "origin"}


def test_the_newest_refusals_are_kept_and_one_origin_hides_no_other() -> None:
    quota = LineQuota(1, Clock())
    for _ in range(1000):
        quota.admits(refusal("https://flood.example"))
    quota.admits(refusal("https://thief.example", "late"))
    for _ in range(1000):
        quota.admits(refusal("https://flood.example", "later"))
    (told,) = quota.sums(final=True)
    assert told["origin"] == REFUSED
    assert told["newest"] == [
        {"time": "late", "origin": "https://thief.example", "reason": "origin"},
        {"time": "later", "origin": "https://flood.example", "reason": "origin"},
    ]
    for number in range(1000):
        quota.admits(refusal(f"https://{number}.example", str(number)))
    (told,) = quota.sums(final=True)
    newest = told["newest"]
    assert isinstance(newest, list)
    assert [one["time"] for one in newest] == [str(number) for number in range(1000 - NEWEST, 1000)]


def test_refusals_take_no_line_of_an_allowed_page() -> None:
    quota = LineQuota(1, Clock())
    for _ in range(1000):
        quota.admits(refusal(ALLOWED))
    assert quota.admits(request(ALLOWED))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the trail lies; tests may override."""
    return tmp_path / "audit"


@pytest.fixture
def config(config: Config, folder: Path) -> Config:
    audit = configuration.AuditConfig(enabled=True, folder=str(folder), lines_per_minute=1)
    return msgspec.structs.replace(config, audit=audit)


async def test_a_flooding_page_is_summed_up_and_its_neighbour_is_not(service: Running, folder: Path) -> None:
    async with connect(service.url, OTHER) as neighbour, connect(service.url, ALLOWED) as page:
        for _ in range(40):
            await page.must("GetServiceInfo")
        await neighbour.must("GetCameraInfo")
        async with aiohttp.ClientSession() as http:
            for number in range(30):
                with pytest.raises(aiohttp.WSServerHandshakeError):
                    await http.ws_connect(service.url, origin=f"https://evil{number}.example")
    await service.stop()
    lines = await asyncio.to_thread(told, folder)
    assert [line["event"] for line in lines if line.get("origin") == OTHER] == [
        "connect", "request", "disconnect",
    ]  # fmt: skip
    sums = {line["origin"]: line for line in lines if line["event"] == "more"}
    assert set(sums) == {ALLOWED, REFUSED}
    assert sums[ALLOWED]["kinds"] == {"GetServiceInfo 0": 40 - 9, "disconnect": 1}
    assert sums[REFUSED]["newest"][-1]["origin"] == "https://evil29.example"
    assert len(sums[REFUSED]["newest"]) == NEWEST == sums[REFUSED]["lines"]
    assert lines[-1]["event"] in ("stop", "more")


# What a disk does not take ---------------------------------------------------------------------


def test_a_full_disk_is_told_when_it_is_freed(tmpfs: Mount, capsys: pytest.CaptureFixture[str]) -> None:
    disk = tmpfs("size=256k")
    audit = AuditTrail(RotatingFiles(disk, MIB, 3))
    audit.write({"event": "before"})
    while audit._lines.qsize():
        pass
    with filled(disk, 0):
        for _ in range(40):
            audit.write(request(ALLOWED, "x" * 200))
        until_lost(audit, 20)
    audit.write({"event": "after"})
    audit.close()
    # The last block may have room for a word between two lines that it does not take.
    gaps = [line["lines"] for line in told(disk) if line["event"] == "lost"]
    assert sum(gaps) == audit.lost > 20
    code, said = verdict(disk, capsys)
    assert code == 3
    assert re.search(rf"lost before audit.jsonl line \d+: {gaps[-1]} lines, from 20\S+ to 20", said)
    assert "hang together" in said


def test_what_was_lost_is_told_after_a_restart_on_the_full_disk(
    tmpfs: Mount, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = tmpfs("size=256k")
    lost = 0
    with filled(disk, 0):
        # Also where the folder was never written before.
        for _ in range(3):
            audit = AuditTrail(RotatingFiles(disk, MIB, 3))
            for _ in range(5):
                audit.write({"event": "request"})
            audit.close()
            assert audit.lost == 5
            lost += audit.lost
    audit = AuditTrail(RotatingFiles(disk, MIB, 3))
    audit.write({"event": "start"})
    audit.close()
    assert [(line["event"], line.get("lines")) for line in told(disk)] == [("lost", lost), ("start", None)]
    assert verdict(disk, capsys)[0] == 3
    # It is told once.
    audit = AuditTrail(RotatingFiles(disk, MIB, 3))
    audit.write({"event": "start"})
    audit.close()
    assert [line["event"] for line in told(disk)] == ["lost", "start", "start"]


def until_lost(audit: AuditTrail, count: int) -> None:
    for _ in range(int(PATIENCE * 1000)):
        if audit.lost >= count and not audit._lines.qsize():
            return
        asyncio.run(asyncio.sleep(0.001))
    raise AssertionError("nothing is lost")


class TestOnASmallDisk:
    @pytest.fixture
    def folder(self, tmpfs: Mount) -> Path:
        return tmpfs("size=64k")

    @pytest.fixture
    def config(self, config: Config) -> Config:
        return msgspec.structs.replace(
            config, audit=msgspec.structs.replace(config.audit, lines_per_minute=60)
        )

    async def test_actions_on_a_full_disk_are_missing_and_that_is_told(
        self, folder: Path, service: Running
    ) -> None:
        """The service itself: what a page did meanwhile is not in the trail, and the trail says how much."""
        async with connect(service.url, OTHER) as page:
            await page.must("GetServiceInfo")
            with filled(folder, 0):
                for _ in range(40):
                    await page.must("GetCameraInfo")
                await until_told(service, 20)
            await page.must("GetServiceInfo")
        await service.stop()
        lines = await asyncio.to_thread(told, folder)
        gaps = [line for line in lines if line["event"] == "lost"]
        seen = sum(line.get("func") == "GetCameraInfo" for line in lines)
        # The last block had room for some.
        assert seen + sum(gap["lines"] for gap in gaps) == 40
        assert await asyncio.to_thread(main, ["audit", "verify", str(folder)]) == 3


async def until_told(service: Running, count: int) -> None:
    """Until the service's health says that so many lines are lost."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(PATIENCE):
        while True:
            async with http.get(f"{service.http}/health") as response:
                if (await response.json()).get("auditLinesLost", 0) >= count:
                    return
            await asyncio.sleep(0.01)


# Rotation --------------------------------------------------------------------------------------


def filled_trail(folder: Path, count: int, files: RotatingFiles | None = None) -> None:
    audit = AuditTrail(files or RotatingFiles(folder, 2000, 4))
    for number in range(count):
        audit.write({"event": "service", "number": number})
    audit.close()
    assert audit.lost == 0


def test_older_files_are_compressed_private_and_read_by_verify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled_trail(tmp_path, 20)
    names = [path.name for path in trail_files(tmp_path)]
    assert names == ["audit.jsonl.3.gz", "audit.jsonl.2.gz", "audit.jsonl.1.gz", NAME][-len(names) :]
    assert len(names) > 2
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in trail_files(tmp_path))
    assert verdict(tmp_path, capsys)[0] == 0
    assert [line["number"] for line in told(tmp_path)] == list(range(20))[-len(told(tmp_path)) :]


def test_a_file_is_put_aside_by_its_age_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    filled_trail(tmp_path, 1, RotatingFiles(tmp_path, MIB, 4, days=1))
    filled_trail(tmp_path, 1, RotatingFiles(tmp_path, MIB, 4, days=1))
    assert [path.name for path in trail_files(tmp_path)] == [NAME]
    filled_trail(tmp_path, 1, RotatingFiles(tmp_path, MIB, 4, days=0))
    assert [path.name for path in trail_files(tmp_path)] == ["audit.jsonl.1.gz", NAME]
    assert len(told(tmp_path)) == 3
    assert verdict(tmp_path, capsys)[0] == 0


@pytest.mark.parametrize("damage", ["changed", "cut", "no archive"])
def test_a_compressed_file_that_was_touched_is_found(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    filled_trail(tmp_path, 20)
    path = tmp_path / "audit.jsonl.1.gz"
    if damage == "changed":
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"service", b"SERVICE", 1)))
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-40])
    else:
        path.write_bytes(b"nothing that gzip made")
    code, said = verdict(tmp_path, capsys)
    assert code == 1
    assert "audit.jsonl.1.gz line" in said
    # The service starts all the same.
    filled_trail(tmp_path, 1)


def test_a_kill_between_two_steps_of_a_compression_leaves_one_whole_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled_trail(tmp_path, 20)
    before = told(tmp_path)
    packed = tmp_path / "audit.jsonl.1.gz"
    (tmp_path / "audit.jsonl.1").write_bytes(gzip.decompress(packed.read_bytes()))
    (tmp_path / "audit.jsonl.2.gz.part").write_bytes(b"half")
    assert told(tmp_path) == before
    assert verdict(tmp_path, capsys)[0] == 0
    filled_trail(tmp_path, 1, RotatingFiles(tmp_path, MIB, 4))
    assert {path.name for path in tmp_path.iterdir()} & {"audit.jsonl.1", "audit.jsonl.2.gz.part"} == set()
    assert verdict(tmp_path, capsys)[0] == 0


def test_a_disk_without_room_to_compress_keeps_the_file_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("server.telemetry.trail_files._compress", full)
        filled_trail(tmp_path, 12)
    assert "audit.jsonl.1" in [path.name for path in trail_files(tmp_path)]
    assert verdict(tmp_path, capsys)[0] == 0
    filled_trail(tmp_path, 6)
    assert verdict(tmp_path, capsys)[0] == 0


def test_recorder_and_trail_hold_a_flood_of_refusals(tmp_path: Path) -> None:
    audit = AuditTrail(RotatingFiles(tmp_path, MIB, 3))
    witness = ActivityRecorder(audit=audit)
    for number in range(20_000):
        witness.refused("origin", f"https://{number}.example")
    audit.close()
    assert audit.lost == 0
    *_, more = told(tmp_path)
    assert more["newest"][-1]["origin"] == "https://19999.example"
    assert follow(trail_files(tmp_path)).broken is None


def test_two_services_never_write_one_trail(tmp_path: Path) -> None:
    """Each would chain to its own last line, and write on into files that the other has renamed."""
    section = configuration.replace(Config().audit, enabled=True, folder=str(tmp_path))
    config = configuration.replace(Config(), audit=section)
    first = audit_of(config)
    assert first is not None
    with pytest.raises(ConfigError, match="another gaopai writes"):
        audit_of(config)
    first.close()
    again = audit_of(config)
    assert again is not None
    again.close()
