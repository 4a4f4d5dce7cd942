"""Deliveries to targets as a page asks for them: receipts, progress, queue, audit trail, and the command."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from benchmarks.deliveries.servers import Place, sftp
from server import config as configuration
from server.cli import main
from server.config import Config, UploadConfig, targets
from server.services.upload import service as uploads
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import Message, Page, connect
from tests.patience import PATIENCE


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Place]:
    pytest.importorskip("asyncssh")
    (tmp_path / "server").mkdir()
    async with sftp(tmp_path / "server") as place:
        yield place


@pytest.fixture
def config(config: Config, tmp_path: Path, server: Place, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setattr(uploads, "DELAYS", (0.1,))
    monkeypatch.setattr(uploads.UploadRetries.__init__, "__defaults__", ((0.1,),))
    (tmp_path / "share").mkdir()
    places = {"archive": server.config(), "share": targets.FolderTarget(folder=str(tmp_path / "share"))}
    audit = configuration.AuditConfig(enabled=True, folder=str(tmp_path / "audit"))
    return configuration.replace(config, targets=places, upload=UploadConfig(retry=True), audit=audit)


async def captured(page: Page, name: str) -> None:
    await page.must("OpenCamera", devNum=0)
    await page.must("CameraCapture", imagePath=name)


async def ended(page: Page) -> Message:
    async with asyncio.timeout(PATIENCE):
        while True:
            message = await page.receive()
            if message.get("event") == "OnUploadFinished":
                return message


def audited(tmp_path: Path) -> list[Message]:
    lines = (tmp_path / "audit" / "audit.jsonl").read_text().splitlines()
    return [line for line in map(json.loads, lines) if line["event"] == "delivery"]


async def test_a_page_gets_a_receipt_and_the_trail_a_line(
    service: Running, server: Place, tmp_path: Path
) -> None:
    async with connect(service.url, ALLOWED) as page:
        await captured(page, "页.jpg")
        told = await page.must("UploadHttpFile", target="archive", imagePath="页.jpg")
        (receipt,) = told["receipts"]
        again = await page.must("UploadHttpFile", target="archive", imagePath="页.jpg")
        assert again["receipts"] == [{**receipt, "already": True}]
    assert (receipt["target"], receipt["name"], receipt["place"]) == ("archive", "页.jpg", "页.jpg")
    assert server.stored() == [("页.jpg", (service.root / "页.jpg").read_bytes())]
    await service.stop()
    lines = audited(tmp_path)
    assert [(one["target"], one["origin"], one["already"]) for one in lines] == [
        ("archive", ALLOWED, False),
        ("archive", ALLOWED, True),
    ]
    assert {one["sha256"] for one in lines} == {receipt["sha256"]}
    assert "页.jpg" not in json.dumps(lines, ensure_ascii=False)


async def test_what_is_merged_is_delivered_and_its_progress_told(service: Running, server: Place) -> None:
    async with connect(service.url, ALLOWED) as page:
        await captured(page, "a.jpg")
        number = await page.send(
            "MergeFile", imagePath=["a.jpg", "a.jpg"], filePath="m.pdf", target="archive", progress=True
        )
        kinds = []
        while (message := await page.answer(number))["func"] == "Notify":
            kinds.append((message["kind"], message["done"] == message["total"]))
    assert message["result"] == 0
    assert [one["place"] for one in message["receipts"]] == ["m.pdf"]
    assert ("merge", True) in kinds
    assert kinds[-1] == ("upload", True)
    assert server.stored() == [("m.pdf", (service.root / "m.pdf").read_bytes())]


async def test_a_target_that_is_not_there_costs_no_work(service: Running) -> None:
    async with connect(service.url, ALLOWED) as page:
        await captured(page, "a.jpg")
        told = await page.ask("MergeFile", imagePath=["a.jpg"], filePath="m.pdf", target="archiv")
        assert told["result"] == 5007
        assert "archive" in told["errorMsg"]
        assert not (service.root / "m.pdf").exists()


async def test_what_fails_waits_and_its_receipt_comes_later(
    service: Running, server: Place, tmp_path: Path
) -> None:
    there = tmp_path / "share"
    there.rmdir()
    async with connect(service.url, ALLOWED) as page, connect(service.url, OTHER) as other:
        await captured(page, "a.jpg")
        told = await page.ask("MergeFile", imagePath=["a.jpg"], filePath="m.pdf", target="share", retry=True)
        assert (told["result"], told["queued"], told["receipts"]) == (5008, True, [])
        assert told["filePath"].endswith("m.pdf")
        assert str(there) not in told["errorMsg"]
        there.mkdir()
        notice = await ended(page)
        assert (notice["uploaded"], notice["receipt"]["place"]) == (True, "m.pdf")
        assert await other.silence("Notify") == []
    assert (there / "m.pdf").read_bytes() == (service.root / "m.pdf").read_bytes()


async def test_without_retry_nothing_waits(service: Running, tmp_path: Path) -> None:
    (tmp_path / "share").rmdir()
    async with connect(service.url, ALLOWED) as page:
        await captured(page, "a.jpg")
        told = await page.ask("UploadHttpFile", target="share", imagePath="a.jpg")
        assert told["result"] == 5008
        assert "queued" not in told


def test_the_command_delivers_each_file_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "there").mkdir()
    config = tmp_path / "gaopai.toml"
    config.write_text(f'[targets.archive]\nadapter = "folder"\nfolder = "{tmp_path}/there"\n')
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    words = ["deliver", str(tmp_path / "a.pdf"), "--to", "archive", "--config", str(config)]
    assert main(words) == 0
    assert "delivered to archive" in capsys.readouterr().out
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["already"], told["size"]) == (True, 4)
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["a.pdf"]
    assert main([*words[:1], str(tmp_path / "gone.pdf"), *words[1:]]) == 1
    assert main(["deliver", str(tmp_path / "a.pdf"), "--to", "archiv", "--config", str(config)]) == 2
    assert "archive" in capsys.readouterr().err
