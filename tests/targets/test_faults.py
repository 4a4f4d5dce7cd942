"""Faults of one kind of target: another host key, a certificate that has expired, no room, no folder."""

from __future__ import annotations

import asyncio
import datetime
import errno
import os
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from benchmarks.deliveries import servers
from benchmarks.deliveries.servers import Place
from server import errors
from server.config import targets as tables
from server.services.pools import ThreadPools
from server.services.upload.transfer import delivered_file
from tests.targets.conftest import desk_of, started

DATA = os.urandom(300_000)
OLD = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=2)


@pytest.fixture
async def sftp(tmp_path: Path) -> AsyncIterator[Place]:
    async with started("sftp", tmp_path) as place:
        yield place


@pytest.fixture
async def smb(tmp_path: Path) -> AsyncIterator[Place]:
    async with started("smb", tmp_path) as place:
        yield place


async def test_a_host_with_another_key_gets_no_password(sftp: Place, tmp_path: Path) -> None:
    asyncssh = pytest.importorskip("asyncssh")
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    asked: list[str] = []
    async with desk_of(tmp_path, sftp.config(host_key=other)) as desk:
        outcome = await desk.send("a.pdf", DATA)
    assert isinstance(outcome.error, errors.TargetRefused)
    assert "host key" in str(outcome.error)
    assert outcome.retryable
    assert sftp.stored() == [] == asked


async def test_a_key_logs_in_and_a_password_is_not_needed(sftp: Place, tmp_path: Path) -> None:
    asyncssh = pytest.importorskip("asyncssh")
    key = tmp_path / "id"
    key.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    key.chmod(0o644)
    async with desk_of(tmp_path, sftp.config(secret="", key=str(key))) as desk:
        outcome = await desk.send("a.pdf", DATA)
        assert "chmod 600" in str(outcome.error)
        key.chmod(0o600)
        # It is another account's.
        assert "password" in str((await desk.send("a.pdf")).error)
        await asyncio.to_thread(key.write_text, "no key")
        assert "cannot be used" in str((await desk.send("a.pdf")).error)


@pytest.mark.parametrize("kind", ["folder", "sftp", "webdav", "smb", "s3"])
async def test_a_folder_that_is_not_there_is_not_made(kind: str, tmp_path: Path) -> None:
    async with started(kind, tmp_path) as place:
        given: dict[str, Any] = {"folder": "gone"}
        if kind == "webdav":
            given = {"url": f"http://127.0.0.1:{place.port}/gone/"}
        if kind == "s3":
            given = {"bucket": "gone-bucket"}
        target = place.config(**given)
        if kind == "folder":
            target = tables.FolderTarget(folder=str(tmp_path / "gone"))
        async with desk_of(tmp_path, target) as desk:
            outcome = await desk.send("a.pdf", DATA)
        assert isinstance(outcome.error, errors.TargetRefused), outcome.error
        assert "folder" in str(outcome.error)
        assert outcome.retryable
        assert await asyncio.to_thread(place.stored) == []


async def test_a_share_that_is_not_there(smb: Place, tmp_path: Path) -> None:
    async with desk_of(tmp_path, smb.config(share="other")) as desk:
        outcome = await desk.send("a.pdf", DATA)
    assert "folder" in str(outcome.error)


async def test_a_full_sftp_server_keeps_nothing(
    sftp: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncssh = pytest.importorskip("asyncssh")

    def full(self: Any, file: Any, offset: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with desk_of(tmp_path, sftp.config()) as desk:
        with monkeypatch.context() as patched:
            patched.setattr(asyncssh.SFTPServer, "write", full)
            outcome = await desk.send("a.pdf", DATA)
        assert isinstance(outcome.error, errors.TargetRefused)
        assert "full" in str(outcome.error)
        assert (sftp.stored(), sftp.parts()) == ([], [])
        assert (await desk.send("a.pdf")).error is None


@pytest.mark.parametrize(("status", "word"), [(507, "full"), (403, "may not write"), (401, "password")])
async def test_what_a_webdav_server_says_is_told(status: int, word: str, tmp_path: Path) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.method)
        await request.read()
        return web.Response(status=404 if request.method == "PROPFIND" else status)

    application = web.Application()
    application.router.add_route("*", "/{any:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    target = tables.WebdavTarget(url=f"http://127.0.0.1:{runner.addresses[0][1]}/in/")
    async with desk_of(tmp_path, target) as desk:
        outcome = await desk.send("a.pdf", DATA)
    await runner.cleanup()
    assert isinstance(outcome.error, errors.TargetRefused)
    assert word in str(outcome.error)
    # What was begun is removed.
    assert asked == ["PROPFIND", "PUT", "DELETE"]


async def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere")

    application = web.Application()
    application.router.add_route("*", "/{any:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    secret = servers.secret_file(tmp_path)
    for target in (
        tables.WebdavTarget(url=f"http://127.0.0.1:{port}/"),
        tables.S3Target(url=f"http://127.0.0.1:{port}", bucket="b", access_key="k", secret=secret),
        tables.PaperlessTarget(url=f"http://127.0.0.1:{port}", secret=secret),
        tables.HttpTarget(url=f"http://127.0.0.1:{port}/"),
    ):
        async with desk_of(tmp_path, target) as desk:
            outcome = await desk.send("a.pdf", DATA)
        assert isinstance(outcome.error, errors.UploadRejected)
    await runner.cleanup()
    assert "/elsewhere" not in asked
    assert len(asked) == 4


async def test_a_certificate_that_has_expired_is_refused(tmp_path: Path) -> None:
    authority = trustme.CA()
    expired = {"not_after": OLD, "not_before": OLD - datetime.timedelta(1)}
    async with (
        servers.mail(tmp_path, authority, **expired) as box,
        desk_of(tmp_path, box.config()) as desk,
    ):
        outcome = await desk.send("a.pdf", DATA)
    assert isinstance(outcome.error, errors.UploadUnreachable)
    assert "expired" in str(outcome.error)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", **expired).configure_cert(context)
    application = web.Application()
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://localhost:{runner.addresses[0][1]}/"
    target = tables.WebdavTarget(url=url, authorities=str(tmp_path / "authorities.pem"))
    async with desk_of(tmp_path, target) as desk:
        outcome = await desk.send("a.pdf", DATA)
    await runner.cleanup()
    assert isinstance(outcome.error, errors.UploadUnreachable)
    assert "expired" in str(outcome.error)


async def test_a_server_of_mail_without_our_authority_gets_no_password(tmp_path: Path) -> None:
    async with started("mail", tmp_path) as place:
        async with desk_of(tmp_path, place.config(authorities="")) as desk:
            outcome = await desk.send("a.pdf", DATA)
        assert isinstance(outcome.error, errors.UploadUnreachable)
        assert place.box.came == []


@pytest.mark.parametrize(
    ("answer", "error"), [("452 4.3.1 no room", "full"), ("554 no", "refused the message")]
)
async def test_a_message_that_is_refused_is_told(answer: str, error: str, tmp_path: Path) -> None:
    async with started("mail", tmp_path) as place, desk_of(tmp_path, place.config()) as desk:
        place.box.answers.append(answer)
        outcome = await desk.send("a.pdf", DATA)
        assert error in str(outcome.error)
        assert outcome.retryable
        assert (await desk.send("a.pdf")).error is None
        assert len(place.box.came) == 1


async def test_a_message_sent_again_is_known_by_its_number(tmp_path: Path) -> None:
    async with started("mail", tmp_path) as place, desk_of(tmp_path, place.config()) as desk:
        for _ in range(2):
            assert (await desk.send("a.pdf", DATA)).error is None
        assert (await desk.send("b.pdf", DATA)).error is None
        first, again, other = (number for number, _, _ in place.box.came)
        assert first == again != other


async def test_a_file_too_large_for_a_message_is_not_sent(tmp_path: Path) -> None:
    async with started("mail", tmp_path) as place, desk_of(tmp_path, place.config(megabytes=1)) as desk:
        outcome = await desk.send("a.pdf", os.urandom((1 << 20) + 1))
        assert isinstance(outcome.error, errors.UploadTooLarge)
        assert not outcome.retryable


async def test_an_archive_that_reads_for_long_is_found_reading(tmp_path: Path) -> None:
    async with servers.paperless(tmp_path, seconds=1.5) as place:
        async with desk_of(tmp_path, place.config(), 1) as desk:
            assert isinstance((await desk.send("a.pdf", DATA)).error, errors.UploadTimeout)
        async with desk_of(tmp_path, place.config()) as desk:
            outcome = await desk.send("a.pdf", DATA, params={"title": ("T",), "secret": ("x",)})
            assert outcome.receipt is not None
        assert len(place.box.documents) == 1
        assert (await asyncio.to_thread(place.stored))[0][1] == DATA


@pytest.mark.parametrize("refuses", [False, True])
async def test_what_an_archive_has_is_not_posted_again(refuses: bool, tmp_path: Path) -> None:
    async with (
        servers.paperless(tmp_path, refuses=refuses) as place,
        desk_of(tmp_path, place.config()) as desk,
    ):
        assert (await desk.send("a.pdf", DATA, params={"title": ("Case 17",)})).error is None
        assert [title for title, _, _ in place.box.documents.values()] == ["Case 17"]
        again = await desk.send("b.pdf", DATA)
        assert again.receipt is not None
        assert again.receipt.already
        assert len(place.box.tasks) == 1


async def test_what_an_archive_cannot_read_is_given_up(tmp_path: Path) -> None:
    async with servers.paperless(tmp_path, fails=True) as place, desk_of(tmp_path, place.config()) as desk:
        outcome = await desk.send("a.zip", DATA)
        assert isinstance(outcome.error, errors.UploadRejected)
        assert not outcome.retryable


async def test_what_a_killed_service_left_is_removed_a_day_later(sftp: Place, tmp_path: Path) -> None:
    there = tmp_path / "there" / "in"
    old = there / f".gaopai-{'0' * 16}.part"
    new = there / f".gaopai-{'1' * 16}.part"
    others = there / "notes.part"
    for path in (old, new, others):
        path.write_bytes(b"half")
        if path is not new:
            os.utime(path, (1_000_000_000, 1_000_000_000))
    async with desk_of(tmp_path, sftp.config()) as desk:
        assert (await desk.send("a.pdf", DATA)).error is None
    assert not old.exists()
    assert new.exists()
    assert others.exists()


def test_a_name_is_made_safe_for_every_system() -> None:
    pools = ThreadPools()
    file = delivered_file('a:b|"c"?.pdf', 0, lambda offset: b"", pools)
    pools.close()
    assert [*file.names()] == ["a_b__c__.pdf", "a_b__c__-e3b0c442.pdf", f"a_b__c__-{file.sha256[:32]}.pdf"]


async def test_a_library_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "smbclient", None)
    monkeypatch.delitem(sys.modules, "server.services.upload.targets.smb", raising=False)
    target = tables.SmbTarget(host="127.0.0.1", share="s", user="u", secret=servers.secret_file(tmp_path))
    async with desk_of(tmp_path, target) as desk:
        outcome = await desk.send("a.pdf", DATA)
    assert "pip install 'gaopai[smb]'" in str(outcome.error)


async def test_a_secret_of_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")
    held = {("gaopai", "t"): servers.PASSWORD}
    monkeypatch.setattr(keyring, "get_password", lambda service, name: held.get((service, name)))
    async with started("sftp", tmp_path) as place, desk_of(tmp_path, place.config(secret="keyring")) as desk:
        assert (await desk.send("a.pdf", DATA)).error is None
        held.clear()
        assert "keyring" in str((await desk.send("b.pdf", DATA)).error)
