"""S53: shared devices are for programs of this account and listed addresses, never for a page."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from server import config as configuration
from server.access.peer import Peer, own_users
from server.app import create_app
from server.config import Config, ConfigError
from server.connection import downloads
from server.dialects.gate import ProgramGate
from server.equipment import Finders
from server.share.escl import BODY_BYTES
from server.share.listening import check_share
from tests.functional.conftest import Running
from tests.patience import PATIENCE
from tests.security.test_s39_dialect_pages import exchange
from tests.share.client import EsclClient, settings
from tests.share.conftest import base_config, config, escl
from tests.share.test_escl import MALFORMED

__all__ = ["base_config", "config", "escl"]

BROWSERS: list[dict[str, str]] = [
    {"Origin": "https://oa.example.cn"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:8082"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin"},
]
REQUESTS = [
    ("GET", "/"),
    ("GET", "/eSCL/ScannerStatus"),
    ("POST", "/eSCL/ScanJobs"),
    ("OPTIONS", "/eSCL/ScanJobs"),
]


def untouched(service: Running) -> bool:
    return not service.camera.history and not service.scanner.orders


@pytest.mark.parametrize("headers", BROWSERS, ids=str)
async def test_no_page_scans_or_reads(escl: EsclClient, service: Running, headers: dict[str, str]) -> None:
    for method, path in REQUESTS:
        answer = await escl.ask(method, path, settings() if method == "POST" else b"", **headers)
        assert (answer.status, answer.body) == (403, b""), (method, path)
        assert not [name for name in answer.headers if name.lower().startswith("access-control-allow")]
    assert untouched(service)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8090", "127.0.0.1.evil.example", "", "localhost.evil"]
)
async def test_another_name_of_this_computer_is_refused(
    escl: EsclClient, service: Running, host: str
) -> None:
    port = int(escl.address.rpartition(":")[2])
    answer = await exchange(port, ["POST /eSCL/ScanJobs HTTP/1.1", f"Host: {host}"], settings().encode())
    assert answer.startswith(b"HTTP/1.1 403 ") and untouched(service)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]:8090", "10.0.0.7", f"{socket.gethostname()}"]
)
async def test_addresses_and_names_of_this_computer_are_not(escl: EsclClient, host: str) -> None:
    port = int(escl.address.rpartition(":")[2])
    assert (await exchange(port, ["GET / HTTP/1.1", f"Host: {host}"])).startswith(b"HTTP/1.1 200 ")


async def test_two_hosts_are_none(escl: EsclClient) -> None:
    port = int(escl.address.rpartition(":")[2])
    head = ["GET / HTTP/1.1", "Host: 127.0.0.1", "Host: evil.example"]
    assert (await exchange(port, head))[:12] in (b"HTTP/1.1 403", b"HTTP/1.0 400")


OTHER_USER = max(own_users()) + 4711


@pytest.mark.parametrize(
    ("peer", "allow", "admitted"),
    [
        (Peer(user=min(own_users())), (), True),
        (Peer(user=OTHER_USER), (), False),
        (Peer(), (), False),
        (Peer(user=OTHER_USER), ("192.168.1.0/24",), False),
        (Peer(user=OTHER_USER), ("127.0.0.1",), True),
        (Peer(machine="192.168.1.7"), (), False),
        (Peer(machine="192.168.1.7"), ("192.168.1.0/24",), True),
        (Peer(machine="192.168.2.7"), ("192.168.1.0/24",), False),
        (Peer(machine="::ffff:192.168.1.7"), ("192.168.1.0/24",), True),
        (Peer(machine="fe80::1%eth0"), ("fe80::/10",), True),
        (Peer(machine="2001:db8::1"), ("192.168.1.0/24",), False),
    ],
    ids=str,
)
def test_who_may_scan_is_listed(config: Config, peer: Peer, allow: tuple[str, ...], admitted: bool) -> None:
    shared = configuration.replace(config.share, allow=allow)
    networks = check_share(configuration.replace(config, share=shared))
    gate = ProgramGate(SimpleNamespace(), networks, ())  # type: ignore[arg-type]
    assert (gate.refuse(peer) is None) is admitted


@pytest.mark.parametrize(
    ("share", "tls"),
    [
        ({"host": "0.0.0.0"}, False),
        ({"host": "0.0.0.0", "allow": ("10.0.0.0/8",)}, False),
        ({"host": "192.168.1.2"}, True),
        ({"allow": ("nonsense",)}, True),
        ({"allow": ("10.0.0.1/8",)}, True),
    ],
    ids=str,
)
async def test_a_network_needs_tls_and_a_list(config: Config, share: dict[str, Any], tls: bool) -> None:
    wrong = configuration.replace(
        config,
        share=configuration.replace(config.share, **share),
        server=configuration.replace(config.server, tls=tls),
    )
    with pytest.raises(ConfigError, match=r"\[share\]"):
        await asyncio.to_thread(create_app, wrong, Finders([], [], [], []))


async def test_it_listens_on_loopback_alone(service: Running, config: Config) -> None:
    found = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    hosts = {each.partition(":")[0] for each in found if each.endswith(f":{config.share.port:04X}")}
    assert hosts <= {"0100007F", "0" * 24 + "01000000"} and hosts


async def test_a_job_is_its_clients_alone(escl: EsclClient, service: Running) -> None:
    job = await escl.job()
    strangers = (
        f"{job[:-1]}{'0' if job[-1] != '0' else '1'}",
        job.replace("/eSCL", "/devices/00000000/eSCL"),
    )
    for stranger in strangers:
        assert (await escl.ask("DELETE", stranger)).status == 404
        assert (await escl.ask("GET", f"{stranger}/NextDocument")).status == 404
    # Some programs cancel every job that a device lists.
    listed = await escl.ask("GET", "/eSCL/ScannerStatus", User_Agent="another program")
    assert listed.values("JobUuid") == []
    assert (await escl.get("ScannerStatus")).values("JobUuid") == [job.rpartition("/")[2]]


ELSEWHERE = """
import sys, urllib.request
address, body = sys.argv[1:]
request = urllib.request.Request(address, body.encode() or None, {"User-Agent": "scanimage"})
with urllib.request.urlopen(request) as answer:
    print(answer.headers["Location"], answer.read().decode())
"""


async def elsewhere(address: str, body: str = "") -> str:
    """Return the answer to a program in a process of its own that has the name of another."""
    made = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ELSEWHERE, address, body), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(PATIENCE):
        return (await made.communicate())[0].decode()


async def test_a_program_sees_no_job_of_another_of_its_name(escl: EsclClient, service: Running) -> None:
    """Some programs cancel what they see; addresses of jobs are not to be guessed."""
    begun = await escl.ask("POST", "/eSCL/ScanJobs", settings(), User_Agent="scanimage")
    job = begun.headers["Location"].rpartition("/")[2]
    status = f"{escl.address}/eSCL/ScannerStatus"
    assert job not in await elsewhere(status)
    own = await escl.ask("GET", "/eSCL/ScannerStatus", User_Agent="scanimage")
    assert own.values("JobUuid") == [job]


async def test_a_program_sees_the_job_of_one_of_its_name_that_has_ended(
    escl: EsclClient, service: Running
) -> None:
    """As of a script that asks by a program of its own each time."""
    begun = await elsewhere(f"{escl.address}/eSCL/ScanJobs", settings())
    job = begun.split()[0].rpartition("/")[2]
    seen = await escl.ask("GET", "/eSCL/ScannerStatus", User_Agent="scanimage")
    assert seen.values("JobUuid") == [job]


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
async def test_malformed_settings_are_refused(escl: EsclClient, service: Running, body: bytes) -> None:
    answer = await escl.ask("POST", "/eSCL/ScanJobs", body)
    assert answer.status == (413 if len(body) > BODY_BYTES else 400)
    assert untouched(service)


@pytest.mark.parametrize(
    "path",
    [
        "/eSCL/../admin/",
        "/devices/..%2f..%2f/eSCL",
        "/eSCL/ScanJobs/%00/NextDocument",
        "/eSCL" + "/a" * 900,
        "/admin/api/open",
    ],
)
async def test_other_paths_are_nothing(escl: EsclClient, service: Running, path: str) -> None:
    port = int(escl.address.rpartition(":")[2])
    for method in ("GET", "POST", "DELETE", "PUT", "TRACE"):
        status = (await exchange(port, [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"])).split(b" ")[1]
        assert status in (b"404", b"405", b"400"), (method, path, status)
    assert untouched(service)


async def test_a_slow_body_ends(escl: EsclClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.dialects.http.BODY_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(escl.address.rpartition(":")[2]))
    writer.write(b"POST /eSCL/ScanJobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n<")
    async with asyncio.timeout(PATIENCE):
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
    writer.close()


async def test_a_body_without_end_is_cut_off(escl: EsclClient, service: Running) -> None:
    port = int(escl.address.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /eSCL/ScanJobs HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    async with asyncio.timeout(PATIENCE):
        writer.write(chunk * 4)
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
    writer.close()
    assert untouched(service)


class TestRate:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        return configuration.replace(config, limits=configuration.LimitsConfig(requests_per_second=3))

    async def test_requests_have_their_rate(self, escl: EsclClient) -> None:
        answers = await asyncio.gather(*(escl.get("ScannerStatus") for _ in range(30)))
        assert {answer.status for answer in answers} == {200, 429}


async def test_a_page_that_nobody_takes_is_given_up_and_kept(
    escl: EsclClient, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "SEND_SECONDS", 0.3)
    job = await escl.job(XResolution=600, DocumentFormat="image/png")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(line, ("127.0.0.1", int(escl.address.rpartition(":")[2])))
    path = "/" + job.split("/", 3)[3]
    await loop.sock_sendall(line, f"GET {path}/NextDocument HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    async with asyncio.timeout(PATIENCE):
        assert (await escl.next(job)).status in (200, 404)
    line.close()
