"""S19: the audit trail tells who did what with which device, and nothing of what it was about."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import msgspec
import pytest

from server import config as configuration
from server.access.activity import REFUSALS_PER_SECOND, ActivityRecorder
from server.cli import main
from server.config import Config
from server.runtime import background
from server.telemetry import audit as audit_module
from server.telemetry.audit import LINES_PER_MINUTE, AuditTrail
from server.telemetry.chain import follow
from server.telemetry.line_quota import BURST_MINUTES
from server.telemetry.trail_files import RotatingFiles, opened_lines, trail_files
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect
from tests.service import free_port

GOLDEN = Path(__file__).with_name("audit.jsonl")
MIB = 1 << 20


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    """A trail is kept."""
    audit = configuration.AuditConfig(enabled=True, folder=str(tmp_path / "audit"))
    return msgspec.structs.replace(config, audit=audit)


def trail(folder: Path) -> list[str]:
    """Its lines, without times, versions and hashes."""
    changing = re.compile(r'"(time|before|hash|version)": "[^"]*"(, )?')
    lines = (folder / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    return [changing.sub("", line).replace(", }", "}") for line in lines]


async def test_a_day_is_told_as_in_the_golden_file(service: Running, tmp_path: Path) -> None:
    """Opening, looking, capturing, failing, reading a card, words of the page's own, an evil page."""
    async with connect(service.url, ALLOWED) as page, aiohttp.ClientSession() as http:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        await page.must("GetCameraVideoBuff", devNum=0, enable=True)
        await page.must("CameraCapture", imagePath="secret-name.jpg")
        await page.ask("CameraCapture", imagePath="../secret-name.jpg")
        await page.must("ReadIDCardInfo")
        await page.must("Heartbeat")
        await page.ask("SecretFunction")
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(service.url, origin="https://evil.example")
        await page.must("CloseCamera")
    await service.stop()
    assert trail(tmp_path / "audit") == GOLDEN.read_text(encoding="utf-8").splitlines()


async def test_it_is_its_owners_alone_and_hangs_together(
    service: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with connect(service.url) as page:
        await page.must("GetServiceInfo")
    await service.stop()
    folder = tmp_path / "audit"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "audit.jsonl").stat().st_mode) == 0o600
    assert await asyncio.to_thread(main, ["audit", "verify", str(folder)]) == 0
    assert "from its beginning" in capsys.readouterr().out


def written(folder: Path, count: int, *, chained: bool = True, size: int = MIB, files: int = 3) -> Path:
    """A trail of `count` lines; its newest file."""
    audit = AuditTrail(RotatingFiles(folder, size, files), chained)
    for number in range(count):
        audit.write({"event": "request", "connection": number, "func": "OpenCamera"})
    audit.close()
    assert audit.lost == 0
    return folder / "audit.jsonl"


def read(path: Path) -> str:
    """A file of a trail, unpacked."""
    with opened_lines(path) as lines:
        return lines.read()


def verdict_on(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """What ``gaopai audit verify`` says."""
    code = main(["audit", "verify", str(folder), *words])
    return code, capsys.readouterr().out


@pytest.mark.parametrize("damage", ["change", "remove", "add", "swap", "forge"])
def test_tampering_is_found_where_it_is(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, 6)
    lines = file.read_text().splitlines(keepends=True)
    if damage == "change":
        lines[2] = lines[2].replace("OpenCamera", "CloseCamera")
    elif damage == "remove":
        del lines[2]
    elif damage == "add":
        lines.insert(2, lines[1])
    elif damage == "swap":
        lines[2], lines[3] = lines[3], lines[2]
    else:
        lines[2] = json.dumps(json.loads(lines[2]) | {"func": "CloseCamera"}) + "\n"
    file.write_text("".join(lines))
    code, said = verdict_on(tmp_path, capsys)
    assert code == 1
    assert "audit.jsonl line 3" in said


def test_cutting_off_the_end_is_found_with_a_hash_that_was_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, 6)
    noted = follow([file]).last
    assert verdict_on(tmp_path, capsys, "--expect", noted)[0] == 0
    written(tmp_path, 2)
    assert verdict_on(tmp_path, capsys, "--expect", noted)[0] == 0
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:4]))
    assert verdict_on(tmp_path, capsys)[0] == 0
    assert verdict_on(tmp_path, capsys, "--expect", noted)[0] == 1


def test_the_chain_goes_on_over_files_restarts_and_half_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, 10, size=1000)
    file = written(tmp_path, 4, size=1000)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "audit.jsonl",
        "audit.jsonl.1.gz",
        "audit.jsonl.2.gz",
        "audit.lost",
    ]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    code, said = verdict_on(tmp_path, capsys)
    assert (code, "older files are gone" in said) == (0, True)
    # A power failure in the middle of a line: it stays, it is told, and the next line is whole.
    with file.open("a") as end:
        end.write('{"time": "2026')
    written(tmp_path, 1, size=MIB)
    lines = file.read_text().splitlines()
    assert json.loads(lines[-1])["func"] == "OpenCamera"
    assert verdict_on(tmp_path, capsys)[0] == 1


def test_a_trail_without_a_chain_is_plain(tmp_path: Path) -> None:
    file = written(tmp_path, 2, chained=False)
    assert [set(json.loads(line)) for line in file.read_text().splitlines()] == [
        {"time", "event", "connection", "func"}
    ] * 2


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch()
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "audit.jsonl").symlink_to(elsewhere)
    with pytest.raises(OSError, match="symbolic"):
        AuditTrail(RotatingFiles(tmp_path / "audit", MIB, 3))


def test_a_full_disk_keeps_nobody_waiting_and_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    audit = AuditTrail(RotatingFiles(tmp_path, MIB, 3))

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    for _ in range(3):
        audit.write({"event": "request"})
    audit.close()
    assert audit.lost == 3
    assert caplog.text.count("No space left") == 1


async def test_an_origin_of_raw_bytes_is_one_line_and_the_trail_goes_on(
    service: Running, tmp_path: Path
) -> None:
    """What is no UTF-8 in a header cannot be written as it is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(service.http.rpartition(":")[2]))
    headers = (
        *(
            b"Host: 127.0.0.1",
            b"Origin: https://\xff\xfe.example",
            b"Connection: Upgrade",
            b"Upgrade: websocket",
        ),
        *(b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", b"Sec-WebSocket-Version: 13"),
    )
    writer.write(b"\r\n".join((b"GET / HTTP/1.1", *headers, b"", b"")))
    assert (await reader.readline()).split()[1] == b"403"
    writer.close()
    async with connect(service.url, ALLOWED) as page:
        await page.must("GetServiceInfo")
    await service.stop()
    told = [json.loads(line) for line in trail(tmp_path / "audit")]
    assert [(line["event"], line.get("origin")) for line in told] == [
        ("start", None),
        ("refuse", "https://??.example"),
        ("connect", ALLOWED),
        ("request", ALLOWED),
        ("disconnect", ALLOWED),
        ("stop", None),
    ]
    assert follow([tmp_path / "audit" / "audit.jsonl"]).broken is None


UNWRITABLE = {
    "no JSON": object(),
    "a key that is no text": {(1, 2): 3},
    "without end": [],
}
UNWRITABLE["without end"].append(UNWRITABLE["without end"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("chained", [True, False])
@pytest.mark.parametrize("what", UNWRITABLE)
def test_what_cannot_be_written_costs_its_own_line(
    tmp_path: Path, what: str, chained: bool, caplog: pytest.LogCaptureFixture
) -> None:
    audit = AuditTrail(RotatingFiles(tmp_path, MIB, 3), chained)
    audit.write({"event": "before"})
    for _ in range(3):
        audit.write({"event": "bad", "origin": UNWRITABLE[what], "words": "secret"})
    audit.write({"event": "after"})
    audit.close()
    assert audit.lost == 3
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["before", "lost", "lost", "lost", "after"]
    assert [line["lines"] for line in lines[1:-1]] == [1, 1, 1]
    if chained:
        assert follow([tmp_path / "audit.jsonl"]).broken is None
    assert caplog.text.count("a line of the audit trail is lost") == 1
    assert "secret" not in caplog.text


def test_a_failure_that_nobody_foresaw_costs_its_own_line_and_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    straight = audit_module.linked
    left = [RuntimeError("secret")] * 2

    def linked(before: str, fields: Mapping[str, object]) -> tuple[str, str]:
        if left:
            raise left.pop()
        return straight(before, fields)

    monkeypatch.setattr(audit_module, "linked", linked)
    monkeypatch.setattr(background, "FIRST_PAUSE_SECONDS", 0.0)
    audit = AuditTrail(RotatingFiles(tmp_path, MIB, 3))
    for event in ("lost", "lost", "after"):
        audit.write({"event": event})
    audit.close()
    assert audit.lost == 2
    assert [(worker.name, worker.count) for worker in background.failures()] == [("audit trail", 2)]
    lost, line = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert json.loads(lost)["lines"] == 2
    assert json.loads(line)["event"] == "after"
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_a_new_file_that_cannot_be_made_costs_lines_and_no_older_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, 10, size=1000)
    kept = [read(path) for path in reversed(trail_files(tmp_path)[1:])]
    audit = AuditTrail(RotatingFiles(tmp_path, 1000, 3))
    straight = audit_module.opened_to_append
    monkeypatch.setattr(audit_module, "opened_to_append", _too_many_files)
    for _ in range(20):
        audit.write({"event": "request", "func": "x" * 700})
    _drained(audit)
    monkeypatch.setattr(audit_module, "opened_to_append", straight)
    audit.write({"event": "after"})
    audit.close()
    assert audit.lost == 20
    oldest, middle, newest = trail_files(tmp_path)
    assert [read(middle), read(oldest)] == kept
    assert [json.loads(line)["event"] for line in read(newest).splitlines()] == ["lost", "after"]


def _too_many_files(path: Path) -> int:
    raise OSError(24, "Too many open files")


def _drained(audit: AuditTrail) -> None:
    until = time.monotonic() + 10
    while audit.lost < 20 and time.monotonic() < until:
        time.sleep(0.002)


def test_a_trail_that_does_not_end_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    going_on = threading.Event()
    monkeypatch.setattr(audit_module, "CLOSE_SECONDS", 0.05)
    monkeypatch.setattr(audit_module, "_write_all", lambda *_: going_on.wait(10))
    audit = AuditTrail(RotatingFiles(tmp_path, MIB, 3))
    audit.write({"event": "request"})
    audit.close()
    going_on.set()
    assert "its last lines are lost" in caplog.text


def test_a_page_that_knocks_without_end_does_not_push_out_what_was_before(tmp_path: Path) -> None:
    audit = AuditTrail(RotatingFiles(tmp_path, MIB, 3))
    witness = ActivityRecorder(audit=audit)
    worth = [witness.refused("origin", "https://evil.example") for _ in range(1000)]
    audit.close()
    assert sum(worth) < 3 * REFUSALS_PER_SECOND
    *told, more = map(json.loads, (tmp_path / "audit.jsonl").read_text().splitlines())
    assert len(told) == LINES_PER_MINUTE * BURST_MINUTES
    assert (more["event"], more["lines"]) == ("more", 1000 - len(told))
    assert witness.counters.refused["origin"] == 1000


def test_a_folder_that_cannot_be_written_is_said_at_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    config = tmp_path / "gaopai.toml"
    config.write_text(f'[audit]\nenabled = true\nfolder = "{tmp_path}/file/audit"\n')
    serve = ["serve", "--config", str(config), "--root", str(tmp_path / "root"), "--port", str(free_port())]
    assert main(serve) == 2
    assert "[audit] folder" in capsys.readouterr().err


def test_where_there_is_none_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", str(tmp_path)]) == 2
    assert "there is no audit trail" in capsys.readouterr().err
