"""S7: programs of another user of the same computer are refused, whatever Origin they claim."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import config as configuration
from server.access import sock_diag
from server.access.control import AccessRules
from server.access.peer import Peer, user_of
from tests.patience import PATIENCE
from tests.service import running

NOBODY = 65534
CLIENT = """
import socket, sys
port, close = int(sys.argv[1]), sys.argv[2]
with socket.create_connection(("127.0.0.1", port), timeout=100) as line:
    line.sendall(b"GET /health HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: close\\r\\n\\r\\n")
    if close == "half":
        line.shutdown(socket.SHUT_WR)
    words = line.makefile("rb").readline().split()
    print(words[1].decode() if words else "hung up")
"""
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a program as another user")


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """A service of ours, and one that lets all users in."""
    with (
        running(tmp_path_factory.mktemp("own"), "", "--log-level", "DEBUG") as own,
        running(tmp_path_factory.mktemp("open"), "", "--other-users") as others,
    ):
        yield {"own": own.port, "open": others.port}


def status_for(user: int, port: int, close: str = "no") -> str:
    """What a program of `user` is answered."""
    # The interpreter of the tests may lie where nobody may look.
    python = shutil.which("python3", path="/usr/bin:/bin") or sys.executable
    words = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", python, "-c", CLIENT]
    ended = subprocess.run(
        [*words, str(port), close], capture_output=True, text=True, timeout=PATIENCE, check=True, cwd="/"
    )
    return ended.stdout.strip()


@pytest.fixture
def other() -> int:
    """The number of a user that can be taken on."""
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    if shutil.which("python3", path="/usr/bin:/bin") is None:
        pytest.skip("no Python that another user may run")
    return NOBODY


@needs_root
def test_another_user_is_refused(ports: dict[str, int], other: int) -> None:
    assert status_for(other, ports["own"]) == "403"
    assert status_for(other, ports["own"], close="half") in ("403", "hung up")


@needs_root
def test_the_same_user_is_served(ports: dict[str, int], other: int) -> None:
    assert status_for(os.geteuid(), ports["own"]) == "200"


@needs_root
def test_all_are_served_where_that_is_opted_in(ports: dict[str, int], other: int) -> None:
    assert status_for(other, ports["open"]) == "200"


def test_the_tests_own_connections_are_of_this_user() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert user_of(client.getsockname(), client.getpeername()) == os.geteuid()
        assert user_of(("127.0.0.1", 1), client.getpeername()) is None


def test_a_socket_of_the_newer_family_is_found_too() -> None:
    if not socket.has_ipv6 or not Path("/proc/net/tcp6").exists():
        pytest.skip("this machine has no IPv6")
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_INET6) as client:
        client.connect(("::ffff:127.0.0.1", server.getsockname()[1]))
        accepted, address = server.accept()
        with accepted:
            assert user_of(address[:2], server.getsockname()[:2]) == os.geteuid()


@pytest.mark.parametrize(
    ("state", "user", "inode", "told"),
    [
        (0x01, 1000, 26305, 1000),
        (0x05, 1000, 26305, 1000),
        # Nobody holds these any more: the kernel then says root, which is no answer.
        (0x01, 0, 0, None),
        (0x04, 0, 0, None),
        (0x06, 0, 0, None),
        (0x0A, 1000, 26305, None),
    ],
)
def test_a_socket_that_its_process_left_is_nobodys(
    monkeypatch: pytest.MonkeyPatch, state: int, user: int, inode: int, told: int | None
) -> None:
    monkeypatch.setattr(sock_diag, "find", lambda client, service: sock_diag.SocketInfo(state, user, inode))
    assert user_of(("127.0.0.1", 0xB2B2), ("127.0.0.1", 0x4A37)) == told


def test_the_rule_follows_the_configuration() -> None:
    strangers = [Peer(user=NOBODY), Peer(user=None)]
    for other_users in (False, True):
        rules = AccessRules.from_config(configuration.AccessConfig(other_users=other_users))
        assert [rules.admits_peer(each) for each in strangers] == [other_users] * 2
        assert rules.admits_peer(Peer(user=os.geteuid()))
        assert rules.admits_peer(Peer(machine="192.168.1.7"))
