"""Uploads that failed and are tried again: each arrives once, whatever happens in between."""

from __future__ import annotations

import asyncio
import base64
import logging
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from server import config as configuration
from server.config import Config
from server.errors import UploadBroken, UploadNotAllowed, UploadRejected
from server.services.upload.service import FinishedUpload
from server.services.upload.transfer import FILE, QueuedUpload, Upload, UploadQueue
from server.storage.root import Storage
from tests.architecture.tree import ROOT
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import connect
from tests.functional.receiver import Hostile, Receiver, misbehaving, read_request, receiving
from tests.functional.uploading import JPEG, Told, retrying, transferring
from tests.patience import PATIENCE

PAGE = "https://oa.example.cn"
CODED = base64.b64encode(JPEG).decode()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as server:
        yield server


@pytest.fixture
def told() -> Told:
    return Told()


def upload(receiver: Receiver | Hostile, **given: object) -> Upload:
    fields = {"params": {"姓名": ("张三",)}, "picture": JPEG, "req_id": b'"7"', **given}
    return Upload(f"{receiver.origin}/up", PAGE, **fields)


async def left(root: Path) -> QueuedUpload | None:
    """The first entry that still waits, once the queue is closed."""

    def look() -> QueuedUpload | None:
        entries = UploadQueue(root / ".gaopai", 1 << 20)
        try:
            return entries.next(())
        finally:
            entries.close()

    return await asyncio.to_thread(look)


async def waits(storage: Storage, entry: QueuedUpload) -> None:
    """Put an entry into a queue that is closed."""

    def put() -> None:
        entries = UploadQueue(storage.own_folder(), 1 << 20)
        assert entries.add(entry)
        entries.close()

    await asyncio.to_thread(put)


async def test_a_server_that_hangs_holds_no_upload_of_another_page(
    tmp_path: Path, receiver: Receiver, told: Told
) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3600)

    async with misbehaving() as hostile:
        hostile.script = hang
        allow = [receiver.origin, hostile.origin]
        async with transferring(tmp_path, allow) as transfer, retrying(transfer, told) as retries:
            for _ in range(8):
                assert await retries.add(upload(hostile))
            async with asyncio.timeout(PATIENCE):
                await hostile.begun.wait()
            # All of them are due by now, and each takes its minute.
            await asyncio.sleep(0.3)
            other = Upload(f"{receiver.origin}/up", "https://other.example.cn", {}, picture=JPEG)
            assert await retries.add(other)
            assert (await told.first()).page == "https://other.example.cn"


async def test_it_is_tried_until_the_server_takes_it_and_then_no_more(
    tmp_path: Path, receiver: Receiver, told: Told
) -> None:
    receiver.answers.extend([(500, ""), (503, ""), (429, ""), (408, "")])
    wanted = upload(receiver)
    async with transferring(tmp_path, [receiver.origin]) as transfer, retrying(transfer, told) as retries:
        assert await retries.add(wanted)
        assert await told.first() == FinishedUpload(PAGE, b'"7"', True, 200)
        await asyncio.sleep(0.3)
    assert [one.id for one in receiver.arrived] == [wanted.id] * 5
    assert len({tuple(one.fields) for one in receiver.arrived}) == 1
    assert len(told.all) == 1
    assert await left(tmp_path) is None


async def test_files_are_read_again_at_each_try(tmp_path: Path, receiver: Receiver, told: Told) -> None:
    (tmp_path / "甲.jpg").write_bytes(JPEG)
    receiver.answers.append((500, ""))
    async with transferring(tmp_path, [receiver.origin]) as transfer, retrying(transfer, told) as retries:
        await retries.add(upload(receiver, files=("甲.jpg",), picture=None))
        await receiver.wait_for(1)
        (tmp_path / "甲.jpg").write_bytes(JPEG + b"rescanned")
        await told.first()
    assert [one.fields[1].data for one in receiver.arrived] == [JPEG, JPEG + b"rescanned"]


async def test_several_that_wait_arrive_once_each(tmp_path: Path, receiver: Receiver, told: Told) -> None:
    receiver.answers.extend([(500, "")] * 5)
    uploads = [upload(receiver) for _ in range(12)]
    async with transferring(tmp_path, [receiver.origin]) as transfer, retrying(transfer, told) as retries:
        await asyncio.gather(*(retries.add(one) for one in uploads))
        await receiver.wait_for(17)
        async with asyncio.timeout(PATIENCE):
            while len(told.all) < 12:
                await asyncio.sleep(0.02)
    assert len(receiver.arrived) == 17
    assert {one.id for one in receiver.arrived} == {one.id for one in uploads}


@pytest.mark.parametrize("status", [400, 403, 404, 413, 302])
async def test_what_the_server_will_never_take_is_given_up(
    tmp_path: Path, receiver: Receiver, told: Told, status: int
) -> None:
    receiver.answers.append((status, ""))
    async with transferring(tmp_path, [receiver.origin]) as transfer, retrying(transfer, told) as retries:
        await retries.add(upload(receiver))
        assert await told.first() == FinishedUpload(PAGE, b'"7"', False, status)
    assert await left(tmp_path) is None


async def test_a_file_that_is_gone_is_given_up(tmp_path: Path, receiver: Receiver, told: Told) -> None:
    async with transferring(tmp_path, [receiver.origin]) as transfer, retrying(transfer, told) as retries:
        await retries.add(upload(receiver, files=("gone.jpg",), picture=None))
        assert await told.first() == FinishedUpload(PAGE, b'"7"', False, None)
    assert receiver.arrived == []
    assert await left(tmp_path) is None


async def test_an_address_that_is_no_longer_allowed_is_given_up(
    tmp_path: Path, receiver: Receiver, told: Told
) -> None:
    async with (
        transferring(tmp_path, ["https://files.example.cn"]) as transfer,
        retrying(transfer, told) as retries,
    ):
        await retries.add(upload(receiver))
        assert not (await told.first()).uploaded
    assert receiver.arrived == []


async def test_names_are_judged_again_at_each_try(tmp_path: Path, receiver: Receiver, told: Told) -> None:
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])

    async def resolve(host: str, port: int) -> Sequence[str]:
        return next(answers)

    receiver.answers.append((500, ""))
    origin = receiver.origin.replace("127.0.0.1", "localhost")
    async with transferring(tmp_path, [], resolve) as transfer, retrying(transfer, told) as retries:
        await retries.add(Upload(f"{origin}/up", origin, {}, picture=JPEG))
        assert await told.first() == FinishedUpload(origin, b'""', False, None)
    assert len(receiver.arrived) == 1


async def test_what_has_waited_too_long_is_given_up(tmp_path: Path, receiver: Receiver, told: Told) -> None:
    receiver.answers.extend([(500, "")] * 9)
    async with transferring(tmp_path, [receiver.origin]) as transfer:
        await waits(transfer.storage, QueuedUpload(upload(receiver), 40, created=1.0, due=2.0))
        async with retrying(transfer, told):
            assert not (await told.first()).uploaded
    assert len(receiver.arrived) == 1


async def test_a_clock_that_was_set_back_holds_nothing_up(
    tmp_path: Path, receiver: Receiver, told: Told
) -> None:
    async with transferring(tmp_path, [receiver.origin]) as transfer:
        await waits(transfer.storage, QueuedUpload(upload(receiver), 1, created=4e9, due=4e9))
        async with retrying(transfer, told):
            assert (await told.first()).uploaded


async def test_an_answer_cut_off_after_2xx_counts_as_taken(tmp_path: Path, told: Told) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nbegun")
        await writer.drain()

    async with misbehaving() as hostile, transferring(tmp_path, [hostile.origin]) as transfer:
        hostile.script = script
        outcome = await transfer.run(upload(hostile))
        assert (type(outcome.error), outcome.delivered, outcome.retryable) == (UploadBroken, True, False)
        async with retrying(transfer, told) as retries:
            await retries.add(upload(hostile))
            assert (await told.first()).uploaded
    assert hostile.connections == 2


async def test_a_queue_that_another_process_has_is_left_alone(
    tmp_path: Path, receiver: Receiver, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    async with transferring(tmp_path, [receiver.origin]) as transfer, retrying(transfer, told):
        async with retrying(transfer, Told()) as second:
            assert not await second.add(upload(receiver))
        assert "cannot be kept" in caplog.text


async def test_a_damaged_queue_does_not_stop_the_service(
    tmp_path: Path, receiver: Receiver, told: Told
) -> None:
    async with transferring(tmp_path, [receiver.origin]) as transfer:
        folder = await asyncio.to_thread(transfer.storage.own_folder)
        (folder / FILE).write_bytes(b"no database" * 999)
        async with retrying(transfer, told) as retries:
            assert not await retries.add(upload(receiver))


# Kill -9 -------------------------------------------------------------------------------


async def _program(root: Path, origin: str, *more: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.functional.uploading", str(root), origin, *more),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    await _says(process, b"ready\n")
    return process


async def _says(process: asyncio.subprocess.Process, line: bytes) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        assert await process.stdout.readline() == line


async def _kill(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGKILL)
    await process.communicate()


@pytest.mark.long
async def test_a_process_killed_while_it_sends_sends_again_at_its_next_start(tmp_path: Path) -> None:
    async def stalls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.Event().wait()

    async with misbehaving() as hostile:
        hostile.script = stalls
        process = await _program(tmp_path, hostile.origin, "add")
        async with asyncio.timeout(PATIENCE):
            await hostile.begun.wait()
        await _kill(process)
    port = int(hostile.origin.rpartition(":")[2])
    async with receiving(port) as receiver:
        process = await _program(tmp_path, hostile.origin)
        try:
            await _says(process, b"finished\n")
        finally:
            await _kill(process)
        process = await _program(tmp_path, hostile.origin)
        await asyncio.sleep(0.3)
        await _kill(process)
    assert [one.id for one in receiver.arrived] == ["the-one"]
    assert await left(tmp_path) is None


# The whole service ---------------------------------------------------------------------


@pytest.fixture
def config(tmp_path: Path, receiver: Receiver, request: pytest.FixtureRequest) -> Config:
    return Config(
        access=configuration.AccessConfig(origins=(ALLOWED, OTHER)),
        storage=configuration.StorageConfig(root=str(tmp_path / "pictures")),
        upload=configuration.UploadConfig(allow=(receiver.origin,), retry=getattr(request, "param", True)),
    )


async def test_the_page_is_told_at_once_and_at_the_end(
    service: Running, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.answers.append((503, "busy"))
    request = {"url": f"{receiver.origin}/up", "imageBase64": CODED, "params": {"name": "张三"}}
    async with (
        connect(service.url, origin=ALLOWED) as page,
        connect(service.url, origin=ALLOWED) as same,
        connect(service.url, origin=OTHER) as other,
    ):
        answer = await page.ask("UploadHttpFile", **request, retry=True)
        assert (answer["result"], answer["status"], answer["queued"]) == (UploadRejected.code, 503, True)
        for told in (page, same):
            notice = await told.receive()
            assert notice == {
                "func": "Notify",
                "functionName": "Notify",
                "reqId": answer["reqId"],
                "result": 0,
                "success": 1,
                "event": "OnUploadFinished",
                "kind": "upload",
                "uploaded": True,
                "status": 200,
            }
        assert await other.silence("Notify") == []
    assert [one.id for one in receiver.arrived] == [receiver.arrived[0].id] * 2
    folder = service.root / ".gaopai"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert "张三" not in caplog.text


async def test_what_is_of_no_use_is_not_queued(service: Running, receiver: Receiver) -> None:
    receiver.answers.append((404, ""))
    async with connect(service.url, origin=ALLOWED) as page:
        request = {"imageBase64": CODED, "retry": True}
        answer = await page.ask("UploadHttpFile", url=receiver.origin, **request)
        assert (answer["result"], answer["queued"]) == (UploadRejected.code, False)
        answer = await page.ask("UploadHttpFile", url="http://127.0.0.1:1/", **request)
        assert (answer["result"], answer["queued"]) == (UploadNotAllowed.code, False)
        receiver.answers.append((500, ""))
        answer = await page.ask("UploadHttpFile", url=receiver.origin, imageBase64=CODED)
        assert "queued" not in answer


@pytest.mark.parametrize("config", [False], indirect=True)
async def test_without_the_switch_nothing_is_kept(service: Running, receiver: Receiver) -> None:
    receiver.answers.append((500, ""))
    async with connect(service.url, origin=ALLOWED) as page:
        answer = await page.ask("UploadHttpFile", url=receiver.origin, imageBase64=CODED, retry=True)
        assert (answer["result"], answer["queued"]) == (UploadRejected.code, False)
    assert not (service.root / ".gaopai").exists()
