"""Uploads over a real WebSocket to real servers."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server import config as configuration
from server.config import Config
from server.errors import (
    Cancelled,
    FileMissing,
    MissingParameter,
    PathOutside,
    PictureUnreadable,
    UploadBroken,
    UploadNotAllowed,
    UploadRejected,
    UploadTimeout,
    UploadTooLarge,
)
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect
from tests.functional.receiver import Hostile, Receiver, Script, misbehaving, read_request, receiving, reset
from tests.patience import PATIENCE

JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
CODED = base64.b64encode(JPEG).decode()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as server:
        yield server


@pytest.fixture
async def hostile() -> AsyncIterator[Hostile]:
    async with misbehaving() as server:
        yield server


@pytest.fixture
def seconds(request: pytest.FixtureRequest) -> int:
    """What an upload may take: short where the test is about that, and longer where it is to begin well."""
    asked = getattr(request.node, "callspec", None)
    if asked is None or asked.params.get("code") != UploadTimeout.code:
        return int(PATIENCE)
    return 1 if asked.params["status"] is None else 3


@pytest.fixture
def config(tmp_path: Path, receiver: Receiver, hostile: Hostile, seconds: int) -> Config:
    allow = (receiver.origin, hostile.origin)
    return Config(
        access=configuration.AccessConfig(origins=(ALLOWED,)),
        storage=configuration.StorageConfig(root=str(tmp_path / "pictures")),
        limits=configuration.LimitsConfig(message_mib=4),
        upload=configuration.UploadConfig(allow=allow, seconds=seconds, megabytes=8),
        server=configuration.ServerConfig(language="en"),
    )


def put(service: Running, name: str, data: bytes) -> str:
    """A file in the storage folder; its path."""
    path = service.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


# What arrives --------------------------------------------------------------------------


async def test_fields_and_files_arrive_as_they_are_and_in_order(service: Running, receiver: Receiver) -> None:
    big = os.urandom(3 * 1024 * 1024 + 17)
    put(service, "甲/一 号.jpg", JPEG)
    paths = ["甲/一 号.jpg", put(service, "big.pdf", big), put(service, "empty.png", b"")]
    receiver.answers.append((201, '{"编号":7}'))
    async with connect(service.url, origin=ALLOWED) as page:
        answer = await page.must(
            "UploadHttpFile",
            url=f"{receiver.origin}/up?token=a%2Bb",
            imageBase64="",
            imagePath=";".join(paths),
            params={"姓名": "张\r\n三", "number": 1111, "ratio": 0.5, "empty": "", 'q"\r\n': ["x", 2]},
        )
    assert (answer["status"], answer["response"]) == (201, '{"编号":7}')
    (upload,) = receiver.arrived
    assert upload.query == "token=a%2Bb"
    assert [tuple(one) for one in upload.fields] == [
        ("姓名", None, None, "张\r\n三".encode()),
        ("number", None, None, b"1111"),
        ("ratio", None, None, b"0.5"),
        ("empty", None, None, b""),
        ("q%22%0D%0A", None, None, b"x"),
        ("q%22%0D%0A", None, None, b"2"),
        ("file", "一 号.jpg", "image/jpeg", JPEG),
        ("file", "big.pdf", "application/pdf", big),
        ("file", "empty.png", "image/png", b""),
    ]
    assert upload.headers["User-Agent"].startswith("gaopai/")
    assert upload.headers["X-Gaopai-Upload-Id"] == upload.id
    assert int(upload.headers["Content-Length"]) > len(big)
    assert "Transfer-Encoding" not in upload.headers
    assert not {"Cookie", "Origin", "Referer", "Authorization"} & set(upload.headers)
    assert (service.root / "big.pdf").read_bytes() == big


async def test_a_picture_in_the_message_counts_more_than_paths(service: Running, receiver: Receiver) -> None:
    path = put(service, "other.png", b"other")
    async with connect(service.url) as page:
        await page.must("UploadHttpFile", url=f"{receiver.origin}/", imageBase64=CODED, imagePath=path)
        data_url = f"data:image/png;base64,{CODED}"
        await page.must("UploadHttpFile", url=receiver.origin, imageBase64=data_url)
    assert [upload.fields for upload in receiver.arrived] == [[("file", "image.jpg", "image/jpeg", JPEG)]] * 2
    assert len({upload.id for upload in receiver.arrived}) == 2


async def test_what_cannot_be_sent_is_not_begun(service: Running, receiver: Receiver) -> None:
    good = put(service, "a.jpg", JPEG)
    outside = service.root.parent / "outside.jpg"
    outside.write_bytes(JPEG)
    (service.root / "link.jpg").symlink_to(outside)
    put(service, "huge.jpg", bytes(9 * 1024 * 1024))
    put(service, ".gaopai/uploads.db", b"")
    cases = [
        ({}, MissingParameter.code),
        ({"imageBase64": "???"}, PictureUnreadable.code),
        ({"imageBase64": base64.b64encode(b"MZ no picture").decode()}, PictureUnreadable.code),
        ({"imagePath": f"{good};missing.jpg"}, FileMissing.code),
        ({"imagePath": "../outside.jpg"}, PathOutside.code),
        ({"imagePath": "/etc/hostname"}, FileMissing.code),
        ({"imagePath": "link.jpg"}, PathOutside.code),
        ({"imagePath": ".gaopai/uploads.db"}, 4007),
        ({"imagePath": "huge.jpg"}, UploadTooLarge.code),
        ({"imagePath": [good] * 1001}, UploadTooLarge.code),
    ]
    async with connect(service.url) as page:
        for parameters, code in cases:
            answer = await page.ask("UploadHttpFile", url=receiver.origin, **parameters)
            assert (answer["result"], "status" in answer) == (code, False), (parameters, answer)
    assert receiver.arrived == []


async def test_a_page_reaches_its_own_origin_or_what_is_listed(service: Running, receiver: Receiver) -> None:
    other = "http://127.0.0.1:1/up"
    async with connect(service.url, origin=ALLOWED) as page:
        for url in (other, "http://169.254.169.254/", "file:///etc/passwd", f"{receiver.origin}\\@evil/"):
            answer = await page.ask("UploadHttpFile", url=url, imageBase64=CODED)
            assert answer["result"] == UploadNotAllowed.code, answer
    async with connect(service.url, origin=service.http) as demo_page:
        answer = await demo_page.ask("UploadHttpFile", url=other, imageBase64=CODED)
        assert answer["result"] == UploadNotAllowed.code
        # Its own origin it may; there nobody takes a POST.
        answer = await demo_page.ask("UploadHttpFile", url=f"{service.http}/up", imageBase64=CODED)
        assert (answer["result"], answer["status"]) == (UploadRejected.code, 405)


@pytest.mark.parametrize("status", [400, 401, 404, 413, 500, 503])
async def test_what_is_not_2xx_is_an_error_with_the_servers_words(
    service: Running, receiver: Receiver, status: int
) -> None:
    receiver.answers.append((status, "没有权限"))
    path = put(service, "a.jpg", JPEG)
    async with connect(service.url) as page:
        answer = await page.ask("UploadHttpFile", url=receiver.origin, imagePath=path)
        assert (answer["result"], answer["status"], answer["response"]) == (
            UploadRejected.code,
            status,
            "没有权限",
        )
        assert "queued" not in answer
        assert (await page.must("UploadHttpFile", url=receiver.origin, imagePath=path))["status"] == 200
    assert Path(path).read_bytes() == JPEG


async def test_proxies_of_the_environment_are_not_used(
    service: Running, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with connect(service.url) as page:
        await page.must("UploadHttpFile", url=receiver.origin, imageBase64=CODED)


# Servers that do not behave ------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\n"


def says(*pieces: bytes, read: bool = True) -> Script:
    """Reads the request, sends the pieces, closes."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if read:
            await read_request(reader)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()

    return script


def endless(first: bytes, then: bytes, pause: float = 0.0) -> Script:
    """Sends `first`, then `then` for ever."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(first)
        while True:
            writer.write(then)
            await writer.drain()
            await asyncio.sleep(pause)

    return script


async def never_reads(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.pause_reading()
    await asyncio.sleep(2)  # longer than the upload may take; who reads nothing sees no end of it either
    writer.transport.resume_reading()


async def resets_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    reset(writer)


async def resets_in_its_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(HEAD + b"Content-Length: 100\r\n\r\nbegun")
    await writer.drain()
    await asyncio.sleep(0.1)
    reset(writer)


@pytest.mark.parametrize(
    ("script", "code", "status", "response"),
    [
        (endless(b"", b"", 0.1), UploadTimeout.code, None, None),
        (endless(HEAD, b"X-More: 1\r\n", 0.05), UploadTimeout.code, None, None),
        (endless(HEAD, b"X-More: 1\r\n"), UploadBroken.code, None, None),
        (endless(HEAD + b"X-Long: ", b"x" * 65536), UploadBroken.code, None, None),
        (
            endless(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01),
            UploadTimeout.code,
            None,
            None,
        ),
        (endless(HEAD + b"Content-Length: 9\r\n\r\nbeg", b"", 0.1), UploadTimeout.code, 200, "beg"),
        (endless(HEAD + b"Content-Length: 99\r\n\r\n", b".", 0.4), UploadTimeout.code, 200, None),
        (says(HEAD + b"Content-Length: 100\r\n\r\nshort"), UploadBroken.code, 200, "short"),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n"), UploadBroken.code, None, None),
        (says(os.urandom(4096)), UploadBroken.code, None, None),
        (says(b"HTTP/1.1 99999 What\r\n\r\n"), UploadBroken.code, None, None),
        (says(HEAD + b"Content-Length: x\r\n\r\n"), UploadBroken.code, None, None),
        (says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx"), UploadBroken.code, None, None),
        (says(HEAD + b"Content-Length: 2\r\n\r\nok and much more"), UploadBroken.code, None, None),
        (says(), UploadBroken.code, None, None),
        (says(read=False), UploadBroken.code, None, None),
        (resets_at_once, UploadBroken.code, None, None),
        (resets_in_its_answer, UploadBroken.code, 200, "begun"),
        (never_reads, UploadTimeout.code, None, None),
    ],
)
async def test_a_server_that_misbehaves_ends_in_a_clear_error(
    service: Running, hostile: Hostile, script: Script, code: int, status: int | None, response: str | None
) -> None:
    hostile.script = script
    path = put(service, "a.jpg", JPEG + bytes(7 * 1024 * 1024))
    async with connect(service.url) as page:
        answer = await page.ask("UploadHttpFile", url=f"{hostile.origin}/up", imagePath=path)
        assert (answer["result"], answer.get("status")) == (code, status), answer
        if response is not None:
            assert answer["response"] == response
        assert (await page.must("Heartbeat"))["result"] == 0
    async with asyncio.timeout(PATIENCE):
        await hostile.gone.wait()
    assert hostile.connections == 1


@pytest.mark.parametrize(
    ("script", "response"),
    [
        (says(HEAD + b"\r\nuntil the end"), "until the end"),
        (says(HEAD + b"Content-Length: 4\r\n\r\n\xff\xfe\x00a"), "\ufffd\ufffd\0a"),
        (says(HEAD + b"Content-Length: 5\r\n\r\n\xef\xbb\xbfok"), "ok"),
        (endless(HEAD + b"\r\n", b"x" * 65536), "x" * 16_000),
        (says(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"), "ok"),
        (says(b"HTTP/1.1 204 No Content\r\n\r\n"), ""),
        (says(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"), "ok"),
        (says(b"HTTP/1.1 103 Early Hints\r\n\r\n" + HEAD + b"Content-Length: 2\r\n\r\nok"), "ok"),
    ],
)
async def test_odd_answers_that_are_answers(
    service: Running, hostile: Hostile, script: Script, response: str
) -> None:
    hostile.script = script
    async with connect(service.url) as page:
        answer = await page.must("UploadHttpFile", url=hostile.origin, imageBase64=CODED)
    assert answer["response"] == response


# Giving up -----------------------------------------------------------------------------


async def stalls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes everything and says nothing."""
    while await reader.read(65536):
        pass


async def test_a_stop_hangs_up_at_once_and_leaves_nothing_open(
    service: Running, hostile: Hostile, config: Config
) -> None:
    hostile.script = stalls
    path = put(service, "a.jpg", bytes(7 * 1024 * 1024))
    async with connect(service.url) as page:
        number = await page.send("UploadHttpFile", url=hostile.origin, imagePath=path, retry=True)
        await hostile.begun.wait()
        await page.send("CancelScan")
        answer = await page.answer(number)
        assert answer["result"] == Cancelled.code
    async with asyncio.timeout(PATIENCE):
        await hostile.gone.wait()
    assert path not in _open_files()


async def test_a_page_that_leaves_hangs_up(service: Running, hostile: Hostile) -> None:
    hostile.script = stalls
    async with connect(service.url) as page:
        await page.send("UploadHttpFile", url=hostile.origin, imageBase64=CODED)
        await hostile.begun.wait()
    async with asyncio.timeout(PATIENCE):
        await hostile.gone.wait()


def _open_files() -> set[str]:
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(str(descriptor.readlink()))
    return found


# What is told --------------------------------------------------------------------------


async def test_nothing_personal_reaches_the_log(
    service: Running, receiver: Receiver, hostile: Hostile, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    canary = "11010119900307721X"
    path = put(service, f"{canary}.jpg", JPEG + canary.encode())
    coded = base64.b64encode(JPEG + canary.encode()).decode()
    receiver.answers.extend([(200, canary), (500, canary), (302, f"http://{canary}/")])
    urls = [*[f"{receiver.origin}/{canary}?id={canary}"] * 3, f"{hostile.origin}/{canary}"]
    urls += [f"http://127.0.0.1:9/{canary}?{canary}", f"http://{canary}@oa.example.cn/", f"http://[{canary}"]
    hostile.script = says(HEAD + f"Content-Length: 100\r\nX-A: {canary}\r\n\r\n{canary}".encode())
    async with connect(service.url) as page:
        for url in urls:
            for files in ({"imagePath": path}, {"imageBase64": coded}, {"imagePath": f"gone-{canary}.jpg"}):
                await page.ask("UploadHttpFile", url=url, params={canary: canary}, **files)
    # The test's own servers log what they are asked for.
    ours = [record for record in caplog.records if record.name != "aiohttp.access"]
    told = [logging.Formatter().format(record) for record in ours]
    assert any("uploaded to 127.0.0.1" in line for line in told)
    assert any("refused an upload to 127.0.0.1" in line for line in told)
    assert [line for line in told if canary in line or coded[:40] in line] == []
