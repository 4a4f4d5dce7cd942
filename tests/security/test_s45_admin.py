"""S45: settings open in the service's own page, on this computer, for who may use its private folder."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest

from server.access.peer import Peer
from server.access.token import LONGEST_WAIT, WRONG_UNTIL_WAIT
from server.admin.api import BODY_BYTES
from server.admin.sessions import (
    IDLE_SECONDS,
    LONGEST_SECONDS,
    MOST,
    SECONDS,
    AdminSessions,
    TicketFile,
    TooManyGuesses,
)
from server.cli import admin
from server.storage.private_file import PrivateFileUnreadable
from tests.administrator import Administrator, address_of, post, ticket_of, token_of, type_admin
from tests.functional.page import connect
from tests.patience import PATIENCE
from tests.security.test_s24_page_resources import TARGETS, fetch
from tests.service import Service, running

GRANTED = "https://oa.example.cn"
FUNCTIONS = [
    *("open", "end", "about", "models", "devices", "checks", "storage"),
    *("log", "origins", "decide", "settings", "draft", "save"),
]
OURS = Peer(1000)
OTHER = Peer(1001)
NOBODY = 65534


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("service"), f'[access]\norigins = ["{GRANTED}"]\n') as service:
        yield service


@pytest.fixture(scope="module")
def administrator(service: Service) -> Administrator:
    return Administrator(service)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


# Whose page it is --------------------------------------------------------------------------


def foreign(service: Service) -> list[dict[str, str]]:
    """Headers by which a request is not that of the service's own page."""
    port = service.port
    return [
        {"Origin": GRANTED},
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": f"http://localhost:{port + 1}"},
        {"Origin": f"https://127.0.0.1:{port}"},
        {"Origin": f"http://127.0.0.1:{port}.evil.example.com"},
        {"Origin": GRANTED, "Referer": f"{service.http}/admin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        # Rebinding: the page's own name leads here, and both headers say so.
        {"Host": f"evil.example.com:{port}", "Origin": f"http://evil.example.com:{port}"},
        {"Host": f"127.0.0.1.evil.example.com:{port}", "Origin": service.http},
        {"Host": f"127.0.0.1:{port + 1}", "Origin": f"http://127.0.0.1:{port + 1}"},
        {"Host": f"127.0.0.2:{port}", "Origin": f"http://127.0.0.2:{port}"},
    ]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_other_page_reaches_any_function(administrator: Administrator, function: str) -> None:
    """Even with the secret of an open session."""
    service = administrator.service
    for headers in foreign(service):
        path = f"/admin/api/{function}"
        status, body, answered = post(service, path, {**administrator.headers(), **headers})
        assert status in (403, 421), (function, headers)
        assert "Access-Control-Allow-Origin" not in answered
        assert b"session" not in body and b'settings":' not in body
    assert administrator.ask("origins")[0] == 200


def test_a_request_without_an_origin_is_nobodys(administrator: Administrator) -> None:
    headers = {name: value for name, value in administrator.headers().items() if name != "Origin"}
    assert post(administrator.service, "/admin/api/origins", headers)[0] == 403


async def test_a_preflight_allows_nothing_and_other_methods_do_nothing(service: Service) -> None:
    headers = {"Origin": GRANTED, "Access-Control-Request-Method": "POST"}
    async with aiohttp.ClientSession() as http:
        for method in ("OPTIONS", "GET", "HEAD", "PUT", "DELETE", "PATCH"):
            async with http.request(method, f"{service.http}/admin/api/open", headers=headers) as answer:
                assert answer.status in (404, 405), method
                assert not [name for name in answer.headers if name.startswith("Access-Control")]


async def test_no_page_reaches_it_by_websocket(service: Service) -> None:
    async with aiohttp.ClientSession() as http:
        for path in ("/admin", "/admin/", "/admin/api/open", "/admin/api/settings"):
            for origin in (GRANTED, service.http):
                with pytest.raises(aiohttp.WSServerHandshakeError):
                    await http.ws_connect(service.http + path, headers={"Origin": origin})
    async with connect(service.url, service.http) as page:
        for function in ("AdminOpen", "admin/api/open", "settings"):
            assert (await page.ask(function))["result"] != 0


async def test_the_page_says_nothing_and_is_kept_by_nobody(service: Service) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{service.http}/admin") as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert answer.status == 200
        assert GRANTED not in await answer.text()
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "connect-src 'self';" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.cookies == {}


async def test_the_page_is_not_at_another_name(service: Service) -> None:
    async with aiohttp.ClientSession() as http:
        for host, status in (
            (f"evil.example.com:{service.port}", 421),
            (f"127.0.0.1:{service.port + 1}", 403),
        ):
            async with http.get(f"{service.http}/admin", headers={"Host": host}) as answer:
                assert answer.status == status


async def test_no_path_leads_out_of_the_page(service: Service) -> None:
    class Place:
        http = service.http

    for target in TARGETS:
        for start in ("/admin/", "/admin/../", "/admin/api/../"):
            status, body = await fetch(Place.http, start + target)
            assert b"root:" not in body and b"import " not in body, target
            assert status in (200, 400, 403, 404, 405), target
            if status == 200:  # tidied to a file of the page by its exact name, or to the page itself
                assert b"<!doctype html>" in body[:20].lower() or target.endswith("index.html"), target


# Tokens ------------------------------------------------------------------------------------


def test_a_token_opens_one_session_once(service: Service) -> None:
    token = token_of(service)
    first = Administrator(service, "").exchange(token)
    again = Administrator(service, "").exchange(token)
    assert (first[0], again[0]) == (200, 401)
    assert "session" not in again[1]
    assert first[1]["session"] != token


async def issued(tickets: TicketFile) -> str:
    return await asyncio.to_thread(tickets.issue)


async def test_two_at_once_get_one(tmp_path: Path) -> None:
    tickets = TicketFile(tmp_path)
    token = await issued(tickets)
    sessions = AdminSessions(tickets)
    secrets = await asyncio.gather(*(sessions.open(token, OURS) for _ in range(8)))
    assert len([secret for secret in secrets if secret]) == 1


@pytest.mark.long
def test_without_the_right_secret_nothing_is_answered(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        right = Administrator(service)
        secrets = ["", "x", right.secret[:-1], f"{right.secret}x", "\u00ff" * 10, "x" * 4000]
        for secret, function in zip(
            secrets, ("about", "settings", "save", "end", "decide", "log"), strict=True
        ):
            status, answer = Administrator(service, secret).ask(function)
            assert status == 401 and set(answer) == {"zh", "en", "name"}, function
            assert answer["name"] == "", function
        assert Administrator(service, "").exchange(right.secret)[0] == 401
        right.must("about")


async def test_a_token_expires(tmp_path: Path) -> None:
    clock = Clock()
    tickets = TicketFile(tmp_path, clock)
    sessions = AdminSessions(tickets)
    for late, is_open in ((SECONDS - 1, True), (SECONDS + 1, False), (-1e6, False), (1e6, False)):
        token = await issued(tickets)
        clock.now += late
        assert bool(await sessions.open(token, OURS)) is is_open, late


async def test_a_newer_token_ends_the_one_before(tmp_path: Path) -> None:
    tickets = TicketFile(tmp_path)
    first = await issued(tickets)
    second = await issued(tickets)
    sessions = AdminSessions(tickets)
    assert await sessions.open(first, OURS) is None
    assert await sessions.open(second, OURS) is not None


async def test_a_session_ends_when_idle_and_at_last(tmp_path: Path) -> None:
    clock = Clock()
    tickets = TicketFile(tmp_path, clock)
    sessions = AdminSessions(tickets, clock)
    secret = await sessions.open(await issued(tickets), OURS) or ""
    for _ in range(3):
        clock.now += IDLE_SECONDS - 1
        assert sessions.admits(secret, OURS)
    clock.now += IDLE_SECONDS
    assert not sessions.admits(secret, OURS)
    secret = await sessions.open(await issued(tickets), OURS) or ""
    begun = clock.now
    while clock.now - begun < LONGEST_SECONDS:
        assert sessions.admits(secret, OURS)
        clock.now += IDLE_SECONDS / 2
    assert not sessions.admits(secret, OURS)


async def test_sessions_are_few_and_each_is_one_accounts(tmp_path: Path) -> None:
    tickets = TicketFile(tmp_path)
    sessions = AdminSessions(tickets)
    secrets = [await sessions.open(await issued(tickets), OURS) or "" for _ in range(MOST + 1)]
    assert [sessions.admits(secret, OURS) for secret in secrets] == [False] + [True] * MOST
    assert not sessions.admits(secrets[-1], OTHER)
    sessions.end(secrets[-1], OTHER)
    assert sessions.admits(secrets[-1], OURS)
    sessions.end(secrets[-1], OURS)
    assert not sessions.admits(secrets[-1], OURS)


@pytest.mark.parametrize("known", [False, True])
async def test_guesses_get_slower_for_who_makes_them(tmp_path: Path, known: bool) -> None:
    """Of tokens and of sessions' secrets, together; another account does not wait for it."""
    clock = Clock()
    tickets = TicketFile(tmp_path, clock)
    sessions = AdminSessions(tickets, clock)
    right = await sessions.open(await issued(tickets), OURS) or ""
    for number in range(WRONG_UNTIL_WAIT):
        if number % 2:
            assert await sessions.open("x" * 43, OTHER) is None
        else:
            assert not sessions.admits("x" * 43, OTHER)
    token = await issued(tickets)
    with pytest.raises(TooManyGuesses):
        await sessions.open(token, OTHER) if known else sessions.admits("x", OTHER)
    assert sessions.admits(right, OURS)
    clock.now += LONGEST_WAIT
    token = await issued(tickets)
    assert await sessions.open(token, OTHER) is not None


def test_a_guesser_is_told_to_wait(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        guesser = Administrator(service, "wrong")
        answers = [guesser.exchange(f"{number:043}") for number in range(WRONG_UNTIL_WAIT + 2)]
        assert [status for status, _ in answers] == [401] * WRONG_UNTIL_WAIT + [429] * 2
        assert "wait" in answers[-1][1]["en"]


# The account -------------------------------------------------------------------------------


def test_the_token_is_on_no_disk_and_its_ticket_private(service: Service) -> None:
    typed = type_admin(service)
    token = typed.stdout.partition("#token=")[2].strip()
    assert len(token) >= 43 and token not in typed.stderr
    ticket = ticket_of(service)
    assert stat.S_IMODE(ticket.stat().st_mode) == 0o600
    assert stat.S_IMODE(ticket.parent.stat().st_mode) == 0o700
    everything = [path for path in service.folder.rglob("*") if path.is_file()]
    assert ticket in everything
    assert [path for path in everything if token.encode() in path.read_bytes()] == []


def test_the_token_is_behind_the_hash_and_in_no_log(service: Service) -> None:
    address = address_of(service)
    assert address.startswith(f"{service.http}/admin#token=")
    token = address.partition("=")[2]
    secret = Administrator(service, "").exchange(token)[1]["session"]
    Administrator(service, secret).must("settings")
    lines = json.dumps(Administrator(service, secret).must("log"))
    for told in (service.log, lines):
        assert token not in told and secret not in told and "settings view was opened" in told


@pytest.mark.long
def test_a_restart_discards_tickets(tmp_path: Path) -> None:
    """As the clock that they expire by begins anew with the computer."""
    with running(tmp_path) as service:
        token = token_of(service)
    assert ticket_of(service).exists()
    with running(tmp_path, port=service.port) as again:
        assert Administrator(again, "").exchange(token)[0] == 401
        assert not ticket_of(again).exists()


def test_a_ticket_that_stays_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that is read only by now, where it would be good again."""
    tickets = TicketFile(tmp_path)
    token = tickets.issue()

    def refuse(_: Path) -> None:
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(PrivateFileUnreadable):
        tickets.take(token)


@pytest.mark.long
def test_a_folder_that_cannot_be_used_keeps_no_service_from_its_work(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "gaopai-access").write_text("no folder")
    with running(tmp_path) as service:
        status, told = Administrator(service, "").exchange("x" * 43)
        assert status == 500 and str(tmp_path) not in str(told)
        assert "the settings view cannot be opened" in service.log
        typed = type_admin(service, "--language", "en")
        assert typed.returncode == 1 and "cannot be used" in typed.stderr


@pytest.mark.parametrize("mode", [0o660, 0o602, 0o666])
def test_a_ticket_that_others_could_write_opens_nothing(tmp_path: Path, mode: int) -> None:
    tickets = TicketFile(tmp_path)
    token = tickets.issue()
    (tmp_path / "admin.json").chmod(mode)
    with pytest.raises(PrivateFileUnreadable):
        tickets.take(token)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"digest": 1}', b'{"digest": "", "until": 1e9}'])
def test_a_strange_ticket_opens_nothing(tmp_path: Path, content: bytes) -> None:
    tickets = TicketFile(tmp_path)
    (tmp_path / "admin.json").write_bytes(content)
    (tmp_path / "admin.json").chmod(0o600)
    try:
        assert not tickets.take("")
    except PrivateFileUnreadable as exc:
        assert "admin.json" in str(exc)


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a program as another user")
def test_another_account_gets_no_ticket_and_reads_none(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of a service that lets all users connect; a stolen secret is of no use to it either."""
    python = shutil.which("python3", path="/usr/bin:/bin")
    if python is None or shutil.which("setpriv") is None:
        pytest.skip("no Python that another user may run")
    folder = tmp_path_factory.mktemp("open")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    (folder / "state" / "gaopai-access").mkdir(parents=True, mode=0o700)
    with running(folder, "", "--other-users") as service:
        ours = Administrator(service)
        token_of(service)
        ticket = ticket_of(service)
        (folder / "state").chmod(0o755)
        script = f"""
import http.client, sys
line = http.client.HTTPConnection("127.0.0.1", {service.port}, timeout=100)
line.request("POST", "/admin/api/about", "{{}}", {ours.headers()!r})
if line.getresponse().status != 401:
    sys.exit(2)
for act in (lambda: open({str(ticket)!r}).read(), lambda: open({str(ticket)!r}, "w"),
            lambda: open({str(ticket.parent / "mine")!r}, "w")):
    try:
        act()
    except PermissionError:
        continue
    sys.exit(1)
"""
        words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", python, "-c", script]
        subprocess.run(words, check=True, timeout=PATIENCE, cwd="/")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_root_gives_the_ticket_to_the_services_account(tmp_path: Path) -> None:
    """And follows no link that the account laid where the ticket comes."""
    folder = tmp_path / "access"
    secret = tmp_path / "secret"
    folder.mkdir(mode=0o700)
    os.chown(folder, NOBODY, NOBODY)
    secret.write_text("root's")
    (folder / "admin.json").symlink_to(secret)
    TicketFile(folder).issue()
    ticket = folder / "admin.json"
    assert not ticket.is_symlink() and ticket.stat().st_uid == NOBODY
    assert stat.S_IMODE(ticket.stat().st_mode) == 0o600
    assert secret.read_text() == "root's" and secret.stat().st_uid == 0


@pytest.mark.long
def test_the_command_gives_no_token_to_anothers_program(service: Service, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        folder = tmp_path / "access"
        folder.mkdir()
        os.chown(folder, NOBODY, NOBODY)
        refused = type_admin(service, "--folder", str(folder), "--language", "en")
        assert refused.returncode == 1 and "token" not in refused.stdout
        assert "belongs to root, not to" in refused.stderr
    nowhere = type_admin(service, "--port", "9", "--language", "zh")
    assert nowhere.returncode == 1 and nowhere.stdout == ""
    assert "没有服务" in nowhere.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_a_mapped_folder_belongs_to_the_units_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd keeps folders of dynamic accounts as nobody's, and maps them for the service alone."""
    folder = tmp_path / "access"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    monkeypatch.setattr(admin.pwd, "getpwnam", {"gaopai": SimpleNamespace(pw_uid=61234)}.__getitem__)
    assert admin._account_of(folder) == 61234
    monkeypatch.setattr(admin.pwd, "getpwnam", {}.__getitem__)
    assert admin._account_of(folder) == NOBODY
    os.chown(folder, 1000, 1000)
    assert admin._account_of(folder) == 1000


# Form and size -----------------------------------------------------------------------------


def test_bodies_are_bounded_and_judged(administrator: Administrator) -> None:
    service = administrator.service
    headers = administrator.headers()
    for body, status in (
        (b"x" * (BODY_BYTES + 1), 413),
        (b"", 400),
        (b"[]", 400),
        (b"{" * 10_000, 400),
        (b"[" * 100_000, 400),
        (b'{"text": 1}', 400),
        (b'{"text": "", "more": 1}', 400),
        (b"\xff\xfe", 400),
        (b'{"changes": [{"table": "server", "key": "nothing", "value": 1}]}', 400),
        (b'{"changes": [{"table": "server", "key": "port", "value": {"a": 1}}]}', 400),
    ):
        told, answered, _ = post(service, "/admin/api/draft", headers, body)
        assert told == status, body[:60]
        assert b"Traceback" not in answered
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert post(service, "/admin/api/settings", {**headers, "Content-Type": kind})[0] == 400
    assert administrator.ask("origins")[0] == 200


def test_a_stranger_has_no_body_read(service: Service) -> None:
    """Who has no session is refused before anything is read, however much was announced."""
    headers = {**Administrator(service, "no").headers(), "Content-Length": str(1 << 40)}
    assert post(service, "/admin/api/save", headers, b"x")[0] in (401, 429)


@pytest.mark.long
async def test_it_can_be_switched_off(tmp_path: Path) -> None:
    with running(tmp_path, "[admin]\nenabled = false\n") as service:
        typed = await asyncio.to_thread(type_admin, service, "--language", "en")
        assert typed.returncode == 1 and "enabled = false" in typed.stderr
        for path in ("/admin", "/admin/", "/admin/admin.js"):
            assert (await fetch(service.http, path))[0] == 404
        headers = Administrator(service, "x").headers()
        assert (await asyncio.to_thread(post, service, "/admin/api/open", headers))[0] in (404, 405)


def test_what_is_compared_is_compared_in_constant_time() -> None:
    modules = {AdminSessions.__module__, TicketFile.__module__}
    source = "".join(Path(sys.modules[name].__file__ or "").read_text(encoding="utf-8") for name in modules)
    assert source.count("compare_digest") == 2
    assert "== secret" not in source and "== token" not in source
