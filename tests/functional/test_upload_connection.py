"""Whom an upload connects to: the vetted address and the named host, or nobody."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest

from server.errors import FileUnreadable, UploadNotAllowed, UploadUnreachable
from server.services.upload import form, post
from server.services.upload.transfer import Upload
from tests.functional.receiver import receiving
from tests.functional.uploading import JPEG, transferring

trustme = pytest.importorskip("trustme", reason="trustme makes the certificates")


def upload(url: str) -> Upload:
    return Upload(url, None, {}, picture=JPEG)


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


async def test_tls_names_the_host_and_verifies_it(tmp_path: Path, authority: trustme.CA) -> None:
    context = await asyncio.to_thread(serving, authority.issue_cert("localhost"))
    named: list[str | None] = []
    context.sni_callback = lambda connection, name, _: named.append(name)
    trust = await asyncio.to_thread(trusting, authority)
    async with receiving(ssl_context=context) as server:
        origin = server.origin.replace("127.0.0.1", "localhost")

        async def resolve(host: str, port: int) -> Sequence[str]:
            return ["127.0.0.1"]

        async with transferring(tmp_path, [origin], resolve, trust) as transfer:
            outcome = await transfer.run(upload(f"{origin}/up"))
    assert outcome.error is None, outcome.error
    assert outcome.status == 200
    assert named == ["localhost"]
    assert server.arrived[0].headers["Host"] == origin.removeprefix("https://")


@pytest.mark.parametrize(
    ("name", "trusted", "reason"),
    [("localhost", False, "authority"), ("other.example.cn", True, "another host name")],
)
async def test_a_certificate_that_does_not_fit_is_named(
    tmp_path: Path, authority: trustme.CA, name: str, trusted: bool, reason: str
) -> None:
    context = await asyncio.to_thread(serving, authority.issue_cert(name))
    trust = await asyncio.to_thread(trusting, authority) if trusted else True
    async with receiving(ssl_context=context) as server:
        origin = server.origin.replace("127.0.0.1", "localhost")
        async with transferring(tmp_path, [origin], tls=trust) as transfer:
            outcome = await transfer.run(upload(origin))
    assert isinstance(outcome.error, UploadUnreachable)
    assert reason in outcome.error.message("en")
    assert "证书" in outcome.error.message("zh")
    assert server.arrived == []


async def test_https_to_a_server_that_speaks_http(tmp_path: Path) -> None:
    async with receiving() as server:
        origin = server.origin.replace("http:", "https:")
        async with transferring(tmp_path, [origin]) as transfer:
            outcome = await transfer.run(upload(origin))
    assert isinstance(outcome.error, UploadUnreachable)
    assert "encrypted" in outcome.error.message("en")


async def test_the_name_is_looked_up_once_for_each_upload(tmp_path: Path) -> None:
    async with receiving() as server:
        port = server.origin.rpartition(":")[2]
        origin = f"http://localhost:{port}"
        answers = iter([["127.0.0.1"], ["169.254.169.254"]])
        asked = []

        async def resolve(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return next(answers)

        # Only the computer's own name may lead to loopback; the other answer is refused for it, too.
        async with transferring(tmp_path, [], resolve) as transfer:
            page = Upload(f"{origin}/up", origin, {}, picture=JPEG)
            first = await transfer.run(page)
            second = await transfer.run(page)
    assert (first.error, first.status, len(server.arrived)) == (None, 200, 1)
    assert isinstance(second.error, UploadNotAllowed)
    assert asked == ["localhost", "localhost"]


async def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{free.getsockname()[1]}"
        async with transferring(tmp_path, [origin]) as transfer:
            outcome = await transfer.run(upload(origin))
    assert isinstance(outcome.error, UploadUnreachable)
    assert "refuses" in outcome.error.message("en")
    assert outcome.retryable


async def test_a_server_that_does_not_take_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "CONNECT_SECONDS", 0.1)
    with socket.socket() as full, socket.socket() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting.connect(full.getsockname())
        origin = f"http://127.0.0.1:{full.getsockname()[1]}"
        async with transferring(tmp_path, [origin]) as transfer:
            outcome = await transfer.run(upload(origin))
    assert isinstance(outcome.error, UploadUnreachable)
    assert "respond" in outcome.error.message("en")


async def test_a_file_that_changes_while_it_is_sent_is_not_sent_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "PIECE", 4)
    path = tmp_path / "a.jpg"
    path.write_bytes(JPEG)
    real = form.Storage.opened
    pieces = []

    def opened(storage: form.Storage, name: str):  # type: ignore[no-untyped-def]
        pieces.append(name)
        if len(pieces) == 4:
            path.write_bytes(JPEG + b"more")
        return real(storage, name)

    monkeypatch.setattr(form.Storage, "opened", opened)
    async with receiving() as server, transferring(tmp_path, [server.origin]) as transfer:
        outcome = await transfer.run(Upload(server.origin, None, {}, ("a.jpg",)))
    assert isinstance(outcome.error, FileUnreadable)
    assert not outcome.retryable
    assert server.arrived == []
