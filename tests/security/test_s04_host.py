"""S4: a request must name this computer, on every path, so that a name bent to it gets nothing."""

from __future__ import annotations

import pytest

from server import config as configuration
from server.config import Config
from tests.functional.conftest import ALLOWED, Running
from tests.security.knocking import UPGRADE, status_of

HOSTS = [
    "attacker.test",
    "attacker.test:8082",
    "0.0.0.0",
    "0.0.0.0:8082",
    "0",
    "127.0.0.2",
    "127.1",
    "2130706433",
    "0x7f000001",
    "[::]",
    "[::ffff:127.0.0.1]",
    "localhost.",
    "localhost.attacker.test",
    "127.0.0.1.nip.io",
    "127.0.0.1@attacker.test",
    "attacker.test#127.0.0.1",
    "localhost, attacker.test",
    "xn--localhost",
    "",
]
PATHS = ["/", "/health", "/gaopai.js", "/stream/0.mjpg", "/nothing"]
UPGRADES = [f"{name}: {value}" for name, value in UPGRADE.items()]


@pytest.fixture
def config(config: Config) -> Config:
    """With one more name."""
    return configuration.replace(
        config, access=configuration.replace(config.access, hosts=("counter.example.cn",))
    )


@pytest.mark.parametrize("path", PATHS)
async def test_another_name_is_refused_on_every_path(service: Running, path: str) -> None:
    for host in HOSTS:
        assert await status_of(service, [f"GET {path} HTTP/1.1", f"Host: {host}"]) == 421, host


async def test_a_bent_name_opens_no_socket(service: Running) -> None:
    lines = ["GET / HTTP/1.1", "Host: attacker.test", "Origin: http://attacker.test", *UPGRADES]
    assert await status_of(service, lines) == 421
    assert await status_of(service, [*lines[:2], f"Origin: {ALLOWED}", *UPGRADES]) == 421


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        ["127.0.0.1", "127.0.0.1"],
        ["127.0.0.1", "attacker.test"],
        ["attacker.test", "127.0.0.1"],
    ],
)
async def test_one_name_and_no_more(service: Running, hosts: list[str]) -> None:
    lines = ["GET /health HTTP/1.1", *(f"Host: {host}" for host in hosts)]
    assert await status_of(service, lines) in (400, 421)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "LOCALHOST:8082", "[::1]", "counter.example.cn", "Counter.example.cn:1"]
)
async def test_own_and_configured_names_are_served(service: Running, host: str) -> None:
    assert await status_of(service, ["GET /health HTTP/1.1", f"Host: {host}"]) == 200
