"""Card reader services over HTTP: ZKTeco (24010) and Synjones (8989), as their pages speak to them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import config as configuration
from server.config import Config
from server.devices.ports.card_reader import CardKind
from server.dialects.identity import ReadResident
from server.dialects.zkteco import as_object, as_text, certificate
from server.errors import CardSilent, CardTakenAway, CardUnreadable, DriverMissing, GaopaiError
from tests.dialects.conftest import Ports
from tests.dialects.pages import HttpPage, http_page
from tests.fakes.card_reader import RESIDENT
from tests.functional.conftest import ALLOWED, Running

READ = "/ZKIDROnline/ScanReadIdCardInfo?OP-DEV=1&CMD-URL=4"
REPAIRS: dict[str, Callable[[str], Any]] = {
    "doubled": lambda text: json.loads(text.replace("\\", "\\\\")),
    "turned": lambda text: json.loads(text.replace("\\", "/")),
    "evaluated": lambda text: json.loads(re.sub(r"\\([^\"\\/bfnrtu])", r"\1", text)),
}
"""Changes that pages make to the text before they parse it; JavaScript drops a needless backslash itself."""


@pytest.fixture
async def zk(service: Running, ports: Ports) -> AsyncIterator[HttpPage]:
    async with http_page(ports.http("zkteco")) as page:
        yield page


@pytest.fixture
async def syn(service: Running, ports: Ports) -> AsyncIterator[HttpPage]:
    async with http_page(ports.http("synjones")) as page:
        yield page


async def text(page: HttpPage, path: str, **headers: str) -> str:
    """The text that a GET is answered with."""
    async with page.request("GET", path, headers=headers or page.headers) as response:
        assert response.status == 200
        return await response.text()


# ZKTeco ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/ZKIDROnline/info", "/ZKIDROnline/info?0.5312", "/req/ZKIDROnline/info"])
async def test_the_service_lives(service: Running, zk: HttpPage, path: str) -> None:
    for cards in ([service.reader], []):
        service.cards.devices = list(cards)
        answer = await zk.get(path)
        assert answer["ret"] == 0
        assert answer["data"]["server_version"]


@pytest.mark.parametrize("tail", ["", "&REPEAT=1?0.5312", "&READTYPE=1&common=1", "&random=0.77"])
@pytest.mark.parametrize("repair", REPAIRS)
async def test_the_text_is_no_json_until_it_is_repaired(zk: HttpPage, tail: str, repair: str) -> None:
    answer = await text(zk, READ + tail)
    with pytest.raises(ValueError, match="escape"):
        json.loads(answer)
    assert '"CardType": "' not in answer
    repaired = REPAIRS[repair](answer)
    assert repaired["ret"] == 0
    card = repaired["Certificate"]
    assert card["Name"] == "王小明"
    assert (card["Birthday"], card["ValidDate"]) == ("1988.02.29", "2034.01.01")
    assert set(card) == {
        *("Name", "Sex", "Nation", "Birthday", "Address", "IDNumber"),
        *("IDIssued", "IssuedData", "ValidDate", "Base64Photo"),
    }


async def test_errors_are_json(service: Running, zk: HttpPage) -> None:
    service.reader.put.clear()
    assert await zk.get(READ) == {"ret": 10}
    service.reader.put.set()
    faults: dict[GaopaiError, int] = {
        CardTakenAway(device="x"): 11,
        CardSilent(device="x"): 2,
        CardUnreadable(device="x", reason="y"): 30,
    }
    for fault, code in faults.items():
        service.reader.fault = fault
        assert await zk.get(READ) == {"ret": code}
    service.reader.fault = None
    del service.reader.cards[CardKind.RESIDENT]
    assert await zk.get(READ) == {"ret": 11}
    assert await zk.get("/ZKIDROnline/MFCard?OP-DEV=1&CMD-URL=1&iPort=3") == {"ret": 30}


async def test_no_reader_and_a_voice(service: Running, zk: HttpPage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await zk.get("/ZKIDROnline/ScanReadIdCardInfo?OP-DEV=1&CMD-URL=16&VoiceType=0") == {"ret": 0}
    assert service.reader.history == []
    service.cards.devices = []
    await asyncio.sleep(0)
    monkeypatch.setattr("server.services.leases.FRESH_SECONDS", 0.0)
    await zk.get("/ZKIDROnline/info")
    assert await zk.get(READ) == {"ret": 1}


class TestObject:
    @pytest.fixture
    def config(self, config: Config) -> Config:
        section = configuration.replace(config.dialects.zkteco, answer="object", dates="plain")
        return configuration.replace(config, dialects=configuration.replace(config.dialects, zkteco=section))

    async def test_json_for_pages_that_want_it(self, zk: HttpPage) -> None:
        card = (await zk.get(READ))["Certificate"]
        assert (card["Name"], card["Birthday"]) == ("王小明", "19880229")


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_whatever_a_card_says_the_text_can_be_repaired(said: str) -> None:
    card = replace(RESIDENT, name=said, address=said, end="长期")
    members = certificate(ReadResident(card, "/9j/"), "dotted")
    answer = as_text(members).decode()
    for repair in REPAIRS.values():
        repaired = repair(answer)
        assert repaired["ret"] == 0
        assert repaired["Certificate"]["ValidDate"] == "长期"
    assert json.loads(as_object(members))["Certificate"]["Address"] == said.strip()


# Synjones ----------------------------------------------------------------------------------


async def test_a_card_of_texts(syn: HttpPage) -> None:
    answer = await syn.get("/api/ReadMsg?_=1700000000000")
    assert (answer["retcode"], answer["code"]) == ("0x90 0x1", "0")
    assert "操作成功" in answer["retmsg"]
    assert (answer["name"], answer["EngName"], answer["CardType"]) == ("王小明", "WANG, XIAOMING", "3")
    assert (answer["born"], answer["userlifeb"], answer["userlifee"]) == ("19880229", "20240101", "20340101")
    assert all(isinstance(value, str) for value in answer.values())


async def test_failures(service: Running, syn: HttpPage) -> None:
    service.reader.put.clear()
    assert (await syn.get("/api/ReadMsg"))["retcode"] == "0x41"
    service.reader.put.set()
    service.reader.fault = CardTakenAway(device="x")
    answer = await syn.get("/api/ReadMsg")
    assert (answer["retcode"], answer["cardno"]) == ("0x41", "")
    service.reader.fault = CardUnreadable(device="x", reason="y")
    answer = await syn.get("/api/ReadMsg")
    assert answer["retcode"] not in ("0x90 0x1", "0x41", "0x1")
    assert answer["errmsg"]
    service.reader.fault = DriverMissing(kind="x", reason="y")
    assert (await syn.get("/api/ReadMsg"))["retcode"] == "0x1"


async def test_a_second_reading_is_told_that_there_is_no_card(service: Running, syn: HttpPage) -> None:
    service.reader.going_on.clear()
    first = asyncio.create_task(syn.get("/api/ReadMsg"))
    while "read" not in service.reader.history:
        await asyncio.sleep(0.01)
    assert (await syn.get("/api/ReadMsg"))["retcode"] == "0x41"
    service.reader.going_on.set()
    assert (await first)["retcode"] == "0x90 0x1"


async def test_other_requests(syn: HttpPage) -> None:
    assert await syn.get("/api/Version") == {"retcode": "0", "retmsg": "v3.0"}
    assert (await syn.get("/api/OpenDevice?Port=100&Baud=0"))["code"] == "0"
    assert (await syn.get("/api/CloseDevice"))["code"] == "0"
    assert (await syn.get("/api/M1Reset"))["code"] == "1"
    assert (await syn.get("/api/ReadMsg?NoPhoto=1"))["photobase64"] == ""


SCRIPT = {"Referer": f"{ALLOWED}/page", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "script"}


async def test_a_script_element_reads_a_card(syn: HttpPage) -> None:
    path = "/api/ReadMsg?callback=jQuery351_17&_=1"
    async with syn.request("GET", path, headers=SCRIPT) as response:
        assert response.content_type == "application/javascript"
        answer = await response.text()
    assert answer.startswith("/**/jQuery351_17({")
    assert answer.endswith("});")
    assert json.loads(answer.removeprefix("/**/jQuery351_17(").removesuffix(");"))["name"] == "王小明"


@pytest.mark.parametrize(
    "callback", ["", "alert(1)//", "a b", "a;b", "<script>", "a%0ab", "1a", "x" * 200, "%E9%AB%98", "a\u2028"]
)
async def test_names_of_callbacks_are_checked(service: Running, syn: HttpPage, callback: str) -> None:
    async with syn.request("GET", f"/api/ReadMsg?callback={callback}", headers=SCRIPT) as response:
        assert response.status == 400
    assert service.reader.history == []


async def test_a_script_element_without_a_callback_reads_nothing(service: Running, syn: HttpPage) -> None:
    async with syn.request("GET", "/api/ReadMsg", headers=SCRIPT) as response:
        assert response.status == 403
    assert service.reader.history == []


async def test_a_page_for_an_old_browser_is_no_page(service: Running, syn: HttpPage) -> None:
    service.reader.cards[CardKind.RESIDENT] = replace(RESIDENT, name="<script>alert(1)</script>")
    answer = await text(syn, "/api/ReadMsg?ie=1")
    assert "<" not in answer
    assert json.loads(answer)["name"] == "<script>alert(1)</script>"


@pytest.mark.parametrize("path", ["/", "/api", "/api/", "/api/Nothing", "/ZKIDROnline/x", "/ReadMsg"])
async def test_other_paths(syn: HttpPage, zk: HttpPage, path: str) -> None:
    for page in (syn, zk):
        async with page.request("GET", path) as response:
            assert response.status == 404
