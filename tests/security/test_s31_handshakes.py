"""S31: handshakes are bounded in number and time, and say everything once; nothing forged counts."""

from __future__ import annotations

import asyncio
import datetime
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web

from server import config as configuration
from server.access import handshakes, sock_diag, socket_table
from server.access import handshakes as acceptor
from server.access.control import AccessRules
from server.access.handshakes import Handshakes, WaitingConnections
from server.access.limits import ByteBudget, Charge
from server.access.listeners import addresses, listen
from server.access.peer import Peer
from server.access.socket_table import Connection
from server.config import ConfigError
from server.connection import endpoint
from server.connection.message_reader import IncomingMessage
from server.tls.store import CertificateStore, server_context
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect
from tests.patience import PATIENCE
from tests.security.knocking import UPGRADE, knock, status_of
from tests.service import Service, running

NOBODY = 65534
SECRET = "correct-horse-battery-staple_0123456789"
needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None or shutil.which("python3", path="/usr/bin") is None,
    reason="only root can run a program as another user",
)
UPGRADES = [f"{name}: {value}" for name, value in UPGRADE.items()]


# Waiting -------------------------------------------------------------------------------


class Line:
    """A connection that can be aborted."""

    def __init__(self) -> None:
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def lines(count: int) -> list[Any]:
    return [Line() for _ in range(count)]


async def test_the_oldest_of_a_peer_with_too_many_gives_way() -> None:
    waiting = WaitingConnections(most=100, most_of_one=3)
    mine = lines(5)
    others = lines(3)
    deadline = asyncio.get_running_loop().time() + PATIENCE
    for line in others:
        waiting.add(line, Peer(user=2), deadline)
    for line in mine:
        waiting.add(line, Peer(user=1), deadline)
    assert [line.aborted for line in mine] == [True, True, False, False, False]
    assert not any(line.aborted for line in others)
    waiting.remove(mine[2], Peer(user=1))
    waiting.abort()
    assert not mine[2].aborted
    assert all(line.aborted for line in others)
    assert len(waiting) == 0


async def test_the_most_crowded_peer_gives_way_when_all_are_too_many() -> None:
    waiting = WaitingConnections(most=4, most_of_one=4)
    crowd = lines(4)
    single = lines(2)
    deadline = asyncio.get_running_loop().time() + PATIENCE
    waiting.add(single[0], Peer(machine="10.0.0.9"), deadline)
    for line in crowd:
        waiting.add(line, Peer(user=1), deadline)
    waiting.add(single[1], Peer(user=3), deadline)
    assert [line.aborted for line in crowd] == [True, True, False, False]
    assert not any(line.aborted for line in single)
    waiting.abort()


async def test_who_waits_too_long_is_cut_off() -> None:
    waiting = WaitingConnections(4, 4)
    (line,) = lines(1)
    waiting.add(line, None, asyncio.get_running_loop().time() + 0.01)
    async with asyncio.timeout(PATIENCE):
        while not line.aborted:
            await asyncio.sleep(0.01)
    assert len(waiting) == 0


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines of a moment."""
    for name in ("HEADER_SECONDS", "IDLE_SECONDS", "REFUSED_SECONDS"):
        monkeypatch.setattr(handshakes, name, 0.3)


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What comes until the service ends a connection."""
    received = b""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                data = await reader.read(65536)
            except ConnectionError:
                return received
            if not data:
                return received
            received += data


@pytest.mark.parametrize(
    "begin", [b"", b"GET / HTTP/1.1\r\nHost: 127", b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"]
)
async def test_a_request_that_does_not_come_or_end_ends_the_connection(
    service: Running, hurried: None, begin: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(service.http.rpartition(":")[2]))
    writer.write(begin)
    answered = await ended(reader)
    assert answered.startswith(b"HTTP/1.1 200" if begin.endswith(b"\r\n\r\n") else b"")
    writer.close()


async def test_a_trickle_of_headers_is_no_sign_of_life(service: Running, hurried: None) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(service.http.rpartition(":")[2]))
    writer.write(b"GET / HTTP/1.1\r\n")
    ending = asyncio.create_task(ended(reader))
    while not ending.done():
        writer.write(b"X-A: b\r\n")
        await asyncio.sleep(0.02)
    writer.close()


async def test_a_websocket_outlives_every_deadline(service: Running, hurried: None) -> None:
    async with connect(service.url, ALLOWED) as page:
        await asyncio.sleep(4 * handshakes.IDLE_SECONDS)
        await page.must("Heartbeat")


async def test_a_flood_of_idle_connections_keeps_nobody_out(
    service: Running, many_files: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshakes, "HEADER_SECONDS", PATIENCE)
    port = int(service.http.rpartition(":")[2])
    idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(handshakes.WAITING_OF_ONE + 5)]
    assert (await knock(service, Origin=ALLOWED))[0] == 101
    for reader, _ in idle[:5]:
        assert await ended(reader) == b""
    for _, writer in idle:
        writer.close()


# Encrypted handshakes ------------------------------------------------------------------


@pytest.fixture
async def encrypted(tmp_path: Path) -> AsyncIterator[tuple[int, Handshakes]]:
    """A port at which encrypted connections are accepted, and the handshakes there."""
    store = CertificateStore(tmp_path)
    await asyncio.to_thread(store.install, datetime.datetime.now(datetime.UTC))
    context = await asyncio.to_thread(server_context, store.certificate, store.key)

    async def greet(_: web.BaseRequest) -> web.Response:
        return web.Response(text="hello")

    server = web.Server(greet)
    accepted = Handshakes(lambda _: None)
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    acceptor = accepted.accept(listener, server, context)
    yield port, accepted
    acceptor.close()
    accepted.close()
    await server.shutdown(PATIENCE)


@pytest.mark.parametrize(
    "begin", [b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x40\x00" + bytes(99)]
)
async def test_an_encrypted_handshake_that_does_not_end_is_ended(
    encrypted: tuple[int, Handshakes], hurried: None, begin: bytes
) -> None:
    port, accepted = encrypted
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begin)
    await ended(reader)
    writer.close()
    async with asyncio.timeout(PATIENCE):
        while accepted.waiting:
            await asyncio.sleep(0.01)


async def test_encrypted_connections_are_served_and_known_until_they_close(
    encrypted: tuple[int, Handshakes],
) -> None:
    port, accepted = encrypted
    for _ in range(3):
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"https://127.0.0.1:{port}/", ssl=False) as response,
        ):
            assert await response.text() == "hello"
            assert set(accepted._peers.values()) == {Peer(user=os.geteuid())}
    async with asyncio.timeout(PATIENCE):
        while accepted._peers or accepted.waiting:
            await asyncio.sleep(0.01)


async def test_a_process_without_descriptors_ends_the_oldest_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fails = iter([True, False])

    class Listener:
        def __getattr__(self, name: str) -> object:
            return getattr(listener, name)

        def fileno(self) -> int:
            return listener.fileno()

        def accept(self) -> tuple[socket.socket, object]:
            if next(fails, False):
                raise OSError(24, "Too many open files")
            return listener.accept()

    monkeypatch.setattr(acceptor, "PAUSE_SECONDS", 0.01)
    accepted: asyncio.Queue[socket.socket] = asyncio.Queue()
    exhausted: list[bool] = []
    with listen("127.0.0.1", 0) as listener:
        stand_in = cast(socket.socket, Listener())
        accepting = acceptor.Acceptor(stand_in, accepted.put_nowait, lambda: exhausted.append(True))
        _, writer = await asyncio.open_connection(*listener.getsockname())
        async with asyncio.timeout(PATIENCE):
            (await accepted.get()).close()
        assert exhausted == [True]
        accepting.close()
        writer.close()


# Other users ---------------------------------------------------------------------------

KNOCK = """
import socket, sys, time
port, count, path, headers = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:]
lines = [socket.create_connection(("127.0.0.1", port), timeout=100) for _ in range(count)]
begun = time.monotonic()
if path != "-":
    wanted = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
    lines[0].sendall("\\r\\n".join(wanted).encode())
    print(lines[0].makefile("rb").readline().decode().strip())
else:
    for line in lines:
        try:
            assert line.recv(1) == b""
        except ConnectionError:
            pass
    print("all ended")
"""


def as_other(port: int, path: str, *headers: str, count: int = 1) -> str:
    """What a program of another user is told."""
    python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
    words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", python, "-c", KNOCK]
    run = subprocess.run(
        [*words, str(port), str(count), path, *headers],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
        cwd="/",
    )
    return run.stdout.strip()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("own")) as service:
        yield service


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """As the unit of the system starts it."""
    config = f"[access]\norigins = ['{ALLOWED}']\n"
    with running(tmp_path_factory.mktemp("whole"), config, "--other-users") as service:
        yield service


@needs_root
def test_refused_users_are_not_kept(own: Service) -> None:
    assert as_other(own.port, "-", count=40) == "all ended"
    assert as_other(own.port, "/health").startswith("HTTP/1.1 403")
    assert own.log.count("refused a connection of user") < 10


async def test_a_refused_peer_that_was_told_often_enough_is_told_no_more(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All refusals are under way at once, as their clients ask for nothing."""
    monkeypatch.setattr(Peer, "is_own", False)
    monkeypatch.setattr(handshakes, "REFUSED_SECONDS", PATIENCE)
    port = int(service.http.rpartition(":")[2])
    told = [await asyncio.open_connection("127.0.0.1", port) for _ in range(handshakes.REFUSED_OF_ONE)]
    for reader, writer in told[1:]:
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 403")
    reader, further = await asyncio.open_connection("127.0.0.1", port)
    assert await ended(reader) == b""
    assert not told[0][0].at_eof()
    for _, writer in (*told, (None, further)):
        writer.close()


@pytest.mark.long
@needs_root
def test_programs_of_other_users_need_a_token_and_pages_do_not(whole: Service, tmp_path: Path) -> None:
    assert as_other(whole.port, "/", *UPGRADES) == "HTTP/1.1 403 Forbidden"
    assert as_other(whole.port, "/stream/0.mjpg") == "HTTP/1.1 403 Forbidden"
    assert as_other(whole.port, "/", *UPGRADES, f"Origin: {ALLOWED}").startswith("HTTP/1.1 101")
    assert as_other(whole.port, "/health") == "HTTP/1.1 200 OK"
    token = tmp_path / "token"
    token.write_text(SECRET)
    token.chmod(0o600)
    config = f"[access]\norigins = ['{ALLOWED}']\ntoken_file = '{token}'\npages_need_token = false\n"
    with running(tmp_path, config, "--other-users") as service:
        assert as_other(service.port, "/", *UPGRADES).startswith("HTTP/1.1 401")
        assert as_other(service.port, f"/?token={SECRET}", *UPGRADES).startswith("HTTP/1.1 101")
        assert as_other(service.port, "/", *UPGRADES, f"Origin: {ALLOWED}").startswith("HTTP/1.1 101")
        assert asyncio.run(_own_program(service.port)) == 401


async def _own_program(port: int) -> int:
    url = f"http://127.0.0.1:{port}/"
    async with aiohttp.ClientSession() as http, http.get(url, headers=UPGRADE) as response:
        return response.status


def test_who_needs_a_token() -> None:
    rules = AccessRules.from_config(configuration.AccessConfig(other_users=True))
    assert rules.requires_token(Peer(user=NOBODY), None)
    assert rules.requires_token(Peer(user=None), None)
    assert rules.requires_token(Peer(machine="10.0.0.1"), None)
    assert not rules.requires_token(Peer(user=os.geteuid()), None)
    assert not rules.requires_token(Peer(user=NOBODY), ALLOWED)


def test_other_machines_always_need_one() -> None:
    text = """
    [server]
    host = "0.0.0.0"
    allow_remote = true
    tls = true
    certificate = "c.pem"
    key = "k.pem"
    [access]
    token_file = "token"
    pages_need_token = false
    """
    with pytest.raises(ConfigError, match="pages_need_token"):
        addresses(configuration.parse(text))


# Where the kernel does not answer -------------------------------------------------------


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel without tcp_diag."""

    def find(*_: object) -> None:
        raise sock_diag.SockDiagUnavailable

    monkeypatch.setattr(sock_diag, "find", find)


async def test_the_tables_tell_then_once_a_connection(
    silent: None, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks = []
    found = socket_table.find

    def find(connections: Sequence[Connection]) -> list[sock_diag.SocketInfo | None]:
        walks.append(connections)
        return found(connections)

    monkeypatch.setattr(socket_table, "find", find)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as http:
        for _ in range(3):
            async with http.get(f"{service.http}/health") as response:
                assert response.status == 200
                await response.read()
    assert len(walks) == 1


async def test_one_walk_is_for_all_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    walks = []

    def find(connections: Sequence[Connection]) -> list[sock_diag.SocketInfo | None]:
        walks.append(len(connections))
        return [sock_diag.SocketInfo(1, here[1], 7) for here, _ in connections]

    monkeypatch.setattr(socket_table, "find", find)
    reader = socket_table.TableReader()
    asked = [reader.find((("127.0.0.1", port), ("127.0.0.1", 8082))) for port in range(100)]
    told = await asyncio.gather(*asked)
    assert [each and each.user for each in told] == list(range(100))
    assert len(walks) <= 2


async def test_where_nothing_tells_nobody_is_let_in(
    silent: None, service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise socket_table.SocketTableUnavailable

    monkeypatch.setattr(socket_table, "find", none)
    async with aiohttp.ClientSession() as http, http.get(f"{service.http}/health") as response:
        assert response.status == 403
        assert "gaopai doctor" in await response.text()


# Said once -----------------------------------------------------------------------------

OPEN = ["Host: 127.0.0.1", *UPGRADES, f"Origin: {ALLOWED}"]


@pytest.mark.parametrize("path", ["/", "/stream/0.mjpg", "/health", "/metrics", "/gaopai.js"])
@pytest.mark.parametrize("line", [each for each in OPEN if not each.startswith("Host")])
async def test_what_is_said_twice_is_refused_everywhere(service: Running, path: str, line: str) -> None:
    assert await status_of(service, [f"GET {path} HTTP/1.1", *OPEN, line]) == 400
    name = line.partition(":")[0]
    assert await status_of(service, [f"GET {path} HTTP/1.1", *OPEN, f"{name.lower()}: x"]) == 400


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions",
        "Sec-Fetch-Site",
        "Accept-Language",
    ],
)
async def test_so_is_what_need_not_be_said(service: Running, name: str) -> None:
    assert await status_of(service, ["GET / HTTP/1.1", *OPEN, f"{name}: same-origin"]) == 101
    assert await status_of(service, ["GET / HTTP/1.1", *OPEN, f"{name}: a", f"{name}: a"]) == 400


@pytest.mark.parametrize("query", ["token=a&token=b", "token=a&x=1&%74oken=a", "token&token"])
async def test_a_token_is_shown_once(service: Running, query: str) -> None:
    for path in ("/", "/stream/0.mjpg", "/health"):
        assert await status_of(service, [f"GET {path}?{query} HTTP/1.1", *OPEN]) == 400


# Open connections ----------------------------------------------------------------------


@pytest.mark.long
def test_a_changed_token_ends_what_the_old_one_opened(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(SECRET)
    token.chmod(0o600)
    with running(tmp_path, f"[access]\ntoken_file = '{token}'\n") as service:
        asyncio.run(_change_token(service, token))


async def _change_token(service: Service, token: Path) -> None:
    async with connect(f"{service.url}?token={SECRET}") as page, aiohttp.ClientSession() as http:
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        stream = await http.get(f"{service.http}/stream/0.mjpg?token={SECRET}")
        assert stream.status == 200
        service.hang_up()  # the same token: nobody is disturbed
        await asyncio.to_thread(service.await_count, "was read again", 1)
        await page.must("Heartbeat")
        token.write_text(SECRET[::-1])
        service.hang_up()
        async with asyncio.timeout(PATIENCE):
            while not (await page.socket.receive()).type.name.startswith("CLOS"):
                pass
            await stream.read()
        assert page.socket.close_code == 1008
    async with connect(f"{service.url}?token={SECRET[::-1]}") as page:
        await page.must("Heartbeat")


def test_other_users_that_are_no_longer_let_in_are_cut_off() -> None:
    rules = AccessRules.from_config(configuration.AccessConfig(other_users=False))
    assert not rules.admits_peer(Peer(user=NOBODY))


# Broken clients ------------------------------------------------------------------------


@pytest.mark.long
def test_nothing_that_a_client_breaks_is_an_error_of_the_service(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        for number in range(60):
            _break_off(service.port, number)
        service.await_count("disconnected", 60)
        assert "ERROR" not in service.log, service.log


async def test_a_client_that_is_gone_when_its_ping_is_answered_is_no_error(
    service: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def gone(*_: object) -> AsyncIterator[IncomingMessage]:
        data = b'{"func":"Heartbeat"}'
        yield IncomingMessage(data, len(data), Charge(ByteBudget(lambda: len(data))))
        raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")

    monkeypatch.setattr(endpoint, "messages", gone)
    async with aiohttp.ClientSession() as http, http.ws_connect(service.url) as page:
        async with asyncio.timeout(PATIENCE):
            while not (await page.receive()).type.name.startswith("CLOS"):
                pass
    assert [each.message for each in caplog.records if each.levelname == "ERROR"] == []


def _break_off(port: int, number: int) -> None:
    """Open a WebSocket, ask for much, and reset the connection, or break the protocol."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)) as line:
        line.sendall("\r\n".join(["GET / HTTP/1.1", "Host: 127.0.0.1", *UPGRADES, "", ""]).encode())
        assert b" 101 " in line.recv(4096)
        line.sendall(_frame(b'{"func":"GetServiceInfo"}') * (number % 30 * 20))
        line.sendall(BROKEN[number % len(BROKEN)])
        if number % 3:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _frame(text: bytes, first: int = 0x81) -> bytes:
    return bytes((first, 0x80 | len(text))) + bytes(4) + text


BROKEN: Sequence[bytes] = (
    b"",
    b"\x81",
    b"\xff\xff\xff",
    _frame(b"\xff\xfe"),
    _frame(b"x", 0x80),
    _frame(b"", 0x88),
    _frame(b"\x03", 0x88),
    _frame(b"\x03\xe8\xff", 0x88),
    b"\x81\x05hello",
    _frame(b"x" * 125, 0x89) * 200,
)
