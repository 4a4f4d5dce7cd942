"""S1: the service listens on loopback only, and refuses to start where others could reach it unguarded."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import pytest

from server import config as configuration
from server.access import listeners
from server.access.listeners import ListenAddress, addresses, has_v6
from server.config import Config, ConfigError
from tests.patience import PATIENCE
from tests.service import REPOSITORY, running

NOT_LOOPBACK = ["0.0.0.0", "::", "192.168.1.5", "counter.local", "127.0.0.1.example.cn", "", "169.254.1.1"]
GUARDED = """
[server]
host = "0.0.0.0"
allow_remote = true
tls = true
certificate = "c.pem"
key = "k.pem"
[access]
token_file = "token"
"""


@pytest.mark.parametrize("host", NOT_LOOPBACK)
def test_another_address_is_refused(host: str) -> None:
    with pytest.raises(ConfigError, match="loopback"):
        addresses(Config(server=configuration.ServerConfig(host=host)))


@pytest.mark.parametrize("lacking", ["allow_remote", "tls", "certificate", "key", "token_file"])
def test_each_guard_that_lacks_is_named(lacking: str) -> None:
    text = "".join(line for line in GUARDED.splitlines(True) if not line.startswith(f"{lacking} ="))
    with pytest.raises(ConfigError, match=lacking):
        addresses(configuration.parse(text))


def test_with_all_guards_only_what_is_encrypted_can_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "has_v6", lambda: True)
    assert addresses(configuration.parse(GUARDED)) == [
        ListenAddress("127.0.0.1", 8082),
        ListenAddress("::1", 8082),
        ListenAddress("0.0.0.0", 8083, tls=True),
    ]


def test_the_process_ends_with_a_reason(tmp_path: Path) -> None:
    settings = tmp_path / "gaopai.toml"
    settings.write_text("[server]\nhost = '0.0.0.0'\n", encoding="utf-8")
    command = [sys.executable, "-m", "server", "serve", "--demo", "--config", str(settings)]
    ended = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 2
    assert "'0.0.0.0' is not a loopback address" in ended.stderr
    assert ended.stdout == ""


def test_the_kernel_knows_of_loopback_sockets_only(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        assert listening_at(service.port) == {"0100007F"} | ({"0" * 24 + "01000000"} if has_v6() else set())


def listening_at(port: int) -> set[str]:
    """The addresses of sockets that listen on a port, as the kernel's tables write them."""
    tables = [Path(f"/proc/net/{name}") for name in ("tcp", "tcp6")]
    text = "".join(table.read_text(encoding="ascii") for table in tables if table.exists())
    return set(re.findall(rf": ([0-9A-F]+):{port:04X} [0-9A-F]+:0000 0A ", text))


def test_the_two_ports_of_an_encrypting_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "has_v6", lambda: False)
    server = configuration.ServerConfig(tls=True, port=1, tls_port=2)
    assert [str(each) for each in addresses(Config(server=server))] == [
        "http://127.0.0.1:1/",
        "https://127.0.0.1:2/",
    ]
    assert dataclasses.astuple(addresses(Config(server=server))[1]) == ("127.0.0.1", 2, True, False)
