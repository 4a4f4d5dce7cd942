"""S30: own pages are those that this service serves; at no address of theirs can another account answer."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from server.access import listeners
from server.access import origins as origins_module
from server.access.listeners import ListenAddress, addresses, has_v6, listen
from server.access.origins import OwnOrigins
from server.config import Config, MetricsConfig, ServerConfig, replace
from tests.functional.conftest import Running
from tests.patience import PATIENCE
from tests.security.knocking import UPGRADE, knock
from tests.security.test_s05_prompt import desktop
from tests.service import free_port, running

NOBODY = 65534
SQUATTER = """
import socket, sys
host, port, shared = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "shared"
line = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT) if shared else ():
    line.setsockopt(socket.SOL_SOCKET, option, 1)
if ":" in host:
    line.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
try:
    line.bind((host, port))
    line.listen()
except OSError as exc:
    print(exc.errno, flush=True)
else:
    print("listens", flush=True)
    sys.stdin.read()
"""
needs_v6 = pytest.mark.skipif(not has_v6(), reason="this machine has no ::1")
EVERY_OWN = {
    f"{scheme}://{host}:{port}"
    for scheme, port in (("http", 1000), ("https", 1001))
    for host in ("127.0.0.1", "[::1]", "localhost")
}


@contextmanager
def squatter(host: str, port: int, shared: bool = False) -> Iterator[str]:
    """Run a program of another account, if possible, that tries to listen; yields what came of it."""
    python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
    other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    words = [*(other if os.geteuid() == 0 and shutil.which("setpriv") else []), python, "-c", SQUATTER]
    with subprocess.Popen(
        [*words, host, str(port), "shared" if shared else "alone"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@needs_v6
def test_both_addresses_of_localhost_are_taken_from_all_others(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        for host in ("127.0.0.1", "::1", "0.0.0.0", "::"):
            for shared in (False, True):
                with squatter(host, service.port, shared) as outcome:
                    assert outcome != "listens", host
        # Another loopback address is another origin.
        with squatter("127.0.0.2", service.port) as outcome:
            assert outcome == "listens"
            assert asyncio.run(_status(service.port, "http://127.0.0.2")) == 403
        assert asyncio.run(_status(service.port, "http://localhost")) == 101


def test_a_socket_is_shared_with_nobody() -> None:
    with listen("127.0.0.1", 0) as socket_of_ours:
        assert socket_of_ours.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) == 0


@needs_v6
def test_where_another_account_answers_at_localhost_its_page_is_a_stranger(tmp_path: Path) -> None:
    port = free_port()
    with squatter("::1", port) as outcome:
        assert outcome == "listens"
        with running(tmp_path, port=port) as service:
            for host in ("localhost", "[::1]"):
                assert asyncio.run(_status(port, f"http://{host}")) == 403
                assert asyncio.run(_status(port, f"http://{host}", path="/stream/0.mjpg")) == 403
            assert asyncio.run(_status(port, "http://127.0.0.1")) == 101
            warning = service.await_log("localhost is not taken for this service's own page")
            if os.geteuid() == 0:
                assert "python3 (process " in warning


@needs_v6
def test_nobody_is_asked_about_a_page_that_may_pass_for_the_service_s_own(tmp_path: Path) -> None:
    port = free_port()
    with (
        squatter("::1", port),
        running(tmp_path, port=port, desktop=desktop(tmp_path, "exit 0")),
    ):
        assert asyncio.run(_status(port, "http://localhost")) == 403
        assert not (tmp_path / "asked").exists()
        assert asyncio.run(_status(port, "http://other.localhost")) == 101
        assert (tmp_path / "asked").exists()


def test_no_token_is_in_an_address_that_is_shown(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("correct-horse-battery-staple_0123456789")
    token.chmod(0o600)
    with running(tmp_path, f"[access]\ntoken_file = '{token}'\n") as service:
        service.process.terminate()
        assert service.process.stdout is not None
        assert "horse" not in service.process.stdout.read()


@pytest.mark.long
def test_a_port_that_another_account_has_is_told_with_its_name(tmp_path: Path) -> None:
    port = free_port()
    with squatter("127.0.0.1", port) as outcome:
        assert outcome == "listens"
        words = [
            sys.executable,
            "-m",
            "server",
            "serve",
            "--demo",
            "--port",
            str(port),
            "--root",
            str(tmp_path),
        ]
        ended = subprocess.run(
            words,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            cwd=Path(__file__).parents[2],
        )
    assert ended.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in ended.stderr
    assert "python3 (process " in ended.stderr or "a program of " in ended.stderr
    assert ended.stdout == ""


async def _status(port: int, host: str, path: str = "/") -> int:
    """What a page of a host on the service's port is answered by the service itself."""
    async with aiohttp.ClientSession() as http:
        headers = {**(UPGRADE if path == "/" else {}), "Origin": f"{host}:{port}"}
        async with http.get(f"http://127.0.0.1:{port}{path}", headers=headers) as response:
            return response.status


# Origins of listeners -----------------------------------------------------------------


def at(*hosts: str, port: int = 1000, tls: bool = False) -> list[ListenAddress]:
    """Addresses that are listened on."""
    return [ListenAddress(host, port, tls) for host in hosts]


@pytest.mark.parametrize(
    ("hosts", "own"),
    [
        (["127.0.0.1"], {"http://127.0.0.1:1000"}),
        (["::1"], {"http://[::1]:1000"}),
        (["127.0.0.1", "::1"], {"http://127.0.0.1:1000", "http://[::1]:1000", "http://localhost:1000"}),
        (["0.0.0.0"], {"http://127.0.0.1:1000"}),
        (["0.0.0.0", "::1"], {"http://127.0.0.1:1000", "http://[::1]:1000", "http://localhost:1000"}),
        (["::"], {"http://[::1]:1000"}),
        (["127.0.0.5"], {"http://127.0.0.5:1000"}),
        (["192.168.1.5"], set()),
        ([], set()),
    ],
)
def test_own_is_what_is_listened_on(monkeypatch: pytest.MonkeyPatch, hosts: list[str], own: set[str]) -> None:
    monkeypatch.setattr(origins_module, "has_v6", lambda: True)
    origins = OwnOrigins.of(at(*hosts))
    assert {
        each for each in {*EVERY_OWN, "http://127.0.0.5:1000", "http://192.168.1.5:1000"} if each in origins
    } == own
    assert all(
        origins.is_imitation(each)
        for each in EVERY_OWN - own
        if hosts and ":1000" in each and "https" not in each
    )


def test_each_port_has_its_own_scheme() -> None:
    origins = OwnOrigins.of(at("127.0.0.1", "::1") + at("127.0.0.1", "::1", port=1001, tls=True))
    assert origins.served == EVERY_OWN
    assert not origins.is_imitation("http://localhost:1000")
    assert not origins.is_imitation("http://localhost:3000")


@pytest.mark.parametrize("appears", [False, True])
def test_localhost_is_own_while_no_account_can_listen_on_the_other_address(
    monkeypatch: pytest.MonkeyPatch, appears: bool
) -> None:
    monkeypatch.setattr(origins_module, "has_v6", lambda: False)
    monkeypatch.setattr(origins_module, "_can_listen", lambda _: appears)
    origins = OwnOrigins.of(at("127.0.0.1"))
    assert ("http://localhost:1000" in origins) is not appears
    assert origins.is_imitation("http://localhost:1000") is appears
    assert "http://[::1]:1000" not in origins


@needs_v6
def test_an_address_of_this_machine_can_be_listened_on() -> None:
    assert origins_module._can_listen("::1")
    assert not origins_module._can_listen("2001:db8::1")


def test_the_kernel_tells_of_the_newer_address_even_to_a_sandbox(tmp_path: Path) -> None:
    table = tmp_path / "if_inet6"
    assert has_v6(table)
    (tmp_path / "tcp").write_text("")
    assert not has_v6(table)
    table.write_text("fd000000000000000000000000000002 04 40 00 82     eth0\n")
    assert not has_v6(table)
    table.write_text("00000000000000000000000000000001 01 80 10 80       lo\n")
    assert has_v6(table)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_every_loopback_address_has_its_companion(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(listeners, "has_v6", lambda: True)
    found = addresses(Config(server=ServerConfig(host=host, tls=True)))
    assert {(each.host, each.port) for each in found} == {
        (loopback, port) for loopback in ("127.0.0.1", "::1") for port in (8082, 8083)
    }
    assert [each.companion for each in found] == [False, True, False, True]


# The way of an imitation --------------------------------------------------------------


@pytest.fixture
def config(config: Config, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A service at whose second address somebody else listens."""

    def taken(host: str, port: int) -> socket.socket:
        if host == "::1":
            raise listeners.ConfigError("taken")
        return listen(host, port)

    monkeypatch.setattr(listeners, "has_v6", lambda: True)
    monkeypatch.setattr(origins_module, "has_v6", lambda: True)
    monkeypatch.setattr(listeners, "listen", taken)
    return replace(config, metrics=MetricsConfig(enabled=True))


async def test_a_page_that_hands_its_name_over_to_this_service_gets_nothing(service: Running) -> None:
    """Once its server is gone, a browser goes on to this one, under the same name."""
    port = service.http.rpartition(":")[2]
    host = {"Host": f"localhost:{port}", "Sec-Fetch-Site": "same-origin"}
    status, text = await knock(service, **host, Origin=f"http://localhost:{port}")
    assert status == 403
    assert "another program" in text
    assert "gaopai allow" not in text
    for path in ("/stream/0.mjpg", "/metrics"):
        async with aiohttp.ClientSession() as http, http.get(service.http + path, headers=host) as response:
            assert response.status == 403, path


async def test_the_page_of_an_address_that_is_ours_is_served(service: Running) -> None:
    own = {"Sec-Fetch-Site": "same-origin"}
    assert (await knock(service, Origin=service.http))[0] == 101
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{service.http}/metrics", headers=own) as response:
            assert response.status == 200
        async with http.get(f"{service.http}/stream/0.mjpg", headers=own) as response:
            assert response.status == 409  # no camera is open
