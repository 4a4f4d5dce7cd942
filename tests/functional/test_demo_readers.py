"""The demo's readers and sensors through the whole service, with the real matcher."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from server.app import create_app
from server.config import Config
from server.devices.adapters.demo import DemoCardReaderFinder, DemoFingerSensorFinder, card_reader
from server.equipment import Finders
from tests.functional.page import Page, connect


@pytest.fixture
async def page(config: Config) -> AsyncIterator[Page]:
    """A page of a service with demo readers and sensors, the faulty ones too."""
    finders = Finders(
        cards=[DemoCardReaderFinder(faulty=True, pace=0.5)],
        fingerprints=[DemoFingerSensorFinder(faulty=True, pace=0.05)],
    )
    app = await asyncio.to_thread(create_app, config, finders)
    runner = web.AppRunner(app, shutdown_timeout=5.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with connect(f"ws://127.0.0.1:{runner.addresses[0][1]}/") as page:
        yield page
    await runner.cleanup()


async def place(page: Page, func: str, entries: str, name: str) -> int:
    """The number of the device whose name ends so."""
    names = [entry["devName"] for entry in (await page.must(func))[entries]]
    return next(number for number, each in enumerate(names) if each.endswith(name))


@pytest.mark.parametrize("kind", [0, 1, 2])
async def test_where_no_reader_is_named_the_sound_one_is_read(page: Page, kind: int) -> None:
    answer = await page.must("ReadIDCardInfo", idType=kind)
    key = ("cardInfo", "IDCardInfo", "idNum")[kind]
    assert (answer[key] if kind == 2 else answer[key]["id"]) == (card_reader.NUMBER, card_reader.BANK_NUMBER)[
        kind == 2
    ]


async def test_the_demo_resident_has_a_portrait(page: Page) -> None:
    card = (await page.must("ReadIDCardInfo"))["cardInfo"]
    assert base64.b64decode(card["imageBase64"]).startswith(b"\x89PNG")
    assert (card["imageReason"], card["form"]) == ("", "citizen")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("(no card)", 6002),
        ("(card taken away)", 6003),
        ("(wrong card)", 6004),
        ("(silent card)", 6005),
        ("(busy)", 2002),
        ("(unplugged while reading)", 2003),
    ],
)
async def test_every_fault_of_a_reader_has_its_code(page: Page, fault: str, code: int) -> None:
    number = await place(page, "GetCardReaderInfo", "cardReaders", fault)
    assert (await page.ask("ReadIDCardInfo", devNum=number, timeout=1500))["result"] == code


@pytest.mark.long
async def test_a_finger_is_enrolled_and_matched(page: Page) -> None:
    number = await page.send("ReadFingerInfo", presses=3)
    while (taken := await page.answer(number))["func"] == "Notify":
        pass
    assert taken["result"] == 0
    assert taken["fingerFeature"].count(";") == 2
    by_feature = await page.must("FingerMatch", fingerFeature=taken["fingerFeature"])
    by_picture = await page.must("FingerMatch", fingerImageBase64=taken["fingerImageBase64"])
    assert min(by_feature["similarity"], by_picture["similarity"]) >= 0.9
    other = await place(page, "GetFingerReaderInfo", "fingerReaders", "(another finger)")
    differ = await page.ask("FingerMatch", fingerFeature=taken["fingerFeature"], devNum=other, timeout=1000)
    assert differ["result"] == 7003
    assert differ["similarity"] < 0.9


@pytest.mark.parametrize(("fault", "code"), [("(no finger)", 7001), ("(unclear finger)", 7002)])
async def test_every_fault_of_a_sensor_has_its_code(page: Page, fault: str, code: int) -> None:
    number = await place(page, "GetFingerReaderInfo", "fingerReaders", fault)
    assert (await page.ask("ReadFingerInfo", devNum=number, timeout=500))["result"] == code


async def test_a_feature_of_an_id_card_is_refused_with_its_reason(page: Page) -> None:
    answer = await page.ask("FingerMatch", fingerFeature=base64.b64encode(b"C" + bytes(511)).decode())
    assert answer["result"] == 7005
    assert "GA 1012" in answer["errorMsg"]
