"""What administrators see of sharing: its status, the doctor's line, the switch of the settings view."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import config as configuration
from server.cli.doctor import machine
from server.config import Config, ShareConfig
from tests.administrator import Administrator
from tests.patience import PATIENCE
from tests.service import REPOSITORY, Service, free_port, running

OFF = "nothing is shared at port"


def status(port: int, *words: str) -> tuple[int, str]:
    """Exit status and text of ``gaopai share status``."""
    command = [sys.executable, "-m", "server", "share", "status", "--share-port", str(port), *words]
    done = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def service(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("shared")
    with running(folder, f'[share]\nenabled = true\nport = {port}\nallow = ["127.0.0.1"]\n') as made:
        yield made


def test_the_status_lists_devices_and_how_to_reach_them(service: Service, port: int) -> None:
    code, said = status(port, "--config", str(service.folder / "config.toml"))
    assert code == 0
    assert "/eSCL  Demo Document Camera\n" in said
    assert f'"gaopai" = http://127.0.0.1:{port}/eSCL, eSCL' in said
    assert "may scan: programs of this account, 127.0.0.1" in said


def test_the_status_says_how_to_share_where_nothing_is() -> None:
    assert status(other := free_port()) == (
        1,
        f"{OFF} {other}: [share] enabled = true, or gaopai serve --share\n",
    )


def test_the_doctor_looks_at_the_port_where_sharing_is_on(service: Service, port: int) -> None:
    config = configuration.replace(Config(), share=ShareConfig(enabled=True, port=port))
    *_, taken = machine.ports(config)
    assert (taken.name, taken.ok) == ("sharing", False) and str(port) in taken.reason.en
    free = configuration.replace(config, share=ShareConfig(enabled=True, port=free_port()))
    assert [check.ok for check in machine.ports(free) if check.name == "sharing"] == [True]
    assert not [check for check in machine.ports(Config()) if check.name == "sharing"]


def test_the_settings_view_has_the_switch_and_the_address(service: Service, port: int) -> None:
    administrator = Administrator(service)
    (shared,) = [each for each in administrator.must("about")["dialects"] if "eSCL" in each["name"]]
    assert shared["enabled"] and shared["name"] == f"eSCL http://127.0.0.1:{port}/eSCL"
    draft = administrator.must("draft", changes=[{"table": "share", "key": "enabled", "value": False}])
    assert "+enabled = false" in [line["text"] if isinstance(line, dict) else line for line in draft["diff"]]
    assert draft["later"] == ["share.enabled"], "it says that it holds from the next start"
    administrator.must("save", text=draft["text"], stamp=draft["stamp"])
    assert "enabled = false" in Path(service.folder / "config.toml").read_text()
