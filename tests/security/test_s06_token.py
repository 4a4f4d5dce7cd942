"""S6: with a token every client has to show it; guesses are slowed down, and no log ever holds one."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest

from server import config as configuration
from server.access.token import (
    FIRST_WAIT,
    LONGEST_WAIT,
    REMEMBERED,
    WRONG_OF_PEER_UNTIL_WAIT,
    WRONG_UNTIL_WAIT,
    Token,
    TokenVerdict,
    read_token,
)
from server.cli import main
from server.config import Config, ConfigError
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import connect
from tests.patience import PATIENCE
from tests.security.knocking import knock
from tests.service import running

SECRET = "correct-horse-battery-staple_0123456789"
WRONG = "wrong-horse-battery-staple_0123456789"


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{SECRET}\n", encoding="utf-8")
    path.chmod(0o600)
    return path


@pytest.fixture
def config(config: Config, token_file: Path) -> Config:
    access = configuration.replace(config.access, token_file=str(token_file))
    return configuration.replace(config, access=access)


def shown(how: str, token: str) -> tuple[str, dict[str, str]]:
    """Path and headers that show a token."""
    if how == "query":
        return f"/?token={token}", {}
    if how == "subprotocol":
        return "/", {"Sec-WebSocket-Protocol": f"gaopai.v1.binary, gaopai.token.{token}"}
    return "/", {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("how", ["query", "subprotocol", "authorization"])
async def test_each_way_to_show_it(service: Running, how: str) -> None:
    for token, expected in ((SECRET, 101), (WRONG, 401), (SECRET[:-1], 401), (SECRET + "0", 401), ("", 401)):
        path, headers = shown(how, token)
        assert (await knock(service, path, **headers))[0] == expected, token


async def test_without_one_nobody_is_let_in_and_told_how(service: Running) -> None:
    for headers in ({}, {"Origin": ALLOWED}):
        status, text = await knock(service, **headers)
        assert status == 401
        assert "?token=" in text
    assert (await knock(service, "/stream/0.mjpg"))[0] == 401
    # The right token opens no door for another origin.
    assert (await knock(service, f"/?token={SECRET}", Origin="https://evil.com"))[0] == 403


async def test_several_guesses_at_once_are_none(service: Running) -> None:
    headers = {"Sec-WebSocket-Protocol": f"gaopai.token.{WRONG}, gaopai.token.{SECRET}"}
    assert (await knock(service, **headers))[0] == 401
    assert (await knock(service, f"/?token={WRONG}", Authorization=f"Bearer {SECRET}"))[0] == 401


async def test_a_browser_that_offers_the_token_alone_gets_it_confirmed(service: Running) -> None:
    for protocols, chosen in (
        ((f"gaopai.token.{SECRET}",), f"gaopai.token.{SECRET}"),
        ((f"gaopai.token.{SECRET}", "gaopai.v1.binary"), "gaopai.v1.binary"),
        (("gaopai.v1.binary", f"gaopai.token.{SECRET}"), "gaopai.v1.binary"),
    ):
        async with connect(service.url, ALLOWED, protocols) as page:
            assert page.socket.protocol == chosen
            await page.must("Heartbeat")


async def test_after_ten_wrong_ones_an_origin_waits_and_others_do_not(service: Running) -> None:
    for _ in range(WRONG_UNTIL_WAIT):
        assert (await knock(service, f"/?token={WRONG}", Origin=ALLOWED))[0] == 401
    for token in (WRONG, SECRET):
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(f"{service.url}?token={token}", headers={"Origin": ALLOWED})
        assert refused.value.status == 429
        assert refused.value.headers
        assert int(refused.value.headers["Retry-After"]) >= 1
    assert (await knock(service, f"/?token={SECRET}", Origin=OTHER))[0] == 101
    assert (await knock(service, f"/?token={SECRET}"))[0] == 101


async def test_pages_and_health_need_none(service: Running) -> None:
    async with aiohttp.ClientSession() as http:
        for path in ("/", "/health", "/gaopai.js"):
            async with http.get(service.http + path) as response:
                assert response.status == 200


def test_the_wait_doubles_up_to_a_bound_and_ends_with_the_right_one() -> None:
    now = [0.0]
    token = Token(SECRET, clock=lambda: now[0])
    waits = []
    for number in range(WRONG_UNTIL_WAIT + 12):
        assert token.check(WRONG, "peer", None) is TokenVerdict.WRONG, number
        if token.check(SECRET, "peer", None) is TokenVerdict.WAIT:
            waits.append(token.wait_seconds("peer", None))
            now[0] += LONGEST_WAIT
    assert waits == [min(LONGEST_WAIT, FIRST_WAIT * 2**each) for each in range(len(waits))]


def test_what_is_remembered_is_bounded() -> None:
    token = Token(SECRET)
    for number in range(10 * REMEMBERED):
        token.check(WRONG, number, f"https://n{number}.example.cn")
    assert len(token._guesses._failures) == REMEMBERED


def test_guesses_of_one_user_under_another_s_origin_lock_nobody_else_out() -> None:
    token = Token(SECRET, clock=lambda: 0.0)
    for _ in range(WRONG_UNTIL_WAIT):
        token.check(WRONG, "a program", ALLOWED)
    assert token.check(SECRET, "a program", ALLOWED) is TokenVerdict.WAIT
    assert token.check(SECRET, "a program", OTHER) is TokenVerdict.RIGHT
    assert token.check(SECRET, "a browser", ALLOWED) is TokenVerdict.RIGHT


def test_guesses_under_invented_origins_are_one_user_s() -> None:
    token = Token(SECRET, clock=lambda: 0.0)
    for number in range(WRONG_OF_PEER_UNTIL_WAIT):
        assert token.check(WRONG, "a program", f"https://n{number}.example.cn") is TokenVerdict.WRONG
    assert token.check(SECRET, "a program", "https://new.example.cn") is TokenVerdict.WAIT
    assert token.check(SECRET, "a browser", "https://new.example.cn") is TokenVerdict.RIGHT


@pytest.mark.parametrize("text", ["", "short", "with space in the middle of it", "é" * 30, "a" * 300])
def test_what_is_no_token_is_refused_at_start(token_file: Path, text: str) -> None:
    token_file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="gaopai token new"):
        read_token(token_file)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o606])
def test_a_file_that_others_can_read_is_refused_at_start(token_file: Path, mode: int) -> None:
    token_file.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_token(token_file)


def test_the_command_makes_one_for_its_owner_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "private" / "token"
    made = set()
    for _ in range(2):
        assert main(["token", "new", "-o", str(path)]) == 0
        made.add(capsys.readouterr().out.strip())
        assert path.stat().st_mode & 0o777 == 0o600
    assert len(made) == 2
    assert read_token(path) in made


def test_no_token_reaches_the_log(tmp_path: Path, token_file: Path) -> None:
    """Also not those of odd requests, at the most talkative level."""
    settings = f"[access]\ntoken_file = '{token_file}'\n[log]\nlevel = 'DEBUG'\n"
    with running(tmp_path, settings) as service:
        asyncio.run(_tell_tokens(service.port))
    log = service.log
    assert "no right token" in log
    assert re.findall(r"[a-z]+-horse-battery|%2[Dd]horse", log) == []


async def _tell_tokens(port: int) -> None:
    urls = [f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port}/health", f"http://127.0.0.1:{port}/no"]
    async with aiohttp.ClientSession() as http:
        for token in (WRONG, SECRET):
            for how in ("query", "subprotocol", "authorization"):
                path, headers = shown(how, token)
                for base in ("", "stream/0.mjpg"):
                    target = f"{urls[0]}{base}{path[1:]}"
                    await _try(http, target, {**headers, "Origin": f"http://127.0.0.1:{port}"})
                    await _try(http, target, headers)
            await _try(http, f"{urls[0]}?token={SECRET}", {"Sec-WebSocket-Protocol": token})
            await _try(http, urls[0], {"Sec-WebSocket-Protocol": f"gaopai.tokens.{token}, {token}"})
            for url in urls:
                async with http.post(f"{url}?token={token}", data=b"x") as response:
                    assert response.status in (404, 405)
    for token in (WRONG, SECRET):
        for line in (f"GET /?token={token}\x01 HTTP/1.1", f"GET /?token={token} HTTP/9.9", f"token {token}"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"{line}\r\nHost: 127.0.0.1\r\nX{token}\r\n\r\n".encode())
            async with asyncio.timeout(PATIENCE):
                await reader.read(100)
            writer.close()


async def _try(http: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> None:
    try:
        async with http.ws_connect(url, headers=headers) as socket:
            await socket.send_str("{")
            await socket.receive(20)
    except aiohttp.WSServerHandshakeError:
        pass
