"""S5: an unknown origin is asked about or allowed by command; kept, listed, revocable; no answer is no."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from server import config as configuration
from server.access.consent import (
    ASKS_AN_HOUR,
    ASKS_AT_ONCE,
    ASKS_OF_ALL,
    ASKS_OF_SITE,
    HOUR,
    WAITING,
    Consent,
    ConsentAnswer,
    _site,
)
from server.access.grants import GrantFile, Grants
from server.cli import main
from server.runtime.background import failures
from server.storage.private_file import PrivateFileUnreadable
from tests.functional.conftest import ALLOWED, Running
from tests.functional.page import connect
from tests.patience import PATIENCE
from tests.security.knocking import knock

NEW = "https://new.example.cn"


class Person:
    """Who is asked: answers when the test lets them."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: asyncio.Future[ConsentAnswer] = asyncio.get_running_loop().create_future()
        self.looking = asyncio.Event()

    async def __call__(self, origin: str) -> ConsentAnswer:
        self.asked.append(origin)
        self.looking.set()
        return await asyncio.shield(self.answer)


@pytest.fixture
def file(tmp_path: Path) -> GrantFile:
    return GrantFile(tmp_path / "access")


@pytest.fixture
def grants(file: GrantFile) -> Grants:
    return Grants(file)


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Awaitable[int]]:
    """`gaopai allow` beside the running service, with its folder."""
    settings = tmp_path / "allow.toml"
    settings.write_text(f"[access]\nfolder = '{tmp_path / 'access'}'\n", encoding="utf-8")

    async def run(*words: str) -> int:
        return await asyncio.to_thread(main, ["allow", *words, "--config", str(settings)])

    return run


async def test_without_a_desktop_the_answer_is_no_and_says_what_to_type(service: Running) -> None:
    status, text = await knock(service, Origin=NEW)
    assert status == 403
    assert f"gaopai allow {NEW}" in text


async def test_a_command_lets_an_origin_in_at_once(
    service: Running, command: Callable[..., Awaitable[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert await command("HTTPS://New.Example.cn:443") == 0
    assert (await knock(service, Origin=NEW))[0] == 101
    assert (await knock(service, Origin=f"{NEW}.evil.com"))[0] == 403
    assert await command("--list") == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[0::5] == ["allowed", NEW]


async def test_what_is_taken_back_ends_live_sockets_of_that_origin_only(
    service: Running, command: Callable[..., Awaitable[int]]
) -> None:
    await command(NEW)
    async with (
        connect(service.url, NEW) as page,
        connect(service.url, ALLOWED) as other,
        aiohttp.ClientSession(headers={"Origin": NEW}) as http,
    ):
        await page.must("GetCameraInfo")
        await page.must("OpenCamera", devNum=0)
        stream = await http.get(f"{service.http}/stream/0.mjpg")
        assert stream.status == 200
        assert await command("--revoke", NEW) == 0
        async with asyncio.timeout(PATIENCE):
            while not (await page.socket.receive()).type.name.startswith("CLOS"):
                pass
            # A picture in the page ends, too.
            await stream.read()
        assert page.socket.close_code == 1008
        await other.must("GetCameraInfo")
        # The camera is free again.
        async with asyncio.timeout(PATIENCE):
            while (await other.ask("OpenCamera", devNum=0))["result"] != 0:
                await asyncio.sleep(0.01)
    assert (await knock(service, Origin=NEW))[0] == 403


async def test_a_denied_origin_is_told_so_and_its_sockets_end(
    service: Running, command: Callable[..., Awaitable[int]]
) -> None:
    await command(NEW)
    async with connect(service.url, NEW) as page:
        await command("--deny", NEW)
        async with asyncio.timeout(PATIENCE):
            await page.socket.receive()
        assert page.socket.close_code == 1008
    status, text = await knock(service, Origin=NEW)
    assert status == 403
    assert "does not let" in text


async def test_the_configuration_counts_more_than_a_denial(
    service: Running, command: Callable[..., Awaitable[int]]
) -> None:
    await command("--deny", ALLOWED)
    assert (await knock(service, Origin=ALLOWED))[0] == 101


@pytest.mark.parametrize("words", [["https://*.example.cn"], ["null"], ["https://a/b"], [NEW, "--list"]])
async def test_a_command_decides_about_one_exact_origin(
    words: list[str], command: Callable[..., Awaitable[int]]
) -> None:
    assert await command(*words) == 2


async def test_taking_back_what_nobody_allowed_says_so(command: Callable[..., Awaitable[int]]) -> None:
    assert await command("--revoke", NEW) == 1


# Asking ------------------------------------------------------------------------------------


async def test_a_yes_lets_all_waiting_handshakes_in_and_is_kept(file: GrantFile, grants: Grants) -> None:
    person = Person()
    consent = Consent(person, grants)
    waiting = [asyncio.create_task(consent.allows(NEW)) for _ in range(WAITING + 3)]
    await person.looking.wait()
    person.answer.set_result(ConsentAnswer.YES)
    assert sorted(await asyncio.gather(*waiting)) == [False] * 3 + [True] * WAITING
    assert person.asked == [NEW]
    kept = await asyncio.to_thread(file.read)
    assert (kept[NEW].allowed, kept[NEW].by) == (True, "prompt")


@pytest.mark.parametrize(("answer", "kept"), [(ConsentAnswer.NO, True), (ConsentAnswer.NONE, False)])
async def test_no_is_kept_and_no_answer_is_no_once(grants: Grants, answer: ConsentAnswer, kept: bool) -> None:
    person = Person()
    person.answer.set_result(answer)
    assert not await Consent(person, grants).allows(NEW)
    assert grants.denies(NEW) == kept
    assert not grants.allows(NEW)


async def test_one_question_at_a_time(grants: Grants) -> None:
    person = Person()
    consent = Consent(person, grants)
    first = asyncio.create_task(consent.allows(NEW))
    await person.looking.wait()
    assert not await consent.allows("https://second.example.cn")
    person.answer.set_result(ConsentAnswer.NONE)
    assert not await first
    assert person.asked == [NEW]


async def test_a_page_cannot_nag(grants: Grants) -> None:
    person = Person()
    now = [0.0]
    person.answer.set_result(ConsentAnswer.NONE)
    consent = Consent(person, grants, clock=lambda: now[0])
    for number in range(20):
        assert not await consent.allows(NEW if number < 10 else f"https://n{number}.example.cn")
    assert person.asked.count(NEW) == len(person.asked) == ASKS_OF_SITE
    now[0] = HOUR + 1
    await consent.allows(NEW)
    assert len(person.asked) == ASKS_OF_SITE + 1


async def test_invented_origins_keep_others_out_for_minutes_only(grants: Grants) -> None:
    person = Person()
    now = [0.0]
    person.answer.set_result(ConsentAnswer.NONE)
    consent = Consent(person, grants, clock=lambda: now[0])
    for number in range(20):
        assert not await consent.allows(f"https://invented{number}.example", peer="a program")
    assert len(person.asked) == ASKS_AT_ONCE
    # Another user's page is asked about at once, and so is everybody's after some minutes.
    await consent.allows("https://honest.example", peer="a browser")
    now[0] = HOUR / ASKS_AN_HOUR + 1
    await consent.allows("https://late.example", peer="a program")
    assert person.asked[ASKS_AT_ONCE:] == ["https://honest.example", "https://late.example"]


async def test_invented_origins_of_many_users_are_bounded_too(grants: Grants) -> None:
    person = Person()
    person.answer.set_result(ConsentAnswer.NONE)
    consent = Consent(person, grants, clock=lambda: 0.0)
    for number in range(20):
        await consent.allows(f"https://invented{number}.example", peer=number)
    assert len(person.asked) == ASKS_OF_ALL


async def test_a_yes_costs_nobody_a_question(grants: Grants) -> None:
    person = Person()
    person.answer.set_result(ConsentAnswer.YES)
    consent = Consent(person, grants, clock=lambda: 0.0)
    for number in range(3 * ASKS_OF_ALL):
        assert await consent.allows(f"https://honest{number}.example")


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ("https://a.b.example.com", "example.com"),
        ("http://example.com:8080", "example.com"),
        ("https://x.y.gov.cn", "y.gov.cn"),
        ("https://oa.example.cn", "example.cn"),
        ("http://10.0.0.5", "10.0.0.5"),
        ("http://[fd00::1]:80", "fd00::1"),
        ("http://counter", "counter"),
    ],
)
def test_origins_that_one_owner_can_make_are_one_site(origin: str, site: str) -> None:
    assert _site(origin) == site


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "file://",
        "chrome-extension://abc",
        "https://OA.example.cn",
        "https://oa.example.cn/",
        "https://oa.example.cn:443",
        "https://oa.example.cn\n\nPress Allow",
        "https://<b>oa</b>.example.cn",
        "https://oa.example.cn\u202e",
        "https://оа.example.cn",
        "https://" + "a" * 60 + "." + "b" * 60 + ".example.cn",
    ],
)
async def test_nobody_is_asked_about_what_could_mislead(grants: Grants, origin: str) -> None:
    person = Person()
    assert not await Consent(person, grants).allows(origin)
    assert person.asked == []


async def test_a_service_that_stops_takes_its_question_away(grants: Grants) -> None:
    person = Person()
    consent = Consent(person, grants)
    waiting = asyncio.create_task(consent.allows(NEW))
    await person.looking.wait()
    await consent.close()
    assert not await waiting


async def test_a_prompt_that_fails_is_no_answer_and_the_next_one_is_shown(grants: Grants) -> None:
    person = Person()
    consent = Consent(person, grants)
    waiting = [asyncio.create_task(consent.allows(NEW)) for _ in range(2)]
    await person.looking.wait()
    person.answer.set_exception(ValueError(NEW))
    assert await asyncio.gather(*waiting) == [False, False]
    assert [(worker.name, worker.error) for worker in failures()] == [
        ("prompt about an origin", "ValueError")
    ]
    person.answer = asyncio.get_running_loop().create_future()
    person.answer.set_result(ConsentAnswer.YES)
    assert await consent.allows(NEW)


async def test_who_leaves_takes_the_prompt_from_nobody(grants: Grants) -> None:
    person = Person()
    consent = Consent(person, grants)
    leaving, staying = (asyncio.create_task(consent.allows(NEW)) for _ in range(2))
    await person.looking.wait()
    leaving.cancel()
    person.answer.set_result(ConsentAnswer.YES)
    assert await staying
    assert leaving.cancelled()


# Keeping -----------------------------------------------------------------------------------


def test_the_file_is_its_owners_alone(file: GrantFile) -> None:
    file.decide(NEW, True, "command")
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700


def test_two_writers_lose_nothing(file: GrantFile) -> None:
    for number in range(5):
        file.decide(f"https://n{number}.example.cn", True, "command")
        GrantFile(file.path.parent).decide(f"https://m{number}.example.cn", False, "prompt")
    assert len(file.read()) == 10
    assert [entry.name for entry in file.path.parent.iterdir()] == [file.path.name]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version":2,"origins":{}}', '{"origins":{"a":1}}'])
def test_what_cannot_be_read_allows_nobody(file: GrantFile, content: str) -> None:
    file.decide(NEW, True, "command")
    file.path.write_text(content, encoding="utf-8")
    assert not Grants(file).allows(NEW)
    with pytest.raises(PrivateFileUnreadable, match=str(file.path)):
        file.decide(ALLOWED, True, "command")


def test_a_file_that_others_may_write_allows_nobody(file: GrantFile) -> None:
    file.decide(NEW, True, "command")
    file.path.chmod(0o666)
    assert not Grants(file).allows(NEW)


def test_decisions_lie_outside_the_folder_of_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for state in ("", str(tmp_path / "gaopai"), f"{tmp_path / 'gaopai'}:{tmp_path / 'gaopai-access'}"):
        monkeypatch.setenv("STATE_DIRECTORY", state)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        folder = configuration.access_folder(configuration.AccessConfig())
        root = configuration.storage_root(configuration.StorageConfig())
        assert folder == tmp_path / "gaopai-access"
        assert root not in (folder, *folder.parents)
