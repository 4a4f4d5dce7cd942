"""One socket by its two ends, as the kernel knows it."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from server.access import peer, sock_diag, socket_table

Ends = tuple[socket.socket, socket.socket]


@pytest.fixture(params=["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def ends(request: pytest.FixtureRequest) -> Iterator[Ends]:
    """A client and the service's end of its connection; the last one speaks IPv4 by an IPv6 socket."""
    own = "127.0.0.1" if "." in request.param else request.param
    family = socket.AF_INET if "." in own else socket.AF_INET6
    try:
        server = socket.create_server((own, 0), family=family)
        client = socket.socket(socket.AF_INET6 if ":" in request.param else family)
        client.connect((request.param, server.getsockname()[1]))
    except OSError as exc:
        pytest.skip(f"no such address on this machine: {exc}")
    accepted, _ = server.accept()
    with server, client, accepted:
        yield client, accepted


@pytest.fixture(autouse=True)
def told() -> None:
    """Skip where the kernel does not answer."""
    try:
        sock_diag.find(("127.0.0.1", 1), ("127.0.0.1", 1))
    except sock_diag.SockDiagUnavailable:
        pytest.skip("this kernel, or a sandbox around it, has no sock_diag")


def test_the_kernel_knows_whose_a_socket_is(ends: Ends) -> None:
    _, service = ends
    client = service.getpeername()[:2]
    own = service.getsockname()[:2]
    found = sock_diag.find(client, own)
    assert found is not None
    assert found.state == 1
    assert found.inode == os.fstat(ends[0].fileno()).st_ino
    assert found.user == os.geteuid() == peer.user_of(client, own)


def test_what_is_not_there_is_nobody_s(ends: Ends) -> None:
    client, service = ends
    known = service.getpeername()[:2]
    own = service.getsockname()[:2]
    assert sock_diag.find(known, (own[0], 1)) is None
    client.close()
    service.close()
    assert peer.user_of(known, own) is None


def silent(*_: object) -> None:
    """A kernel without the module that answers."""
    raise sock_diag.SockDiagUnavailable


def test_without_an_answer_the_tables_tell(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sock_diag, "find", silent)
    _, service = ends
    known = service.getpeername()[:2]
    own = service.getsockname()[:2]
    assert peer.user_of(known, own) == os.geteuid()
    (found,) = socket_table.find([(known, own)])
    assert found is not None
    assert (found.state, found.inode) == (1, os.fstat(ends[0].fileno()).st_ino)
    assert peer.user_of(known, (own[0], 1)) is None
    assert peer.can_tell()


@pytest.mark.parametrize("there", [True, False])
def test_without_tables_it_is_nobody_s(
    ends: Ends, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: bool
) -> None:
    if there:
        (tmp_path / "tcp").write_text("  sl  local_address rem_address   st\n")
    monkeypatch.setattr(sock_diag, "find", silent)
    monkeypatch.setattr(socket_table, "find", partial(socket_table.find, net=tmp_path))
    _, service = ends
    assert peer.user_of(service.getpeername()[:2], service.getsockname()[:2]) is None
    assert not peer.can_tell()


def test_a_table_is_read_up_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = (
        "   {}: 0100007F:1F92 0100007F:{:04X} 01 00000000:00000000 00:00000000 00000000  1000        0 {} 1\n"
    )
    rows = "".join(row.format(number, number, number) for number in range(1, 100))
    (tmp_path / "tcp").write_text("  sl  local_address rem_address   st\n" + rows)
    ends = ("127.0.0.1", 0x1F92), ("127.0.0.1", 99)
    assert socket_table.find([ends], tmp_path) == [sock_diag.SocketInfo(1, 1000, 99)]
    monkeypatch.setattr(socket_table, "LINES", 50)
    assert socket_table.find([ends], tmp_path) == [None]


def test_a_machine_without_such_sockets_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sock_diag, "NETLINK_SOCK_DIAG", 31)
    with pytest.raises(sock_diag.SockDiagUnavailable):
        sock_diag.find(("127.0.0.1", 1), ("127.0.0.1", 1))


@pytest.mark.parametrize("error", [-1, -93])
def test_another_error_is_no_absence(error: int) -> None:
    answer = sock_diag._HEADER.pack(36, sock_diag.NLMSG_ERROR, 0, 1, 0) + struct.pack("=i", error)
    with pytest.raises(sock_diag.SockDiagUnavailable):
        sock_diag._parse(answer + bytes(16))
