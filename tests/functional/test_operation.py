"""The service as an administrator runs it: logs, reload and shutdown."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from server import config as configuration
from server import telemetry
from server.access.origins import BadOrigin
from server.config import Config, ConfigError
from server.errors import Cancelled, TooFast, UploadNotAllowed
from server.runtime.reload import Reloader, at_once
from server.telemetry.logs import JsonFormatter, LineFormatter, RequestLog
from tests.functional.page import CONNECTION, about_sockets, connect
from tests.patience import PATIENCE, PATIENCE_MS
from tests.security.test_s09_sizes import PIXEL
from tests.service import Service, configure, running

OA = "https://oa.example.cn"
NEW = "https://new.example.cn"
CONFIG = """
[access]
origins = ["{origin}"]
[limits]
requests_per_second = {rate}
[upload]
allow = ["{upload}"]
[log]
level = "{level}"
format = "json"
"""


def written(origin: str = OA, rate: int = 200, upload: str = OA, level: str = "INFO") -> str:
    """A configuration."""
    return CONFIG.format(origin=origin, rate=rate, upload=upload, level=level)


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("server.x", logging.INFO, "", 0, message, None, None)


def test_a_line_says_whose_request_it_belongs_to() -> None:
    assert " [-] " in LineFormatter().format(record("hello"))
    token = telemetry.served.set(telemetry.Served("12", RequestLog(3)))
    try:
        line = LineFormatter().format(record("one\ntwo"))
        parsed = json.loads(JsonFormatter().format(record("one\ntwo")))
    finally:
        telemetry.served.reset(token)
    assert line.endswith(r"INFO server.x [12.3] one\ntwo")
    assert (parsed["connection"], parsed["request"], parsed["message"]) == ("12", "3", r"one\ntwo")
    assert parsed["time"].endswith("+00:00")


def test_a_library_s_endless_line_is_cut() -> None:
    line = LineFormatter().format(record("x" * 1_000_000))
    assert len(line) < 5000
    assert line.endswith("(1000000 characters)")


@pytest.mark.parametrize(
    ("key", "now"),
    [
        ("access.origins", True),
        ("limits.connections", True),
        ("limits.picture_megapixels", False),
        ("upload.allow", True),
        ("upload.seconds", False),
        ("log.level", True),
        ("log.format", False),
        ("server.port", False),
        ("cameras", False),
    ],
)
def test_what_holds_at_once(key: str, now: bool) -> None:
    assert at_once(key) is now


async def test_a_configuration_is_applied_whole_or_not_at_all(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    applied: list[Config] = []
    outcomes: list[Config | Exception] = []

    def read() -> Config:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def apply(new: Config) -> None:
        if "bad" in new.access.origins:
            raise BadOrigin("'bad' is not of the form scheme://host[:port]")
        applied.append(new)

    reloader = Reloader(Config(), read, apply)
    bad = Config(access=configuration.AccessConfig(origins=("bad",)))
    port = Config(server=configuration.ServerConfig(port=9000), log=configuration.LogConfig(level="DEBUG"))
    outcomes += [ConfigError("x.toml: not valid"), bad, port, port, Config()]
    assert [await reloader.reload() for _ in range(5)] == [False, False, True, True, True]
    assert applied == [port, port, Config()]
    said = [line.getMessage() for line in caplog.records]
    assert said == [
        "the configuration stays as it was: x.toml: not valid",
        "the configuration stays as it was: 'bad' is not of the form scheme://host[:port]",
        "the configuration was read again; changed: log.level",
        "these keys hold after a restart only: server.port",
        "the configuration was read again; changed: nothing",
        "these keys hold after a restart only: server.port",
        "the configuration was read again; changed: log.level",
    ]


def reread(service: Service, config: str, lines: int) -> None:
    """Change the file, tell the service, and wait for so many lines about it."""
    configure(service.folder, config)
    service.hang_up()
    service.await_count("the configuration", lines)


@pytest.fixture
def service(tmp_path: Path) -> Any:
    with running(tmp_path, written()) as running_service:
        yield running_service


async def test_the_signal_of_the_demos_button_ends_no_service_without_it(tmp_path: Path) -> None:
    with running(tmp_path, written(), demo=False) as without:
        without.process.send_signal(signal.SIGUSR1)
        async with connect(without.url, OA) as page:
            await page.must("GetServiceInfo")


async def test_the_demo_says_how_its_button_is_pressed(tmp_path: Path) -> None:
    with running(tmp_path, written()) as demo:
        assert demo.process.stdout is not None
        assert f"kill -USR1 {demo.process.pid} " in await asyncio.to_thread(demo.process.stdout.readline)


@about_sockets(CONNECTION)
async def test_sighup_changes_what_holds_at_once_and_a_bad_file_nothing(service: Service) -> None:
    async with connect(service.url, OA) as page:
        await page.must("GetServiceInfo")
        refused = await page.ask("UploadHttpFile", url=NEW, imageBase64=PIXEL)
        assert refused["result"] == UploadNotAllowed.code
        with pytest.raises(aiohttp.WSServerHandshakeError):
            async with connect(service.url, NEW):
                pass

        await asyncio.to_thread(reread, service, written(origin=NEW) + "\nx = [", 1)
        await page.must("Heartbeat")

        changed = written(origin=NEW, rate=7, upload=NEW, level="DEBUG").replace("json", "text")
        await asyncio.to_thread(reread, service, changed, 2)
        async with asyncio.timeout(PATIENCE):
            ended = await page.socket.receive()
        assert (ended.type, ended.data) == (aiohttp.WSMsgType.CLOSE, 1008)
    async with connect(service.url, NEW) as page:
        limits = (await page.must("GetServiceInfo"))["limits"]
        assert limits["requestsPerSecond"] == 7
        allowed = await page.ask("UploadHttpFile", url="http://new.example.cn", imageBase64=PIXEL)
        assert allowed["result"] == UploadNotAllowed.code
        for _ in range(20):
            await page.send("Heartbeat")
        codes = {(await page.receive())["result"] for _ in range(20)}
        assert codes == {0, TooFast.code}
    last = json.loads(service.log.splitlines()[-1])
    assert {"time", "level", "logger", "connection", "request", "message"} <= set(last)
    named = [line for line in service.log.splitlines() if "after a restart only" in line]
    assert ["log.format" in line for line in named] == [True]


@about_sockets(CONNECTION)
async def test_sigterm_answers_what_is_in_work_and_ends_with_0(service: Service) -> None:
    async with connect(service.url, OA) as page:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0, resolutionNum=6)
        await page.must("GetCameraVideoBuff", devNum=0, enable=True)
        capture = await page.send("CameraCapture", devNum=0, imagePath="last.jpg")
        waiting = await page.send("ReadFingerInfo", timeout=PATIENCE_MS)
        service.process.terminate()
        assert (await page.answer(capture))["result"] == 0
        assert (await page.answer(waiting))["result"] == Cancelled.code
        async with asyncio.timeout(PATIENCE):
            while (ended := await page.socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        assert (ended.type, ended.data) == (aiohttp.WSMsgType.CLOSE, 1001)
    assert await asyncio.to_thread(service.process.wait, PATIENCE) == 0
    assert (service.folder / "pictures" / "last.jpg").exists()
    assert "closed Demo Document Camera" in service.log
    assert "Traceback" not in service.log


def test_the_limits_of_the_file_are_those_of_the_service() -> None:
    """Every key of [limits] is in the documentation's list of what holds at once, or an exception to it."""
    keys = {field.name for field in msgspec.structs.fields(configuration.LimitsConfig)}
    assert {key for key in keys if not at_once(f"limits.{key}")} == {"picture_megapixels"}
