"""S17: what is read from cards and fingers, and pictures, are in no log, error, metric, trail or core.

`nothing_personal_is_logged` in ``tests/conftest.py`` listens through the whole suite;
``tests/functional/test_privacy.py`` plants canaries in every way a reading can go.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import aiohttp
import msgspec
import pytest

from models.locate import OWN
from server import config as configuration
from server.config import Config
from server.telemetry.logs import JsonFormatter, LineFormatter, PlainFormatter
from tests.fakes.canaries import Listener, personal
from tests.fakes.card_reader import BANK, RESIDENT, SOCIAL
from tests.functional.conftest import Running
from tests.functional.page import connect
from tests.functional.test_privacy import (
    CARDS,
    NAME,
    NUMBER,
    birds_in,
    press_and_fail,
    read_and_fail,
    written,
)
from tests.patience import PATIENCE
from tests.service import REPOSITORY, Service


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    """Everything that tells is switched on."""
    audit = configuration.AuditConfig(enabled=True, folder=str(tmp_path / "audit"))
    return msgspec.structs.replace(config, audit=audit, metrics=configuration.MetricsConfig(enabled=True))


async def test_the_audit_trail_and_the_metrics_hold_none_of_it(service: Running, tmp_path: Path) -> None:
    service.reader.cards.update(CARDS)
    async with connect(service.url) as page, aiohttp.ClientSession() as http:
        await read_and_fail(page, service)
        await press_and_fail(page, service)
        # What a page itself puts into a request, in places where nobody expects it.
        for words in (
            {"func": NUMBER},
            {"func": "Heartbeat", "reqId": NUMBER},
            {"func": NAME, "reqId": NAME},
        ):
            await page.socket.send_str(json.dumps(words))
            await page.receive()
        async with http.get(f"{service.http}/metrics") as answer:
            metrics = await answer.read()
    await service.stop()
    trail = written(tmp_path / "audit")
    assert b"ReadIDCardInfo" in metrics
    assert b"ReadIDCardInfo" in trail
    assert birds_in(metrics) == birds_in(trail) == []


@pytest.mark.long
async def test_a_process_s_log_and_temporary_files_hold_none_of_it(process: Service) -> None:
    """Demo readers and cameras, as a user starts them."""
    async with connect(process.url) as page:
        read = [await page.must("ReadIDCardInfo", idType=kind) for kind in (0, 1, 2)]
        await page.must("ReadFingerInfo", presses=1)
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0, resolutionNum=6)
        picture = (await page.must("CameraCaptureBase64"))["imageBase64Str"]
        await page.must("CameraCapture", imagePath="kept.jpg")
        await page.ask("RecogBarCode", imageBase64=picture[:-8])
        await page.ask("FingerMatch", fingerImageBase64=picture[:-8])
        await page.must("CloseCamera")
    told = json.dumps(read, ensure_ascii=False)
    assert personal(told) != [], "there was something to hide"
    process.await_log("closed Demo Document Camera")
    assert personal(process.log) == []
    assert picture[1000:1100] not in process.log
    assert [path for path in (process.folder / "scratch").rglob("*") if path.is_file()] == []


def test_a_crash_writes_no_memory_to_the_disk(process: Service) -> None:
    (cores,) = (line for line in process.limits().splitlines() if line.startswith("Max core file size"))
    assert cores.split()[4:6] == ["0", "0"]


@pytest.mark.parametrize("package", ["server", "models"])
def test_no_library_tells_its_maker_of_us(package: str, tmp_path: Path) -> None:
    """ONNX Runtime would, by default: its traces are a session file and a number of this computer."""
    pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    # A net of the project's own, loaded by whoever comes first.
    net = OWN / "document_segmentation.onnx"
    code = f"import {package}, onnxruntime; onnxruntime.InferenceSession({str(net)!r})"
    folders = {"TMPDIR": tmp_path / "tmp", "HOME": tmp_path / "home", "XDG_CACHE_HOME": tmp_path / "home"}
    for folder in set(folders.values()):
        folder.mkdir()
    environment = {**os.environ, **{name: str(path) for name, path in folders.items()}}
    environment["ORT_DISABLE_TELEMETRY"] = "0"
    loaded = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=REPOSITORY, check=False, timeout=PATIENCE
    )
    assert loaded.returncode == 0
    assert list(tmp_path.rglob("*/*")) == []


@pytest.mark.parametrize("formatter", [LineFormatter(), JsonFormatter()])
def test_of_an_exception_its_kind_and_place_are_logged(formatter: PlainFormatter) -> None:
    try:
        raise ValueError(NAME + NUMBER)
    except ValueError:
        raised = sys.exc_info()
    record = logging.LogRecord("server", logging.ERROR, __file__, 1, "it failed", None, raised)
    line = formatter.format(record)
    assert birds_in(line.encode()) == []
    assert "ValueError" in line
    assert "test_s17_privacy.py" in line


@pytest.mark.parametrize("formatter", [LineFormatter(), JsonFormatter()])
def test_of_a_group_of_exceptions_each_is_logged(formatter: PlainFormatter) -> None:
    record = logging.LogRecord("server", logging.ERROR, "file", 1, "it failed", (), None)
    try:
        try:
            int("张伟敏")
        except ValueError as exc:
            raise ExceptionGroup("张伟敏", [exc]) from None
    except ExceptionGroup as group:
        record.exc_info = (type(group), group, group.__traceback__)
    line = formatter.format(record)
    assert "ExceptionGroup" in line
    assert "ValueError" in line
    assert "int(" in line
    assert "invalid literal" not in line


def test_what_is_personal_is_recognised() -> None:
    listener = Listener()
    for said in (
        RESIDENT.name,
        SOCIAL.number,
        BANK.number,
        "440301199901019999",
        base64.b64encode(bytes(200)).decode(),
    ):
        listener.emit(logging.LogRecord("x", logging.INFO, "", 0, f"read {said}", None, None))
    assert len(listener.heard) >= 5
    assert personal("opened Fake at 640x480; incident 1f2e3d4c in 0.123456789012345678 s") == []
    assert personal("525102ca6d35e0ce71055140b178b7464de0cc5de1354938c5864adeb3d6cbb6") == []
