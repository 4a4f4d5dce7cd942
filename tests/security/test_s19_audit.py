"""S19: the audit trail tells who did what with which device, and nothing of what it was about."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
from pathlib import Path

import aiohttp
import msgspec
import pytest

from server import config as configuration
from server.cli import main
from server.config import Config
from server.session.activity import REFUSALS_PER_SECOND, ActivityRecorder
from server.telemetry.audit import AuditTrail, RotatingFiles
from server.telemetry.chain import follow
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect

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
        "audit.jsonl.1",
        "audit.jsonl.2",
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


def test_a_page_that_knocks_without_end_does_not_push_out_what_was_before(tmp_path: Path) -> None:
    audit = AuditTrail(RotatingFiles(tmp_path, MIB, 3))
    witness = ActivityRecorder(audit=audit)
    worth = [witness.refused("origin", "https://evil.example") for _ in range(1000)]
    audit.close()
    assert sum(worth) < 3 * REFUSALS_PER_SECOND
    assert len((tmp_path / "audit.jsonl").read_text().splitlines()) == sum(worth)
    assert witness.counters.refused["origin"] == 1000


def test_a_folder_that_cannot_be_written_is_said_at_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    config = tmp_path / "gaopai.toml"
    config.write_text(f'[audit]\nenabled = true\nfolder = "{tmp_path}/file/audit"\n')
    assert main(["serve", "--config", str(config), "--root", str(tmp_path / "root"), "--port", "1"]) == 2
    assert "[audit] folder" in capsys.readouterr().err


def test_where_there_is_none_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", str(tmp_path)]) == 2
    assert "there is no audit trail" in capsys.readouterr().err
