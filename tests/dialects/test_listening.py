"""Dialects beside the service: switched on by name, recorded, and without cost where they are not."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from server import config as configuration
from server.app import create_app
from server.cli.serve import add_arguments, read_config
from server.config import Config
from server.config.dialects import DIALECTS, ports_of
from server.equipment import Finders
from tests.dialects.conftest import Ports
from tests.dialects.pages import http_page, socket_page
from tests.functional.conftest import ALLOWED, Running
from tests.patience import PATIENCE
from tests.service import free_port, running


@pytest.mark.long
def test_a_service_without_dialects_imports_none() -> None:
    program = (
        "import sys; from server.app import create_app; from server.cli import serve; "
        "print([name for name in sys.modules if name.startswith('server.dialects')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert done.stdout.strip() == "[]"


def arguments(*words: str):  # type: ignore[no-untyped-def]
    import argparse

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_the_command_line_names_dialects() -> None:
    config = read_config(arguments("--dialect", "eloam", "--dialect", "zkteco"))
    assert [name for name in DIALECTS if getattr(config.dialects, name).enabled] == ["eloam", "zkteco"]
    assert ports_of(config.dialects.eloam) == (38088, 6543)
    with pytest.raises(SystemExit):
        arguments("--dialect", "nothing")


@pytest.mark.long
def test_demo_devices_serve_them(tmp_path: Path) -> None:
    port = free_port()
    settings = f'[access]\norigins = ["{ALLOWED}"]\n[dialects.eloam]\nport = {port}\n'
    with running(tmp_path, settings, "--dialect", "eloam") as service:
        service.await_log("dialect eloam listens on ::1")

        async def ask() -> None:
            async with http_page(f"http://localhost:{port}") as page:
                assert int((await page.post("/device=isconnect"))["data"]) > 1
                picture = await page.first_picture("/video=stream&camidx=0")
                assert picture.startswith(b"\xff\xd8\xff")

        asyncio.run(ask())
        assert "dialect eloam listens on 127.0.0.1" in service.log


class TestTakenPort:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        self.other = socket.create_server(("127.0.0.1", 0))
        ports = (self.other.getsockname()[1], free_port())
        self.free = ports[1]
        eloam = configuration.replace(config.dialects.eloam, port=ports)
        return configuration.replace(config, dialects=configuration.replace(config.dialects, eloam=eloam))

    async def test_it_costs_that_port_alone(self, service: Running, caplog: pytest.LogCaptureFixture) -> None:
        async with http_page(f"http://127.0.0.1:{self.free}") as page:
            assert (await page.post("/device=isconnect"))["data"] == "1"
        self.other.close()


class TestAudit:
    @pytest.fixture
    def config(self, config: Config, tmp_path: Path) -> Config:
        audit = configuration.AuditConfig(enabled=True, folder=str(tmp_path / "audit"))
        return configuration.replace(config, audit=audit)

    async def test_the_trail_has_commands_and_devices_and_no_content(
        self, service: Running, ports: Ports, tmp_path: Path
    ) -> None:
        async with http_page(ports.http("eloam")) as page:
            await page.post("/card=idcard")
            await page.post("/video=grabimage", {"filepath": "D:/secret-name.jpg"})
            async with page.image("/video=stream&camidx=0") as image:
                await image.next()
        async with socket_page(ports.ws("doccamera")) as page:
            await page.send_str("ReadCard(1001,D:\\secret-name)")
            await page.send_str("secret-name(1)")
            assert (await page.receive()).data.startswith("BeginReadCard")
        async with http_page(ports.http("zkteco")) as page, page.request("GET", "/ZKIDROnline/info"):
            pass
        await service.stop()
        text = "".join(path.read_text() for path in sorted((tmp_path / "audit").iterdir()) if path.is_file())
        lines = [json.loads(line) for line in text.splitlines()]
        functions = [line["func"] for line in lines if line["event"] == "request"]
        assert functions == [
            *("eloam card=idcard", "eloam video=grabimage", "doccamera ReadCard", "zkteco info")
        ]
        assert {line["origin"] for line in lines if "origin" in line} == {ALLOWED}
        assert {line["event"] for line in lines} >= {"stream", "connect", "disconnect"}
        assert "secret-name" not in text
        assert "王小明" not in text


async def test_a_bad_origin_of_a_dialect_ends_the_start(config: Config) -> None:
    eloam = configuration.replace(config.dialects.eloam, origins=("nonsense",))
    bad = configuration.replace(config, dialects=configuration.replace(config.dialects, eloam=eloam))
    with pytest.raises(ValueError, match="nonsense"):
        await asyncio.to_thread(create_app, bad, Finders([], [], [], []))
