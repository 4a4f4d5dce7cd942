"""S43: an address of a download is good once, for minutes, for the page that it was given to."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from server.config import LimitsConfig
from server.services.files.handlers import MOST_TICKETS, Downloads
from tests.functional.conftest import ALLOWED, OTHER, Running
from tests.functional.page import connect
from tests.functional.test_stored_files import fetched, made

STRANGER = "https://evil.example.com"
NAVIGATION = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


async def offered(service: Running, origin: str | None, name: str = "a.pdf") -> str:
    async with connect(service.url, origin) as page:
        return str((await page.must("GetFile", path=await made(page, name)))["downloadUrl"])


GOOD = [
    {"Origin": ALLOWED},
    {"Origin": ALLOWED, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
    {"Referer": f"{ALLOWED}/", **NAVIGATION},
    {"Referer": f"{ALLOWED}/case?17"},
]
BAD = [
    {"Origin": OTHER},
    {"Origin": STRANGER},
    {"Origin": "null"},
    {"Origin": OTHER, "Referer": f"{ALLOWED}/"},
    NAVIGATION,
    {"Referer": f"{OTHER}/", **NAVIGATION},
    {"Referer": f"{STRANGER}/{ALLOWED}"},
    {"Referer": f"{ALLOWED}.evil.example.com/"},
    {"Referer": "about:blank"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin"},
    {},
]


@pytest.mark.parametrize("headers", GOOD)
async def test_the_page_that_asked_gets_it_once(service: Running, headers: dict[str, str]) -> None:
    url = await offered(service, ALLOWED)
    assert (await fetched(url, **headers))[0] == 200
    for again in GOOD:
        assert (await fetched(url, **again))[0] == 404


@pytest.mark.parametrize("headers", BAD)
async def test_nobody_else_does_nor_uses_it_up(service: Running, headers: dict[str, str]) -> None:
    url = await offered(service, ALLOWED)
    status, body, answered = await fetched(url, **headers)
    assert status == 403 and b"%PDF" not in body and "Access-Control-Allow-Origin" not in answered
    assert (await fetched(url, Origin=ALLOWED))[0] == 200


async def test_a_program_gets_its_own_and_no_pages(service: Running) -> None:
    url = await offered(service, None)
    for headers in ({"Origin": ALLOWED}, NAVIGATION, {"Referer": f"{ALLOWED}/"}):
        assert (await fetched(url, **headers))[0] == 403
    assert (await fetched(url))[0] == 200


async def test_the_services_own_page_gets_its_own(service: Running) -> None:
    url = await offered(service, service.http)
    assert (await fetched(url, **{"Sec-Fetch-Site": "cross-site"}))[0] == 403
    assert (await fetched(url, **{"Sec-Fetch-Site": "same-origin"}))[0] == 200


async def test_only_an_allowed_page_can_read_that_an_address_is_used_up(service: Running) -> None:
    async with aiohttp.ClientSession() as http:
        for origin, allowed in ((ALLOWED, ALLOWED), (STRANGER, None)):
            async with http.get(f"{service.http}/download/x", headers={"Origin": origin}) as answer:
                assert answer.status == 404
                assert answer.headers.get("Access-Control-Allow-Origin") == allowed


async def test_two_at_once_get_one(service: Running) -> None:
    url = await offered(service, ALLOWED)
    answers = await asyncio.gather(*(fetched(url, Origin=ALLOWED) for _ in range(8)))
    assert sorted(status for status, _, _ in answers) == [200] + [404] * 7


async def test_another_host_name_is_refused_first(service: Running) -> None:
    url = await offered(service, ALLOWED)
    assert (await fetched(url, Origin=ALLOWED, Host="evil.example.com"))[0] == 421
    assert (await fetched(url, Origin=ALLOWED))[0] == 200


async def test_other_methods_neither_give_nor_use_it(service: Running) -> None:
    url = await offered(service, ALLOWED)
    async with aiohttp.ClientSession() as http:
        for method in ("HEAD", "POST", "PUT", "DELETE"):
            async with http.request(method, url, headers={"Origin": ALLOWED}) as answer:
                assert answer.status == 405
        for origin, allowed in ((ALLOWED, ALLOWED), (OTHER, None), (STRANGER, None)):
            async with http.options(url, headers={"Origin": origin}) as answer:
                assert answer.status == 204
                assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    assert (await fetched(url, Origin=ALLOWED))[0] == 200


async def test_guesses_and_broken_tickets_lead_nowhere(service: Running) -> None:
    await offered(service, ALLOWED)
    for ticket in ("x", "A" * 32, "a" * 65, "%2e%2e%2fa.pdf", "a/b", ""):
        assert (await fetched(f"{service.http}/download/{ticket}", Origin=ALLOWED))[0] == 404


async def test_a_file_that_was_exchanged_meanwhile_is_not_given(service: Running) -> None:
    url = await offered(service, ALLOWED)
    (service.root / "a.pdf").unlink()
    async with connect(service.url, OTHER) as page:
        await made(page, "a.pdf")
    status, body, _ = await fetched(url, Origin=ALLOWED)
    assert status == 410 and b"%PDF" not in body


async def test_names_and_kinds_of_files_make_no_page(service: Running) -> None:
    url = await offered(service, ALLOWED, 'a"; x=<b>.pdf')
    _, _, headers = await fetched(url, Origin=ALLOWED)
    assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%22%3B%20x%3D%3Cb%3E.pdf"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_the_address_says_nothing_of_the_file(service: Running) -> None:
    assert "zhang" not in await offered(service, ALLOWED, "zhang-san.pdf")


def test_tickets_end_and_are_bounded() -> None:
    now = [0.0]
    downloads = Downloads(lambda: LimitsConfig(kept_minutes=2), lambda: now[0])
    first = downloads.offer(ALLOWED, "a")
    theirs = downloads.offer(OTHER, "b")
    assert downloads.find(first) is not None
    tickets = [downloads.offer(ALLOWED, "a") for _ in range(MOST_TICKETS)]
    assert downloads.find(first) is None and downloads.find(theirs) is not None
    assert len(set(tickets)) == MOST_TICKETS and all(len(ticket) >= 32 for ticket in tickets)
    now[0] = 119.0
    assert downloads.find(tickets[-1]) is not None
    now[0] = 121.0
    assert downloads.find(tickets[-1]) is None and not downloads.take(tickets[-1])
    assert downloads.find(theirs) is None
